package ch3

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// Several processes and main use one primitive after another. Finally the process that holds a lock is killed.

func usesOf(ctx context.Context, s primitiveSet, say func(string, ...any)) []primitiveUse {
	return []primitiveUse{
		{"Lock: one at a time changes a number, in two steps", "additions, of which none is lost", 1000 * s.N, func() error {
			add := func() error { s.Number.Store(s.Number.Load() + 1); return nil }
			for range 1000 {
				if err := process.With(ctx, s.Lock, add); err != nil {
					return err
				}
			}
			say("added 1, 1000 times")
			return nil
		}},
		{"Event: all wait for a signal of p1", "processes that know what was done before it", s.N, func() error {
			if s.Self == 1 {
				s.Here.Store(1)
				say("giving the signal")
				s.Event.Set()
			}
			err := s.Event.Wait(ctx)
			say("going on")
			s.Number.Add(s.Here.Load())
			return err
		}},
		{"Condition: each waits until it has its number", "processes that had their turn", s.N, func() error {
			return process.With(ctx, s.Condition, func() error {
				err := s.Condition.WaitUntil(ctx, func() bool { return s.Number.Load() == s.Self-1 })
				say("took %d, giving %d", s.Number.Load(), s.Self)
				s.Number.Store(s.Self)
				return errors.Join(err, s.Condition.NotifyAll())
			})
		}},
		{fmt.Sprintf("Semaphore: it lets in %d at a time", s.Places), "processes inside without a place", 0, func() error {
			return process.With(ctx, s.Semaphore, func() error {
				here := s.Here.Add(1)
				defer s.Here.Add(-1)
				s.Number.Add(here / (s.Places + 1)) // adds 0 unless too many are inside
				say("inside, in place %d of %d", here, s.Places)
				return process.Log(ctx).Sleep(ctx, 500*time.Millisecond)
			})
		}},
		{"RLock: a process that holds it may acquire it again", "acquisitions, two by each process", 2 * s.N, func() error {
			return process.With(ctx, s.RLock, func() error {
				return process.With(ctx, s.RLock, func() error {
					say("acquired it %d times", s.RLock.Depth())
					s.Number.Add(s.RLock.Depth())
					return nil
				})
			})
		}},
		{"Barrier: nobody goes on before all are there", "processes that were there when main went on", s.N, func() error {
			s.Number.Add(1)
			say("arriving")
			return nil // all meet at the barrier after each use
		}},
		{"Lock: the process that holds it is killed", "processes that hold it", 1, func() (err error) {
			if s.Self == 1 {
				err = s.Lock.Acquire(ctx)
				say("holding the lock")
				s.Number.Add(1)
			}
			return err
		}},
	}
}

// A primitiveUse is what all processes do with one primitive, and the result that main checks afterwards.
type primitiveUse struct {
	about, claim string
	want         int // the Number afterwards
	do           func() error
}

// primitiveSet is what each process gets. A lock in it travels as the place in shared memory where the lock lies.
type primitiveSet struct {
	N, Places, Self int // Self is which process it is: 1 to N
	Lock            *process.Lock
	Event           *process.Event
	Condition       *process.Condition
	Semaphore       *process.Semaphore
	RLock           *process.RLock
	Barrier         *process.Barrier    // all processes and main meet here before and after each use
	Number, Here    *process.Value[int] // Number is 0 before each use, and checked after it
}

var useAll = process.Register("ch3.useAll", func(ctx context.Context, s primitiveSet) (bool, error) {
	say := process.Log(ctx).Actor(process.Current(ctx).Name()).Printf
	for _, use := range usesOf(ctx, s, say) {
		if _, err := s.Barrier.Wait(ctx); err != nil {
			return false, err
		}
		if err := use.do(); err != nil {
			s.Barrier.Abort() // otherwise all others would wait for this one
			return false, err
		}
		if _, err := s.Barrier.Wait(ctx); err != nil {
			return false, err
		}
	}
	err := s.Lock.Acquire(ctx) // p1, which holds it, now waits for itself until it is killed
	if errors.Is(err, process.ErrOwnerDied) {
		s.Number.Add(1)
	} else if err != nil {
		return false, err
	}
	s.Here.Add(1)
	say("holding the lock; error: %v", err)
	return true, s.Lock.Release()
})

func useInProcesses(ctx context.Context, out *transcript.Log, s primitiveSet) (err error) {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	var errs [8]error
	s.Lock, errs[0] = process.NewLock(g, "lock")
	s.Event, errs[1] = process.NewEvent(g, "event")
	s.Condition, errs[2] = process.NewCondition(g, "condition", nil)
	s.Semaphore, errs[3] = process.NewSemaphore(g, "semaphore", s.Places)
	s.RLock, errs[4] = process.NewRLock(g, "rlock")
	s.Barrier, errs[5] = process.NewBarrier(g, "barrier", s.N+1)
	s.Number, errs[6] = process.NewValue(g, 0)
	s.Here, errs[7] = process.NewValue(g, 0)
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	for s.Self = 1; s.Self <= s.N; s.Self++ {
		if err := process.New(g, useAll, s, process.WithName(fmt.Sprintf("p%d", s.Self))).Start(); err != nil {
			return err
		}
	}
	for _, use := range usesOf(ctx, s, nil) {
		out.Printf("%s", use.about)
		s.Number.Store(0)
		s.Here.Store(0)
		for range 2 { // before the use, and after it
			if _, err := s.Barrier.Wait(ctx); err != nil {
				return err
			}
		}
		out.Check(use.claim, s.Number.Load(), use.want)
	}
	p1 := g.Children()[0]
	s.Number.Store(0)
	out.Printf("kill -9 p1")
	out.Note("In Python the others would now wait for ever. Here they go on, and the first of them is told of the death.")
	if err := errors.Join(p1.Kill(), g.Join(ctx)); err != nil {
		return err
	}
	out.Printf("%v", p1)
	out.Check("processes that are told of its death", s.Number.Load(), 1)
	out.Check("processes that go on without it", s.Here.Load(), s.N-1)
	return nil
}

var primitives = catalog.Recipe{
	ID: "ch3.primitives", Section: "3.8", Title: "Let processes wait for each other",
	Python: "multiprocessing.Lock, Event, Barrier …", Go: "process.Lock, Event, Barrier …",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory},
	New: func(f *pflag.FlagSet) catalog.Run {
		n := catalog.Int(f, "processes", 4, 2, 50, "processes that use each primitive")
		places := catalog.Int(f, "places", 2, 1, 50, "places that the semaphore gives out")
		return func(ctx context.Context, out *transcript.Log) error {
			return useInProcesses(ctx, out, primitiveSet{N: *n, Places: *places})
		}
	},
	Wrong: primitivesWrong,
}
