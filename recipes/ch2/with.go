package ch2

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

// A lock is released even if the code that holds it panics: by defer, or by threading.With, which is Python's with.

// # Three ways to hold a lock

// holdWith is Python's with: it releases when f returns, and also when it panics.
func holdWith(t *threading.Thread, h held, f func() error) error {
	return threading.With(t, h.lock, f)
}

// holdAndDefer is what With does, written out.
func holdAndDefer(t *threading.Thread, h held, f func() error) (err error) {
	if err := h.lock.Acquire(t); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.lock.Release(t)) }()
	return f()
}

// holdBare does not get to its last line if f panics.
func holdBare(t *threading.Thread, h held, f func() error) error {
	if err := h.lock.Acquire(t); err != nil {
		return err
	}
	err := f()
	return errors.Join(err, h.lock.Release(t))
}

// A holdFunc runs f with h held.
type holdFunc func(t *threading.Thread, h held, f func() error) error

// A held is anything that can be held, and its name.
type held struct {
	name string
	lock interface {
		Acquire(ctx context.Context) error
		TryAcquire(ctx context.Context) bool
		Release(ctx context.Context) error
	}
}

// holdEachTwice has two visitors hold each of the four, in the two ways that always release.
func holdEachTwice(main *threading.Thread, out *transcript.Log, all []held) error {
	visits := 0
	visitor := func(h held, hold holdFunc, how string) *threading.Thread {
		return threading.NewThread(main, func(t *threading.Thread) error {
			return hold(t, h, func() error {
				before := visits
				out.Actor(t.Name()).Printf("(%s) %s acquired %s", t.Name(), h.name, how)
				visits = before + 1 // right only if no other visitor was here meanwhile
				return nil
			})
		})
	}
	for _, h := range all {
		t1, t2 := visitor(h, holdWith, "via with"), visitor(h, holdAndDefer, "directly")
		if err := threading.Run(main, t1, t2); err != nil {
			return err
		}
	}
	out.Check("every visitor was alone", visits, 2*len(all))
	return nil
}

// # After a panic

// panicInside has a visitor panic while it holds each of the four, and looks whether it was released.
func panicInside(main *threading.Thread, out *transcript.Log, all []held, hold holdFunc, guard string) error {
	if guard != "none" {
		out.Note("A panic runs the deferred calls of each function that it leaves. The release is one of them.")
	}
	var free []string
	for _, h := range all {
		visitor := threading.NewThread(main, func(t *threading.Thread) error {
			return hold(t, h, func() error { panic("dropped a plate") })
		})
		err := threading.Run(main, visitor)
		if _, ok := errors.AsType[*threading.PanicError](err); !ok {
			return err
		}
		isFree := h.lock.TryAcquire(main)
		if isFree {
			free = append(free, h.name)
			if err := h.lock.Release(main); err != nil {
				return err
			}
		}
		out.Printf("%v; %s is free: %t", err, h.name, isFree)
	}
	if guard == "none" {
		out.Check("without a guard none is free after a panic", len(free), 0)
		return nil
	}
	out.Check("each is free after a panic", slices.Equal(free, []string{"Lock", "RLock", "Condition", "Semaphore"}), true)
	return nil
}

// # A defer in a loop

// deferInLoop shows where defer is not like with: it belongs to the function, not to the block.
func deferInLoop(out *transcript.Log) {
	var mu sync.Mutex
	turns := 0
	for range 2 {
		if mu.TryLock() {
			defer mu.Unlock()
			turns++
		}
	}
	out.Printf("a defer in a loop: %d of 2 turns got the mutex", turns)
	out.Note("The first turn's defer has not run yet. If a block has to release, make it a function, or use With.")
	out.Check("a defer waits for the end of the function", mu.TryLock(), false)
}

var with = catalog.Recipe{
	ID: "ch2.with", Section: "2.11", Title: "Release a lock whatever happens",
	Python: "with lock:", Go: "defer, threading.With",
	New: func(f *pflag.FlagSet) catalog.Run {
		guard := f.String("guard", "with", "what releases after a panic: with, defer or none")
		return func(ctx context.Context, out *transcript.Log) error {
			hold, ok := map[string]holdFunc{"with": holdWith, "defer": holdAndDefer, "none": holdBare}[*guard]
			if !ok {
				return catalog.Usagef("--guard %q: want with, defer or none", *guard)
			}
			semaphore, err := threading.NewSemaphore("Semaphore", 1)
			if err != nil {
				return err
			}
			all := []held{
				{"Lock", threading.NewLock("Lock")},
				{"RLock", threading.NewRLock("RLock")},
				{"Condition", threading.NewCondition(nil)},
				{"Semaphore", semaphore},
			}
			main := threading.Main(ctx)
			if err := holdEachTwice(main, out, all); err != nil {
				return err
			}
			if err := panicInside(main, out, all, hold, *guard); err != nil {
				return err
			}
			deferInLoop(out)
			return nil
		}
	},
	Bare: withBare,
}
