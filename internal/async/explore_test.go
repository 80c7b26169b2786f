package async_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"cookbook/internal/async"
	"cookbook/internal/explore/spec"
)

// resultOf is what an error is called in a specification.
func resultOf(err error) string {
	if err == nil {
		return spec.OK
	}
	for _, r := range []struct {
		err  error
		name string
	}{
		{async.ErrCancelled, spec.Cancelled}, {async.ErrNotLocked, spec.NotLocked}, {async.ErrClosed, spec.Closed},
		{async.ErrFull, spec.Full}, {async.ErrEmpty, spec.Empty}, {async.ErrTooMany, spec.TooMany},
	} {
		if errors.Is(err, r.err) {
			return r.name
		}
	}
	return err.Error()
}

// A stage is a loop that runs in a goroutine of its own. The threads of a program have it run a task for each of their calls, so
// every order in which the calls can reach the loop comes.
type stage struct {
	loop  *async.Loop
	env   *spec.Env
	tasks []*async.Future[string] // the last one of each thread
	left  atomic.Int32
	ended chan struct{}
}

func newStage(env *spec.Env) *stage {
	s := &stage{loop: async.NewLoop(), env: env, tasks: make([]*async.Future[string], env.Threads()), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		defer s.loop.Close()
		s.loop.RunForever(context.Background())
	}()
	return s
}

// run makes a call in a task. The call is cancelled with its thread's context, but not before it has begun. If it is to cancel the
// others, it does so in its own turn, before they can run with what it has given them.
func (s *stage) run(c spec.Call, call func(t *async.Task) string) string {
	ctx := s.env.Context(c.Thread)
	var task *async.Future[string]
	result := make(chan string, 1)
	s.loop.CallSoonThreadsafe(func() {
		task = async.CreateTask(s.loop, func(t *async.Task) (string, error) {
			r := call(t)
			if strings.HasSuffix(c.Op, spec.AndCancel) {
				s.cancel(c.Thread)
			}
			result <- r
			return "", nil
		})
		s.tasks[c.Thread] = task
	})
	if ctx.Err() == nil {
		select {
		case r := <-result:
			return r
		case <-ctx.Done():
		}
	}
	_ = context.Cause(ctx) // asks for the cause, as a call that waits does
	s.loop.CallSoonThreadsafe(func() {
		s.loop.CallSoon(func() { task.Cancel() })
	})
	return <-result
}

// cancel cancels the calls of all threads but one.
func (s *stage) cancel(by int) {
	for i, task := range s.tasks {
		if i != by && task != nil {
			task.Cancel()
		}
	}
	s.env.Cancel(by)
}

// leave ends the loop when all threads have left.
func (s *stage) leave(int) {
	if int(s.left.Add(1)) == s.env.Threads() {
		s.loop.CallSoonThreadsafe(s.loop.Stop)
	}
	<-s.ended
}

func TestEveryOrderOfLock(t *testing.T) {
	spec.Explore(t, &spec.Primitive[spec.LockState]{
		Name: "async.Lock",
		Ops:  []string{spec.Acquire, spec.Release, spec.Try, spec.Cancel},
		New: func(env *spec.Env) (func(spec.Call) string, func(int)) {
			s, l := newStage(env), async.NewLock("l")
			return func(c spec.Call) string {
				return s.run(c, func(t *async.Task) string {
					switch c.Op {
					case spec.Acquire:
						return resultOf(l.Acquire(t))
					case spec.Try:
						return spec.YesOrNo(l.TryAcquire(t))
					}
					return resultOf(l.Release())
				})
			}, s.leave
		},
		Spec: spec.Lock(false),
	})
}

func TestEveryOrderOfSemaphore(t *testing.T) {
	spec.Explore(t, &spec.Primitive[spec.SemaphoreState]{
		Name: "async.Semaphore",
		Ops:  []string{spec.Acquire, spec.Release, spec.Cancel, spec.Try},
		New: func(env *spec.Env) (func(spec.Call) string, func(int)) {
			s := newStage(env)
			sem, err := async.NewSemaphore("s", 1)
			if err != nil {
				panic(err)
			}
			return func(c spec.Call) string {
				return s.run(c, func(t *async.Task) string {
					switch c.Op {
					case spec.Acquire:
						return resultOf(sem.Acquire(t))
					case spec.Try:
						return spec.YesOrNo(sem.TryAcquire())
					}
					return resultOf(sem.Release())
				})
			}, s.leave
		},
		Spec: spec.Semaphore(1, 0),
	})
}

func TestEveryOrderOfEvent(t *testing.T) {
	spec.Explore(t, &spec.Primitive[spec.EventState]{
		Name: "async.Event",
		Ops:  []string{spec.Wait, spec.Set, spec.Clear, spec.Cancel, spec.IsSet},
		New: func(env *spec.Env) (func(spec.Call) string, func(int)) {
			s, e := newStage(env), async.NewEvent("e")
			return func(c spec.Call) string {
				return s.run(c, func(t *async.Task) string {
					switch c.Op {
					case spec.Wait:
						return resultOf(e.Wait(t))
					case spec.Set:
						e.Set()
					case spec.Clear:
						e.Clear()
					case spec.IsSet:
						return spec.YesOrNo(e.IsSet())
					}
					return spec.OK
				})
			}, s.leave
		},
		Spec: spec.Event(),
	})
}

func TestEveryOrderOfQueue(t *testing.T) {
	for name, ops := range map[string][]string{
		"handing over": {spec.Put, spec.Get, spec.Close, spec.Cancel, spec.TryGet, spec.TryPut},
		"joining":      {spec.Put, "get; task done", spec.Join, spec.Done, spec.Cancel},
	} {
		t.Run(name, func(t *testing.T) {
			spec.Explore(t, &spec.Primitive[spec.QueueState]{
				Name: "async.Queue",
				Ops:  ops,
				New:  newQueue,
				Spec: spec.Queue(spec.FIFO, 1),
			})
		})
	}
}

// newQueue makes a queue of one place, as a primitive is made.
func newQueue(env *spec.Env) (func(spec.Call) string, func(int)) {
	s := newStage(env)
	q, err := async.NewQueue[string]("q", 1)
	if err != nil {
		panic(err)
	}
	return func(c spec.Call) string {
		return s.run(c, func(t *async.Task) string { return callQueue(q, t, c) })
	}, s.leave
}

func callQueue(q *async.Queue[string], t *async.Task, c spec.Call) string {
	got := func(item string, err error) string {
		if err != nil {
			return resultOf(err)
		}
		return item
	}
	switch strings.TrimSuffix(c.Op, spec.AndCancel) {
	case spec.Put:
		return resultOf(q.Put(t, c.Name()))
	case spec.TryPut:
		return resultOf(q.TryPut(c.Name()))
	case spec.Get:
		return got(q.Get(t))
	case spec.TryGet:
		return got(q.TryGet())
	case spec.Done:
		return resultOf(q.TaskDone())
	case spec.Join:
		return resultOf(q.Join(t))
	}
	q.Close()
	return spec.OK
}
