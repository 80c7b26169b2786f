package threading_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"cookbook/internal/explore/spec"
	"cookbook/internal/threading"
)

// result is what an error is called in a specification.
func result(err error) string {
	if err == nil {
		return spec.OK
	}
	for _, r := range []struct {
		err  error
		name string
	}{
		{spec.ErrOver, "over"}, {context.Canceled, spec.Cancelled}, {threading.ErrTimeout, spec.TimedOut},
		{threading.ErrNotLocked, spec.NotLocked}, {threading.ErrNotOwner, spec.NotOwner}, {threading.ErrTooManyReleases, spec.TooMany},
		{threading.ErrBroken, spec.Broken}, {threading.ErrClosed, spec.Closed}, {threading.ErrTooManyDone, spec.TooMany},
		{threading.ErrFull, spec.Full}, {threading.ErrEmpty, spec.Empty}, {threading.ErrStarted, "started"}, {threading.ErrNotStarted, "not started"},
	} {
		if errors.Is(err, r.err) {
			return r.name
		}
	}
	return err.Error()
}

// hold holds a primitive against its specification.
func hold[S comparable](t *testing.T, p *spec.Primitive[S]) {
	spec.Explore(t, p)
	spec.Overlap(t, p)
}

// threadsOf returns a thread for each of a program's. They are main threads, because those begin without being held.
func threadsOf(env *spec.Env) []*threading.Thread {
	threads := make([]*threading.Thread, env.Threads())
	for i := range threads {
		threads[i] = threading.Main(env.Context(i))
	}
	return threads
}

// forgive has a thread give back all that it holds of a lock.
func forgive(l threading.Locker, threads []*threading.Thread) func(int) {
	return func(thread int) {
		for l.Release(threads[thread]) == nil {
		}
	}
}

// acquire makes the calls of what is acquired and released.
func acquire(t *threading.Thread, c spec.Call, l interface {
	Acquire(ctx context.Context) error
	AcquireTimeout(ctx context.Context, d time.Duration) error
	TryAcquire(ctx context.Context) bool
	Release(ctx context.Context) error
}) string {
	switch c.Op {
	case spec.Acquire:
		return result(l.Acquire(t))
	case spec.Acquire + spec.InTime:
		return result(l.AcquireTimeout(t, time.Second))
	case spec.Try:
		return spec.YesOrNo(l.TryAcquire(t))
	}
	return result(l.Release(t))
}

func TestEveryOrderOfLock(t *testing.T) {
	hold(t, &spec.Primitive[spec.LockState]{
		Name: "Lock",
		Ops:  []string{spec.Acquire, spec.Release, spec.Try, spec.Cancel, spec.Acquire + spec.InTime},
		New: func(env *spec.Env) (func(spec.Call) string, func(int)) {
			l, threads := threading.NewLock("l"), threadsOf(env)
			return func(c spec.Call) string { return acquire(threads[c.Thread], c, l) }, nil
		},
		Spec: spec.Lock(false),
	})
}

func TestEveryOrderOfRLock(t *testing.T) {
	hold(t, &spec.Primitive[spec.LockState]{
		Name: "RLock",
		Ops:  []string{spec.Acquire, spec.Release, spec.Try, spec.Cancel, spec.Acquire + spec.InTime},
		New: func(env *spec.Env) (func(spec.Call) string, func(int)) {
			l, threads := threading.NewRLock("l"), threadsOf(env)
			return func(c spec.Call) string { return acquire(threads[c.Thread], c, l) }, forgive(l, threads)
		},
		Spec: spec.Lock(true),
	})
}

func TestEveryOrderOfSemaphore(t *testing.T) {
	for _, test := range []struct {
		name         string
		value, bound int
	}{{"Semaphore", 0, 0}, {"BoundedSemaphore", 1, 1}} {
		t.Run(test.name, func(t *testing.T) {
			hold(t, &spec.Primitive[spec.SemaphoreState]{
				Name: test.name,
				Ops:  []string{spec.Acquire, spec.Release, spec.ReleaseTwo, spec.Cancel, spec.Try, spec.Acquire + spec.InTime},
				New: func(env *spec.Env) (func(spec.Call) string, func(int)) {
					s, err := threading.NewSemaphore("s", test.value)
					if test.bound > 0 {
						s, err = threading.NewBoundedSemaphore("s", test.bound)
					}
					if err != nil {
						panic(err)
					}
					threads := threadsOf(env)
					return func(c spec.Call) string {
						if c.Op == spec.ReleaseTwo {
							return result(s.ReleaseN(threads[c.Thread], 2))
						}
						return acquire(threads[c.Thread], c, s)
					}, nil
				},
				Spec: spec.Semaphore(test.value, test.bound),
			})
		})
	}
}

