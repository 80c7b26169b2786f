package ch3

import (
	"context"
	"errors"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

var primitivesWrong = []catalog.Wrong{
	{Name: "lost-update", Title: "reads and writes without the lock", Run: addWithoutLock},
	{Name: "opposite-order", Title: "takes two locks in opposite orders", Run: lockCrosswise},
}

// addWithoutLock has two processes add 1 to one number. Each step is atomic, but reading and writing are two steps.
func addWithoutLock(ctx context.Context, out *transcript.Log) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()
	number, err := process.NewValue(g, 0)
	if err != nil {
		return err
	}
	p1 := process.New(g, readAndWrite, number, process.WithName("p1"))
	p2 := process.New(g, readAndWrite, number, process.WithName("p2"))
	pause := func() error { return out.Sleep(ctx, 2*time.Second) } // far more than one addition takes
	if err := errors.Join(p1.Start(), pause(), p2.Start(), g.Join(ctx)); err != nil {
		return err
	}
	out.Printf("the number is %d", number.Load())
	return nil
}

var readAndWrite = process.Register("ch3.read_and_write", func(ctx context.Context, n *process.Value[int]) (struct{}, error) {
	read := n.Load()
	process.Log(ctx).Actor(process.Current(ctx).Name()).Printf("adding 1 to %d", read)
	n.Store(read + 1)
	return struct{}{}, nil
})

// lockCrosswise has two processes take two locks, each the one first that the other takes last.
func lockCrosswise(ctx context.Context, out *transcript.Log) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()
	lock1, err1 := process.NewLock(g, "lock 1")
	lock2, err2 := process.NewLock(g, "lock 2")
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	p1 := process.New(g, takeBoth, [2]*process.Lock{lock1, lock2}, process.WithName("p1"))
	p2 := process.New(g, takeBoth, [2]*process.Lock{lock2, lock1}, process.WithName("p2"))
	pause := func() error { return out.Sleep(ctx, 2*time.Second) } // far more than p1 needs
	if err := errors.Join(p1.Start(), pause(), p2.Start(), g.Join(ctx)); err != nil {
		return err
	}
	out.Printf("both had both locks")
	return nil
}

var takeBoth = process.Register("ch3.take_both", func(ctx context.Context, locks [2]*process.Lock) (struct{}, error) {
	me := process.Log(ctx).Actor(process.Current(ctx).Name())
	return struct{}{}, process.With(ctx, locks[0], func() error {
		me.Printf("holds one lock, wants the other")
		return process.With(ctx, locks[1], func() error {
			me.Printf("holds both locks")
			return nil
		})
	})
})
