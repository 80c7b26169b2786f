package async

import (
	"context"
	"errors"
	"testing"
	"time"

	"cookbook/internal/measure/growth"
)

// BenchmarkScale is how the work of a loop grows with its tasks, futures and timers.
func BenchmarkScale(b *testing.B) {
	inLoop := func(b *testing.B, body func(t *Task) error) {
		for b.Loop() {
			if _, err := Run(context.Background(), func(t *Task) (int, error) { return 0, body(t) }); err != nil {
				b.Fatal(err)
			}
		}
	}
	tasks := growth.Tens(1_000_000)
	growth.Run(b, "create and run", "tasks", tasks, func(b *testing.B, n int) {
		inLoop(b, func(t *Task) error {
			all := make([]Awaitable[int], n)
			for i := range all {
				all[i] = CreateTask(t, func(*Task) (int, error) { return i, nil })
			}
			_, err := Gather(t, all...).Result(t)
			return err
		})
	})
	growth.Run(b, "park and wake", "tasks", tasks, func(b *testing.B, n int) {
		inLoop(b, func(t *Task) error {
			gate, all := CreateFuture[int](t), make([]Awaitable[int], n)
			for i := range all {
				all[i] = CreateTask(t, func(t *Task) (int, error) { return gate.Result(t) })
			}
			t.Loop().CallSoon(func() { gate.SetResult(1) })
			_, err := Gather(t, all...).Result(t)
			return err
		})
	})
	growth.Run(b, "coroutines, one awaits the next", "coroutines", growth.Tens(10_000), func(b *testing.B, n int) {
		inLoop(b, func(t *Task) error {
			var deeper func(t *Task, n int) (int, error)
			deeper = func(t *Task, n int) (int, error) {
				if n == 0 {
					return 0, t.Sleep(0)
				}
				return NewCoroutine(func(t *Task) (int, error) { return deeper(t, n-1) }).Run(t)
			}
			_, err := deeper(t, n)
			return err
		})
	})
	growth.Run(b, "timers", "timers", tasks, func(b *testing.B, n int) {
		for b.Loop() {
			l, fired := NewLoop(), 0
			for range n {
				l.CallLater(time.Microsecond, func() {
					if fired++; fired == n {
						l.Stop()
					}
				})
			}
			mustRun(b, l)
		}
	})
	growth.Run(b, "timers, cancelled", "timers", tasks, func(b *testing.B, n int) {
		for b.Loop() {
			l, all := NewLoop(), make([]*Handle, n)
			for i := range all {
				all[i] = l.CallLater(time.Hour, func() {})
			}
			for _, h := range all {
				h.Cancel()
			}
			l.CallSoon(l.Stop)
			mustRun(b, l)
		}
	})
	growth.Run(b, "as_completed", "futures", tasks, func(b *testing.B, n int) {
		inLoop(b, func(t *Task) error {
			all := make([]*Future[int], n)
			for i := range all {
				all[i] = CreateTask(t, func(*Task) (int, error) { return i, nil })
			}
			for _, err := range AsCompleted(t, all...) {
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
	growth.Run(b, "wait for a lock", "tasks", growth.Tens(100_000), func(b *testing.B, n int) {
		inLoop(b, func(t *Task) error {
			l, all := NewLock("lock"), make([]Awaitable[int], n)
			for i := range all {
				all[i] = CreateTask(t, func(t *Task) (int, error) {
					if err := l.Acquire(t); err != nil {
						return 0, err
					}
					err := t.Sleep(0)
					return 0, errors.Join(err, l.Release())
				})
			}
			_, err := Gather(t, all...).Result(t)
			return err
		})
	})
	growth.Run(b, "cancel waits for a lock", "tasks", growth.Tens(100_000), func(b *testing.B, n int) {
		inLoop(b, func(t *Task) error {
			l, all := NewLock("lock"), make([]*Future[int], n)
			if err := l.Acquire(t); err != nil {
				return err
			}
			for i := range all {
				all[i] = CreateTask(t, func(t *Task) (int, error) { return 0, l.Acquire(t) })
			}
			if err := t.Sleep(0); err != nil {
				return err
			}
			for _, f := range all {
				f.Cancel()
			}
			_, _, err := Wait(t, AllCompleted, all...)
			return errors.Join(err, l.Release())
		})
	})
}
