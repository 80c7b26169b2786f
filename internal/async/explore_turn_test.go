package async_test

import (
	"testing"

	"cookbook/internal/async"
	"cookbook/internal/explore/spec"
)

// What is given to a task that is cancelled in the same turn goes to the next one.

func TestEveryOrderOfLockThatIsGivenAndCancelled(t *testing.T) {
	spec.Explore(t, &spec.Primitive[spec.LockState]{
		Name: "async.Lock",
		Ops:  []string{spec.Acquire, spec.Release, spec.Release + spec.AndCancel},
		New: func(env *spec.Env) (func(spec.Call) string, func(int)) {
			s, l := newStage(env), async.NewLock("l")
			return func(c spec.Call) string {
				return s.run(c, func(t *async.Task) string {
					if c.Op == spec.Acquire {
						return resultOf(l.Acquire(t))
					}
					return resultOf(l.Release())
				})
			}, s.leave
		},
		Spec: spec.LateCancel(spec.Lock(false)),
	})
}

func TestEveryOrderOfSemaphoreThatIsGivenAndCancelled(t *testing.T) {
	spec.Explore(t, &spec.Primitive[spec.SemaphoreState]{
		Name: "async.Semaphore",
		Ops:  []string{spec.Acquire, spec.Release, spec.Release + spec.AndCancel},
		New: func(env *spec.Env) (func(spec.Call) string, func(int)) {
			s := newStage(env)
			sem, err := async.NewSemaphore("s", 0)
			if err != nil {
				panic(err)
			}
			return func(c spec.Call) string {
				return s.run(c, func(t *async.Task) string {
					if c.Op == spec.Acquire {
						return resultOf(sem.Acquire(t))
					}
					return resultOf(sem.Release())
				})
			}, s.leave
		},
		Spec: spec.LateCancel(spec.Semaphore(0, 0)),
	})
}

func TestEveryOrderOfQueueThatIsGivenAndCancelled(t *testing.T) {
	spec.Explore(t, &spec.Primitive[spec.QueueState]{
		Name: "async.Queue",
		Ops:  []string{spec.Put, spec.Get, spec.TryGet + spec.AndCancel, spec.TryPut + spec.AndCancel},
		New:  newQueue,
		Spec: spec.LateCancel(spec.Queue(spec.FIFO, 1)),
	})
}
