package tasks

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
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
	var due time.Time
	var early time.Duration
	tried := make(chan struct{}, 10)
	serve(t, e, WithObserver(func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		switch e.Kind {
		case Received:
			early = max(early, time.Until(due))
		case Retried:
			due = time.Now().Add(e.Again - time.Millisecond)
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