func TestEveryOrderOfCondition(t *testing.T) {
	for name, ops := range map[string][]string{
		"at one go": {"acquire; wait; release", "acquire; notify; release", "acquire; notify all; release", spec.Cancel, "acquire; wait in time; release"},
		"in steps":  {spec.Acquire, spec.Wait, spec.Release, spec.Notify, spec.Wait + spec.InTime, spec.NotifyAll, spec.Cancel, spec.Try},
	} {
		t.Run(name, func(t *testing.T) {
			hold(t, &spec.Primitive[spec.LockState]{
				Name: "Condition",
				Ops:  ops,
				New: func(env *spec.Env) (func(spec.Call) string, func(int)) {
					l, threads := threading.NewLock("l"), threadsOf(env)
					c := threading.NewCondition(l)
					return func(call spec.Call) string {
						switch t := threads[call.Thread]; call.Op {
						case spec.Wait:
							return result(c.Wait(t))
						case spec.Wait + spec.InTime:
							return result(c.WaitTimeout(t, time.Second))
						case spec.Notify:
							return result(c.Notify(t, 1))
						case spec.NotifyAll:
							return result(c.NotifyAll(t))
						}
						return acquire(threads[call.Thread], call, c)
					}, forgive(l, threads)
				},
				Spec: spec.Condition(),
			})
		})
	}
}

func TestEveryOrderOfEvent(t *testing.T) {
	hold(t, &spec.Primitive[spec.EventState]{
		Name: "Event",
		Ops:  []string{spec.Wait, "set; clear", spec.Set, spec.Clear, spec.Cancel, spec.Wait + spec.InTime, spec.IsSet},
		New: func(env *spec.Env) (func(spec.Call) string, func(int)) {
			e, threads := threading.NewEvent("e"), threadsOf(env)
			return func(c spec.Call) string {
				switch c.Op {
				case spec.Wait:
					return result(e.Wait(threads[c.Thread]))
				case spec.Wait + spec.InTime:
					return result(e.WaitTimeout(threads[c.Thread], time.Second))
				case spec.Set:
					e.Set()
				case spec.Clear:
					e.Clear()
				case spec.IsSet:
					return spec.YesOrNo(e.IsSet())
				}
				return spec.OK
			}, nil
		},
		Spec: spec.Event(),
	})
}

func TestEveryOrderOfQueue(t *testing.T) {
	for _, test := range []struct {
		name  string
		order spec.Order
		make  func() *threading.Queue[string]
	}{
		{"Queue", spec.FIFO, func() *threading.Queue[string] { return threading.NewQueue[string]("q", 1) }},
		{"LIFOQueue", spec.LIFO, func() *threading.Queue[string] { return threading.NewLIFOQueue[string]("q", 2) }},
		{"PriorityQueue", spec.Priority, func() *threading.Queue[string] {
			return threading.NewPriorityQueue("q", 2, func(a, b string) bool { return a > b })
		}},
	} {
		for name, ops := range map[string][]string{
			"handing over": {spec.Put, spec.Get, spec.Close, spec.Cancel, spec.TryGet, spec.TryPut, "put; put", spec.Get + spec.InTime, spec.Put + spec.InTime},
			"joining":      {spec.Put, "get; task done", spec.Join, spec.Done, spec.Cancel},
		} {
			t.Run(test.name+" "+name, func(t *testing.T) {
				hold(t, &spec.Primitive[spec.QueueState]{
					Name: test.name,
					Ops:  ops,
					New: func(env *spec.Env) (func(spec.Call) string, func(int)) {
						q, threads := test.make(), threadsOf(env)
						return func(c spec.Call) string { return queueCall(q, threads[c.Thread], c) }, nil
					},
					Spec: spec.Queue(test.order, test.make().Cap()),
				})
			})
		}
	}
}

func queueCall(q *threading.Queue[string], t *threading.Thread, c spec.Call) string {
	got := func(item string, err error) string {
		if err != nil {
			return result(err)
		}
		return item
	}
	switch c.Op {
	case spec.Put:
		return result(q.Put(t, c.Name()))
	case spec.Put + spec.InTime:
		if err := q.PutTimeout(t, c.Name(), time.Second); !errors.Is(err, threading.ErrFull) {
			return result(err)
		}
		return spec.TimedOut
	case spec.TryPut:
		return result(q.TryPut(c.Name()))
	case spec.Get:
		return got(q.Get(t))
	case spec.Get + spec.InTime:
		if item, err := q.GetTimeout(t, time.Second); !errors.Is(err, threading.ErrEmpty) {
			return got(item, err)
		}
		return spec.TimedOut
	case spec.TryGet:
		return got(q.TryGet())
	case spec.Done:
		return result(q.TaskDone())
	case spec.Join:
		return result(q.Join(t))
	}
	q.Close()
	return spec.OK
}

