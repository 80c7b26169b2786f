package async

import (
	"context"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"
)

// paceOf sleeps as the bubble's clock does.
func paceOf(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func TestAPacedLoopWakesForAnEarlierTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, ran := NewLoop(WithPace(paceOf)), make(chan error)
		var order []string
		note := func(what string) func() {
			return func() { order = append(order, fmt.Sprint(what, " ", l.Time())) }
		}
		l.CallLater(time.Minute, func() { note("late")(); l.Stop() })
		go func() { ran <- l.RunForever(context.Background()) }()
		synctest.Wait()
		ok(t, l.CallSoonThreadsafe(func() { note("mail")(); l.CallLater(time.Second, note("early")) }))
		ok(t, <-ran)
		equal(t, "order", fmt.Sprintf("%q", order), `["mail 0s" "early 1s" "late 1m0s"]`)
		ok(t, l.Close())
	})
}

func TestALoopWithoutPaceKeepsTheRealClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := Run(t.Context(), nothing(func(main *Task) error {
			ok(t, main.Sleep(time.Second))
			time.Sleep(time.Second) // blocks the loop
			equal(t, "time", main.Loop().Time(), 2*time.Second)
			equal(t, "due", main.Loop().CallLater(time.Minute, func() {}).When(), time.Minute+2*time.Second)
			ended := make(chan struct{})
			go func() {
				time.Sleep(time.Hour)
				main.Loop().CallSoonThreadsafe(func() { close(ended) })
			}()
			f := NewFuture[int]()
			go func() { <-ended; f.SetResult(7) }()
			v, err := f.ResultTimeout(main, 2*time.Hour)
			equal(t, "result", v, 7)
			return err
		}))
		ok(t, err)
	})
}

func TestTheLongestSleepDoesNotEnd(t *testing.T) {
	inLoop(t, "since the clock has no time for it", func(t *testing.T, main *Task) error {
		ok(t, main.Sleep(time.Second))
		forever := CreateTask(main, sleepy(math.MaxInt64, 0))
		called := main.Loop().CallLater(math.MaxInt64, func() { t.Error("it was called") })
		ok(t, main.Sleep(1000*time.Hour))
		equal(t, "over", forever.Done(), false)
		called.Cancel()
		return nil
	})
}

func TestDoneOfATaskThatWasCancelledIsClosed(t *testing.T) {
	inLoop(t, "whether it was asked for before or not", func(t *testing.T, main *Task) error {
		main.Cancel()
		<-main.Done()
		fails(t, main.Sleep(0), ErrCancelled, "")
		main.Uncancel()
		select {
		case <-main.Done():
			t.Error("it is closed when the request is taken back")
		default:
		}
		return nil
	})
}
