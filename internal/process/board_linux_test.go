package process

import (
	"context"
	"slices"
	"testing"
	"time"

	"cookbook/internal/waitfor"
)

// grabs takes the first lock, says so, and waits for the second one.
var grabs = Register("test.grabs", func(ctx context.Context, locks [2]*Lock) (struct{}, error) {
	if err := locks[0].Acquire(ctx); err != nil {
		return struct{}{}, err
	}
	Log(ctx).Actor("child").Printf("here")
	return struct{}{}, locks[1].Acquire(ctx)
})

func TestTheBoardTellsOfADeadlockBetweenProcesses(t *testing.T) {
	ctx, board := waitfor.NewContext(t.Context())
	g, err := NewGroup(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	a, b := must[*Lock](t)(NewLock(g, "a")), must[*Lock](t)(NewLock(g, "b"))
	is(t, a.Acquire(ctx), nil)
	p := New(g, grabs, [2]*Lock{b, a}, WithName("other"))
	is(t, p.Start(), nil)
	for !b.Locked() {
		time.Sleep(time.Millisecond)
	}
	waiting := make(chan error)
	waits, end := context.WithCancel(ctx)
	go func() { waiting <- b.Acquire(waits) }()
	want := []string{"main holds a, waits for b (held by other)", "other holds b, waits for a (held by main)"}
	for !slices.Equal(waitfor.Report(board.Waits()), want) {
		time.Sleep(time.Millisecond)
	}
	end()
	is(t, <-waiting, context.Canceled)
}
