package tasks

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"cookbook/internal/distributed/engine/enginetest"
)

func TestPingTellsWhatWorkersAre(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e, WithWorkerName("b"), WithConcurrency(3))
	serve(t, e, WithWorkerName("a"), WithQueues("mail", "print"))
	app := client(t, e)
	call, err := patient.Delay(t.Context(), app, struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { call.Revoke(context.Background()) })
	ctx := limited(t)
	for { // until b has begun it
		workers, err := app.Ping(ctx, 2)
		if err != nil || len(workers) != 2 || workers[0].Name != "a" || workers[1].Name != "b" {
			t.Fatalf("%+v, %v", workers, err)
		}
		a, b := workers[0], workers[1]
		if !slices.Equal(a.Queues, []string{"mail", "print"}) || a.Concurrency != 1 || len(a.Active) != 0 {
			t.Errorf("a says %+v", a)
		}
		if !slices.Equal(b.Queues, []string{DefaultQueue}) || b.Concurrency != 3 || b.Pid != os.Getpid() || b.Since.IsZero() || !slices.Contains(b.Tasks, add.Name()) {
			t.Errorf("b says %+v", b)
		}
		if slices.Equal(b.Active, []string{call.ID()}) || t.Failed() {
			return
		}
	}
}

func TestPingReturnsThoseThatHaveAnsweredInTime(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if workers, err := app.Ping(ctx, 1); !errors.Is(err, ErrNoWorker) || !errors.Is(err, context.DeadlineExceeded) || len(workers) != 0 {
		t.Errorf("%v, %v", workers, err)
	}
	serve(t, e, WithWorkerName("only"))
	if _, err := app.Ping(limited(t), 1); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if workers, err := app.Ping(ctx, 2); err != nil || len(workers) != 1 || workers[0].Name != "only" {
		t.Errorf("%v, %v", workers, err)
	}
}

func TestScheduledTellsCallsWhoseTimeHasNotCome(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	at := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	for _, options := range [][]Option{
		{WithID("second"), WithETA(at.Add(time.Hour)), WithQueue("mail"), WithPriority(High)},
		{WithID("first"), WithETA(at)},
		{WithID("now")},
	} {
		if _, err := add.Apply(t.Context(), app, pair{1, 2}, options...); err != nil {
			t.Fatal(err)
		}
	}
	calls, err := app.Scheduled(t.Context(), 10)
	if err != nil || len(calls) != 2 {
		t.Fatalf("%v, %v", calls, err)
	}
	first, second := calls[0], calls[1]
	if first.ID != "first" || !first.ETA.Equal(at) || first.Queue != DefaultQueue || first.Name != add.Name() || string(first.Argument) != `{"X":1,"Y":2}` {
		t.Errorf("%+v", first)
	}
	if second.ID != "second" || !second.ETA.Equal(at.Add(time.Hour)) || second.Queue != "mail" || second.Priority != High {
		t.Errorf("%+v", second)
	}
	if calls, err := app.Scheduled(t.Context(), 1); err != nil || len(calls) != 1 {
		t.Errorf("%v, %v", calls, err)
	}
}
