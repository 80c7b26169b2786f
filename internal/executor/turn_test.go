package executor

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"cookbook/internal/async"
	"cookbook/internal/turn"
	"cookbook/internal/waitfor"
)

// gate is a taker that lets a goroutine begin when the test says so.
type gate struct {
	began chan string
	goOn  chan struct{}
}

func (g gate) Begin(name string) {
	g.began <- name
	<-g.goOn
}

func (gate) Timeout(time.Duration) (<-chan time.Time, func()) { return nil, func() {} }

func TestATakerDecidesWhenAJobBegins(t *testing.T) {
	g := gate{make(chan string), make(chan struct{})}
	pool, err := NewThreadPool(turn.NewContext(t.Context(), g), 1)
	if err != nil {
		t.Fatal(err)
	}
	held, next := Submit(pool, square, 2), Submit(pool, square, 3)
	if name := <-g.began; name != "worker 1" || held.Running() {
		t.Errorf("%s begins, running %t; want worker 1, whose job does not run yet", name, held.Running())
	}
	if !held.Cancel() {
		t.Error("a job that has not begun was not cancelled")
	}
	g.goOn <- struct{}{}
	<-g.began
	g.goOn <- struct{}{}
	if v, err := next.Result(t.Context()); v != 9 || err != nil {
		t.Errorf("the next job: %d, %v", v, err)
	}
	if err := held.Exception(t.Context()); !errors.Is(err, async.ErrCancelled) {
		t.Errorf("the cancelled job: %v", err)
	}
	if err := pool.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestThePoolSaysThatJobsWaitForAWorker(t *testing.T) {
	ctx, board := waitfor.NewContext(t.Context())
	pool, err := NewThreadPool(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	begun, release := make(chan struct{}), make(chan struct{})
	Submit(pool, func(context.Context, int) (int, error) { close(begun); <-release; return 0, nil }, 0)
	<-begun
	if waits := board.Waits(); len(waits) > 0 {
		t.Errorf("nothing is in the queue: %v", waits)
	}
	Submit(pool, square, 1)
	Submit(pool, square, 2)
	if got, want := fmt.Sprint(board.Waits()), "[the pool's queue of length 2 waits for one of its 1 workers]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	close(release)
	if err := pool.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if waits := board.Waits(); len(waits) > 0 {
		t.Errorf("the pool is gone: %v", waits)
	}
}