func TestEveryOrderOfBarrier(t *testing.T) {
	for parties := 2; parties <= 3; parties++ {
		t.Run(fmt.Sprintf("of %d", parties), func(t *testing.T) {
			hold(t, &spec.Primitive[spec.BarrierState]{
				Name: fmt.Sprintf("Barrier of %d", parties),
				Ops:  []string{spec.Wait, spec.Reset, spec.Cancel, spec.Abort, spec.Wait + spec.InTime, spec.IsBroken},
				New: func(env *spec.Env) (func(spec.Call) string, func(int)) {
					b, err := threading.NewBarrier("b", parties)
					if err != nil {
						panic(err)
					}
					threads := threadsOf(env)
					waited := func(index int, err error) string {
						if err != nil {
							return result(err)
						}
						return strconv.Itoa(index)
					}
					return func(c spec.Call) string {
						switch c.Op {
						case spec.Wait:
							return waited(b.Wait(threads[c.Thread]))
						case spec.Wait + spec.InTime:
							return waited(b.WaitTimeout(threads[c.Thread], time.Second))
						case spec.Reset:
							b.Reset()
						case spec.Abort:
							b.Abort()
						case spec.IsBroken:
							return spec.YesOrNo(b.Broken())
						}
						return spec.OK
					}, nil
				},
				Spec: spec.Barrier(parties),
			})
		})
	}
}

// A threadState is that of a thread which the threads of a program start and join.
type threadState struct{ phase int }

// Its phases. It is ending between the last that its body does and its end, which is known once a call has seen it.
const (
	fresh = iota
	alive
	ending
	ended
)

const (
	start   = "start"
	join    = "join"
	isAlive = "is it alive"
	ends    = "ends" // what the thread does
)

func TestEveryOrderOfThread(t *testing.T) {
	p := &spec.Primitive[threadState]{
		Name: "Thread",
		Ops:  []string{start, join, isAlive}, // few, because when it begins is one choice more
		New: func(env *spec.Env) (func(spec.Call) string, func(int)) {
			threads := threadsOf(env)
			x := threading.NewThread(env.Whole(), func(*threading.Thread) error {
				env.Happens(ends, spec.OK)
				return nil
			})
			return func(c spec.Call) string {
				switch t := threads[c.Thread]; c.Op {
				case start:
					return result(x.Start())
				case join:
					return result(x.Join(t))
				case join + spec.InTime:
					return result(x.JoinTimeout(t, time.Second))
				}
				return spec.YesOrNo(x.IsAlive())
			}, nil
		},
		Spec: spec.Spec[threadState]{Go: threadSpec},
	}
	spec.Explore(t, p)
	p.Ops = append(p.Ops, spec.Cancel, join+spec.InTime)
	spec.Overlap(t, p)
}

func threadSpec(s threadState, c spec.Call, may func(string, threadState)) {
	switch {
	case c.Op == start && s.phase == fresh:
		may(spec.OK, threadState{alive})
	case c.Op == start:
		may("started", s)
	case c.Op == ends && s.phase == alive:
		may(spec.OK, threadState{ending})
	case c.Op == isAlive && s.phase == ending:
		may(spec.Yes, s)
		may(spec.No, threadState{ended})
	case c.Op == isAlive:
		may(spec.YesOrNo(s.phase == alive), s)
	case c.Op == ends:
	case s.phase == fresh:
		may("not started", s)
	case s.phase == ended:
		may(spec.OK, s)
	case s.phase == ending:
		may(spec.OK, threadState{ended})
		if c.Cancelled { // it gave up before the end
			may(spec.Cancelled, s)
		}
	case c.Cancelled:
		may(spec.Cancelled, s)
	case c.Op == join+spec.InTime:
		may(spec.TimedOut, s)
	}
}

// A localState is what each thread has set.
type localState [3]string

func TestEveryOrderOfLocal(t *testing.T) {
	hold(t, &spec.Primitive[localState]{
		Name: "Local",
		Ops:  []string{"set", "get"},
		New: func(env *spec.Env) (func(spec.Call) string, func(int)) {
			threads := threadsOf(env)
			var l threading.Local[string]
			return func(c spec.Call) string {
				if c.Op == "set" {
					return result(l.Set(threads[c.Thread], c.Name()))
				}
				v, _ := l.Get(threads[c.Thread])
				return v
			}, nil
		},
		Spec: spec.Spec[localState]{Go: func(s localState, c spec.Call, may func(string, localState)) {
			if c.Op == "get" {
				may(s[c.Thread], s)
				return
			}
			s[c.Thread] = c.Name()
			may(spec.OK, s)
		}},
	})
}
