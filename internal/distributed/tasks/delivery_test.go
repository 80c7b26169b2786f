package tasks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"cookbook/internal/distributed/engine/enginetest"
)

// onlyOnce waits for its end the first time that it is called for a file, and then says who it is.
var onlyOnce = Register("test.only-once", func(ctx context.Context, file string) (int, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		f.Close()
		<-ctx.Done()
		return 0, context.Cause(ctx)
	}
	return os.Getpid(), nil
})

func TestACallWhoseWorkerIsKilledIsDoneByAnother(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	first := startWorker(t, e, app)
	file := filepath.Join(t.TempDir(), "begun")
	r := ask(t, app, onlyOnce, file)
	for ctx := limited(t); ; {
		if _, err := os.Stat(file); err == nil {
			break
		}
		if ctx.Err() != nil {
			t.Fatal("it has not begun")
		}
		time.Sleep(time.Millisecond)
	}
	second := startWorker(t, e, app)
	if err := first.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	if pid := get(t, r); pid != second.Pid() {
		t.Errorf("done by %d, not by %d", pid, second.Pid())
	}
	t.Logf("the result came %v after the kill", time.Since(killed).Round(time.Millisecond))
}

func TestNothingIsLostWhenWorkersAreKilledAgainAndAgain(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	victim := startWorker(t, e, app)
	all, err := add.ApplyAll(t.Context(), app, pairs(3000))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		next := startWorker(t, e, app)
		if err := victim.Kill(); err != nil {
			t.Fatal(err)
		}
		victim = next
	}
	for i, r := range all {
		if sum := get(t, r); sum != i+1 {
			t.Errorf("%d + 1 = %d", i, sum)
		}
	}
}

func TestAnEngineThatStartsAgainHasLostNothing(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	waiting := ask(t, app, add, pair{1, 2})
	later := ask(t, app, add, pair{3, 4}, WithCountdown(200*time.Millisecond))
	if err := e.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	serve(t, e, WithConcurrency(2))
	if a, b := get(t, waiting), get(t, later); a != 3 || b != 7 {
		t.Error(a, b)
	}
	running := ask(t, app, slow, 300*time.Millisecond, WithTrackStarted())
	if err := e.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := get(t, running); s != "done" {
		t.Error(s)
	}
	if sum, err := waiting.Get(limited(t)); sum != 3 || err != nil {
		t.Error(sum, err)
	}
}

// slow takes no notice of its context.
var slow = Register("test.slow", func(_ context.Context, d time.Duration) (string, error) {
	time.Sleep(d)
	return "done", nil
})

func TestTheEngineStartingAgainDoesNotShortenThePauseBeforeARetry(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	var mu sync.Mutex
	var begun, due time.Time
	var early time.Duration
	tried := make(chan struct{}, 10)
	serve(t, e, WithObserver(func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		switch e.Kind {
		case Received:
			begun, early = time.Now(), max(early, time.Until(due))
		case Retried:
			due = begun.Add(e.Again) // at the earliest: the pause begins when the function has returned
			tried <- struct{}{}
		}
	}))
	r := ask(t, app, third, "not yet", WithRetries(2, 2500*time.Millisecond)) // the engine would let it come after 1.5 s
	<-tried
	if err := e.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-tried
	mu.Lock()
	if early > 0 {
		t.Errorf("it came %v too early", early)
	}
	mu.Unlock()
	if err := r.Revoke(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// gated returns when the test lets it.
var gated = Register("test.gated", func(ctx context.Context, _ struct{}) (string, error) {
	select {
	case <-gate:
		return "done", nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
})

var gate = make(chan struct{})

// The engine gives a call to another worker if it hears nothing of it. So its worker says again and again that it is at work.
func TestAWorkerSaysOfALongCallThatItIsAtWork(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	said := make(chan *nats.Msg, 1000)
	sub, err := app.Conn().NC.ChanSubscribe("$JS.ACK.>", said)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Unsubscribe()
	serve(t, e, WithGrace(time.Millisecond))
	r, ctx := ask(t, app, gated, struct{}{}), limited(t)
	for signs := 0; signs < 4; {
		select {
		case m := <-said:
			if string(m.Data) == "+WPI" { // work in progress
				signs++
			}
		case <-ctx.Done():
			t.Fatalf("it has said so %d times", signs)
		}
	}
	close(gate)
	if s := get(t, r); s != "done" {
		t.Error(s)
	}
}

func TestThePauseBeforeARetryDoubles(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	var d diary
	serve(t, e, WithObserver(d.note))
	for _, test := range []struct {
		task *Task[string, int]
		want []time.Duration
	}{
		{bad, []time.Duration{time.Millisecond, 2 * time.Millisecond, 4 * time.Millisecond, 8 * time.Millisecond}},
		{soonAgain, []time.Duration{3 * time.Millisecond, 3 * time.Millisecond, 3 * time.Millisecond, 3 * time.Millisecond}},
	} {
		r := ask(t, app, test.task, "again", WithRetries(4, time.Millisecond))
		if _, err := r.Get(limited(t)); err == nil {
			t.Error("it has succeeded")
		}
		if got := d.pauses(r.ID()); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v", test.task.Name(), got)
		}
	}
}

// soonAgain chooses its pause.
var soonAgain = Register("test.soon-again", func(_ context.Context, s string) (int, error) {
	return 0, RetryIn(3*time.Millisecond, errors.New(s))
})

// pauses are those before the retries of a call.
func (d *diary) pauses(id string) (all []time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.events {
		if e.Kind == Retried && e.Request.ID == id {
			all = append(all, e.Again)
		}
	}
	return all
}

func TestWhatWasFetchedAheadIsHandedBackWhenASlowCallIsInFront(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	serve(t, e, WithGrace(time.Millisecond))
	if _, err := add.ApplyAll(t.Context(), app, pairs(500)); err != nil { // quick ones: the worker fetches ahead
		t.Fatal(err)
	}
	drained(t, app)
	front, err := patient.Request(struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	calls := []*Request{front}
	var results []*AsyncResult[int]
	for i := range 20 {
		r, err := add.Request(pair{i, 0})
		if err != nil {
			t.Fatal(err)
		}
		calls, results = append(calls, r), append(results, resultOf[int](app, r))
	}
	if err := app.sendAll(t.Context(), calls); err != nil {
		t.Fatal(err)
	}
	serve(t, e) // another worker, which is free
	for i, r := range results {
		if n := get(t, r); n != i {
			t.Error(n, i)
		}
	}
}

func TestCallsOfOneIdHaveOneResult(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	request, err := count.Request(nuid.Next(), WithID("same"))
	if err != nil {
		t.Fatal(err)
	}
	stored := make(chan *nats.Msg, 100)
	sub, err := app.conn.NC.ChanSubscribe(app.storedSubject("same"), stored)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Unsubscribe()
	for i := range 50 {
		m, err := app.message(request)
		if err != nil {
			t.Fatal(err)
		}
		m.Header.Set("Nats-Msg-Id", fmt.Sprint("copy ", i))
		if _, err := app.conn.Publish(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	serve(t, e, WithConcurrency(4))
	serve(t, e, WithConcurrency(4))
	get(t, count.Result(app, "same"))
	drained(t, app)
	app.conn.NC.Flush()
	if len(stored) != 1 {
		t.Errorf("%d results were stored", len(stored))
	}
}
