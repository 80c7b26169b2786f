package tasks

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"cookbook/internal/distributed/engine/enginetest"
)

// panicky panics when it is written or read as JSON, or as an error.
type panicky struct{ X int }

func (panicky) MarshalJSON() ([]byte, error) { panic("written") }
func (*panicky) UnmarshalJSON([]byte) error  { panic("read") }

type panickyError struct{ text string }

func (e *panickyError) Error() string { return e.text }

var (
	writes = Register("test.writes", func(context.Context, int) (panicky, error) { return panicky{}, nil })
	reads  = Register("test.reads", func(context.Context, panicky) (int, error) { return 0, nil })
	noText = Register("test.no-text", func(context.Context, int) (int, error) { return 0, (*panickyError)(nil) })
	wordy  = Register("test.wordy", func(_ context.Context, n int) (int, error) {
		return 0, errors.New(strings.Repeat("x", n))
	}, WithRetries(2, time.Millisecond))
)

func TestAWorkerOutlivesPanicsOfWhatItsTasksTakeAndReturn(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e)
	app := client(t, e)
	var failed *TaskError
	one, err := writes.Delay(t.Context(), app, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.Get(limited(t)); !errors.As(err, &failed) || failed.Error() == "" || !strings.Contains(failed.Record.Error, "written") {
		t.Error(err)
	}
	for _, name := range []string{reads.Name(), noText.Name()} {
		r, err := add.Request(pair{})
		if err != nil {
			t.Fatal(err)
		}
		r.Name, r.Argument = name, []byte("1")
		if err := app.send(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if _, err := resultOf[int](app, r).Get(limited(t)); !errors.As(err, &failed) || !strings.Contains(failed.Record.Error, "panic: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestALongErrorIsRetriedAsOftenAsAShortOne(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e)
	app := client(t, e)
	r, err := wordy.Delay(t.Context(), app, 2<<20)
	if err != nil {
		t.Fatal(err)
	}
	record, err := r.Wait(limited(t))
	if err != nil || record.Retries != 2 || record.Kind != "" || len(record.Error) > maxError+8 {
		t.Errorf("retries %d, kind %q, %d bytes of text: %v", record.Retries, record.Kind, len(record.Error), err)
	}
}

func TestAGroupSendsAllOfItThatWasNotSentBefore(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e)
	app := client(t, e)
	if _, err := add.Apply(t.Context(), app, pair{1, 2}, WithID("before")); err != nil {
		t.Fatal(err)
	}
	for name, calls := range map[string][]Signature[int]{
		"one of before": {add.S(pair{1, 2}, WithID("before")), add.S(pair{3, 4})},
		"twins":         {add.S(pair{1, 2}, WithID("twin")), add.S(pair{1, 2}, WithID("twin")), add.S(pair{3, 4})},
	} {
		g, err := Group(t.Context(), app, calls...)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := g.Get(limited(t)); err != nil || got[0] != 3 || got[len(got)-1] != 7 {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
}

func TestACallMayWaitForItsTimeLongerThanQueuesKeepCalls(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e)
	app := client(t, e)
	if _, err := app.Ping(limited(t), 1); err != nil { // the worker has made the streams
		t.Fatal(err)
	}
	c := app.stream.CachedInfo().Config
	c.MaxAge, c.Duplicates = 300*time.Millisecond, 300*time.Millisecond
	if _, err := app.conn.JS.UpdateStream(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	r, err := add.Apply(t.Context(), app, pair{1, 2}, WithCountdown(1500*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if sum, err := r.Get(limited(t)); err != nil || sum != 3 {
		t.Error(sum, err)
	}
}

func TestTimesThatTheEngineCannotCountAreRefused(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e)
	app := client(t, e)
	for name, o := range map[string]Option{
		"countdown": WithCountdown(math.MaxInt64), "expires": WithExpires(math.MaxInt64),
		"year 12000": WithETA(time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)), "year -5": WithETA(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)),
	} {
		if _, err := add.Apply(t.Context(), app, pair{1, 2}, o); !errors.Is(err, ErrOption) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, options := range map[string][]Option{
		"retries": {WithRetries(math.MaxInt, math.MaxInt64)}, "limits": {WithSoftLimit(math.MaxInt64 - 1), WithHardLimit(math.MaxInt64)},
		"expires": {WithExpires(farthest - time.Hour)},
	} {
		r, err := add.Apply(t.Context(), app, pair{1, 2}, options...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if sum, err := r.Get(limited(t)); err != nil || sum != 3 {
			t.Errorf("%s: %d %v", name, sum, err)
		}
	}
}

func TestWaitsEndWithTheConnection(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	r, err := add.Delay(t.Context(), app, pair{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	began, done := make(chan struct{}, 3), make(chan error, 3)
	for _, wait := range []func(context.Context) error{
		func(ctx context.Context) error { _, err := r.Get(ctx); return err },
		func(ctx context.Context) error { _, err := app.Ping(ctx, 9); return err },
		func(ctx context.Context) error { return Serve(ctx, app.Conn(), WithQueues("other")) },
	} {
		go func() {
			began <- struct{}{}
			done <- wait(context.Background())
		}()
		<-began
	}
	app.Conn().Close()
	for range 3 {
		select {
		case err := <-done:
			if !errors.Is(err, nats.ErrConnectionClosed) {
				t.Error(err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("something waits without a connection")
		}
	}
}
