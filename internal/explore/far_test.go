package explore

import (
	"context"
	"errors"
	"testing"
	"time"

	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// sayTwo is a process that says two lines.
var sayTwo = process.Register("explore.sayTwo", func(ctx context.Context, _ struct{}) (struct{}, error) {
	me := process.Log(ctx).Actor(process.Current(ctx).Name())
	me.Printf("1")
	me.Printf("2")
	return struct{}{}, nil
})

// sayTwoLocked is the same with the lock held.
var sayTwoLocked = process.Register("explore.sayTwoLocked", func(ctx context.Context, l *process.Lock) (struct{}, error) {
	return struct{}{}, process.With(ctx, l, func() error {
		me := process.Log(ctx).Actor(process.Current(ctx).Name())
		me.Printf("1")
		me.Printf("2")
		return nil
	})
})

// twoOf is a program of two processes, which it joins.
func twoOf[A any](f func(context.Context, A) (struct{}, error), argument func(*process.Group) A) Program {
	return Program{ID: "two", Run: func(ctx context.Context, out *transcript.Log) error {
		g, err := process.NewGroup(ctx, process.WithLog(out))
		if err != nil {
			return err
		}
		defer g.Close()
		arg := argument(g)
		for _, name := range []string{"A", "B"} {
			if err := process.New(g, f, arg, process.WithName(name)).Start(); err != nil {
				return err
			}
		}
		all := g.Children()
		if err := g.Join(ctx); err != nil {
			return err
		}
		for _, p := range all {
			err = errors.Join(err, p.Err())
		}
		return err
	}}
}

func nothing(*process.Group) struct{} { return struct{}{} }

func TestProcesses(t *testing.T) {
	for _, test := range []struct {
		name   string
		p      Program
		orders int
	}{
		{"that wait for nothing", twoOf(sayTwo, nothing), 6},
		{"with a lock", twoOf(sayTwoLocked, func(g *process.Group) *process.Lock {
			l, err := process.NewLock(g, "lock")
			if err != nil {
				t.Error(err)
			}
			return l
		}), 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := Search(t.Context(), test.p, Options{Budget: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != Complete || r.Orders != test.orders || len(r.Faults) > 0 {
				t.Errorf("%v, %d orders from %d schedules in %v, %v %v; want %d", r.Verdict, r.Orders, r.Schedules, r.Elapsed, r.Faults, r.Notes, test.orders)
			}
		})
	}
}
