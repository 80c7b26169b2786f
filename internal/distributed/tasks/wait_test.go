package tasks

import (
	"errors"
	"sync"
	"testing"
	"time"

	"cookbook/internal/distributed/engine/enginetest"
)

func TestAnyNumberMayWaitForOneResult(t *testing.T) {
	e := enginetest.Open(t)
	app, other := client(t, e), client(t, e)
	r := ask(t, app, add, pair{3, 4})
	ctx := limited(t)
	var done sync.WaitGroup
	for i := range 2002 { // a stream has 1,000 consumers at most
		done.Go(func() {
			handle := r
			if i%2 == 1 {
				handle = add.Result(other, r.ID())
			}
			if sum, err := handle.Get(ctx); sum != 7 || err != nil {
				t.Error(sum, err)
			}
		})
	}
	for waiters(app, r.ID()) < 1001 || waiters(other, r.ID()) < 1001 { // who waits for one call shares what is needed for it
		if ctx.Err() != nil {
			t.Fatalf("%d and %d wait together", waiters(app, r.ID()), waiters(other, r.ID()))
		}
		time.Sleep(time.Millisecond)
	}
	serve(t, e)
	done.Wait()
	if n := waiters(app, r.ID()); n != 0 {
		t.Errorf("%d still wait", n)
	}
}

// waiters is how many wait for a call in this process, together.
func waiters(app *App, id string) int {
	app.waits.mu.Lock()
	defer app.waits.mu.Unlock()
	if w := app.waits.of[id]; w != nil {
		return w.waiters
	}
	return 0
}

func TestAWaitForManyResultsNeedsNoConsumers(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	all, err := add.ApplyAll(t.Context(), app, pairs(1200))
	if err != nil {
		t.Fatal(err)
	}
	ctx := limited(t)
	var done sync.WaitGroup
	for i, r := range all {
		done.Go(func() {
			if sum, err := r.Get(ctx); sum != i+1 || err != nil {
				t.Error(sum, err)
			}
		})
	}
	serve(t, e, WithConcurrency(4))
	done.Wait()
}

func TestAResultThatIsNotKeptIsNotWaitedFor(t *testing.T) {
	app := client(t, enginetest.Open(t))
	if _, err := ask(t, app, add, pair{}, WithIgnoreResult()).Get(limited(t)); !errors.Is(err, ErrIgnored) {
		t.Error(err)
	}
	if _, err := add.Result(app, "no id").Get(limited(t)); !errors.Is(err, ErrOption) {
		t.Error(err)
	}
}

func TestAForgottenResultIsPendingAndMayComeAgain(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	serve(t, e)
	r := ask(t, app, add, pair{1, 2}, WithID("once"))
	get(t, r)
	if err := r.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	if state, err := r.State(t.Context()); state != Pending || err != nil {
		t.Error(state, err)
	}
	if _, err := app.conn.JS.Publish(t.Context(), app.taskSubject(DefaultQueue, Normal), []byte("{}")); err != nil { // no id, no name
		t.Fatal(err)
	}
	again, err := add.Request(pair{2, 2}, WithID("once"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := app.message(again)
	if err != nil {
		t.Fatal(err)
	}
	m.Header.Set("Nats-Msg-Id", "another")
	if _, err := app.conn.Publish(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if sum := get(t, r); sum != 4 {
		t.Error(sum)
	}
}
