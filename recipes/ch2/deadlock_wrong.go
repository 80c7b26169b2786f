package ch2

import (
	"context"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

var deadlockWrong = []catalog.Wrong{
	{Name: "opposite-order", Title: "takes two locks in opposite orders", Run: takeInOppositeOrders},
}

// takeInOppositeOrders lets each of two threads take both locks, and begin with the one that the other takes last.
func takeInOppositeOrders(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	lock1, lock2 := namedLock{threading.NewLock("lock 1"), "lock 1"}, namedLock{threading.NewLock("lock 2"), "lock 2"}
	takeBoth := func(name string, first, second namedLock) *threading.Thread {
		return threading.NewThread(main, func(t *threading.Thread) error {
			return threading.With(t, first, func() error {
				out.Actor(name).Printf("%s holds %s, wants %s", name, first.name, second.name)
				if err := out.Sleep(t, time.Second); err != nil {
					return err
				}
				return threading.With(t, second, func() error {
					out.Actor(name).Printf("%s has both", name)
					return nil
				})
			})
		}, threading.WithName(name))
	}
	return threading.Run(main, takeBoth("Thread-A", lock1, lock2), takeBoth("Thread-B", lock2, lock1))
}
