package ch2

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

// A box whose methods call each other takes its lock twice. An RLock lets its owner in again; a plain lock does not.

// # With an RLock

// A box guards its items with one lock, and every method takes it: execute too, although add and remove already hold it.
type box struct {
	lock  threading.Locker
	items int
}

func (b *box) add(t *threading.Thread) error {
	return threading.With(t, b.lock, func() error { return b.execute(t, +1) })
}

func (b *box) remove(t *threading.Thread) error {
	return threading.With(t, b.lock, func() error { return b.execute(t, -1) })
}

func (b *box) execute(t *threading.Thread, n int) error {
	return threading.With(t, b.lock, func() error {
		b.items += n
		return nil
	})
}

// fillAndEmpty is the book's program. The box has an RLock, so its owner can take it again in execute.
func fillAndEmpty(main *threading.Thread, out *transcript.Log, items int) error {
	b := box{lock: threading.NewRLock("box lock")}
	worker := func(name, doing string, change func(*threading.Thread) error) *threading.Thread {
		return threading.NewThread(main, func(t *threading.Thread) error {
			for range items {
				out.Actor(name).Printf("%s 1 item in the box", doing)
				if err := change(t); err != nil {
					return err
				}
				if err := out.Sleep(t, time.Second); err != nil {
					return err
				}
			}
			return nil
		}, threading.WithName(name))
	}
	out.Printf("putting %d items in the box", items)
	out.Note("add takes the lock and calls execute, which takes it again: an RLock allows that to its owner.")
	adder, remover := worker("adder", "adding", b.add), worker("remover", "removing", b.remove)
	if err := threading.Run(main, adder, remover); err != nil {
		return err
	}
	out.Printf("%d items still remain in the box", b.items)
	out.Check("no addition and no removal is lost", b.items, 0)
	return nil
}

// # As many releases as acquires

// releaseRLock acquires a lock to depth. It is free after as many releases, and no other thread may release it.
func releaseRLock(main *threading.Thread, out *transcript.Log, depth int) error {
	lock := threading.NewRLock("box lock")
	for range depth {
		if err := lock.Acquire(main); err != nil {
			return err
		}
	}
	out.Printf("acquired to depth %d", depth)

	unlock := func(t *threading.Thread) error { return lock.Release(t) }
	stranger := threading.NewThread(main, unlock, threading.WithName("stranger"))
	refusal := threading.Run(main, stranger)
	out.Actor("stranger").Printf("%v", refusal)
	out.Check("only the owner may release", errors.Is(refusal, threading.ErrNotOwner), true)

	releases := 0
	for lock.Locked() {
		if err := lock.Release(main); err != nil {
			return err
		}
		releases++
		out.Printf("after release %d: locked %t", releases, lock.Locked())
	}
	out.Check("it takes as many releases as acquires", releases, depth)
	return nil
}

// # With a plain lock

// addUnderPlainLock calls the same add with a lock that knows no owner: the adder waits for itself.
func addUnderPlainLock(main *threading.Thread, out *transcript.Log) error {
	ctx, cancel := context.WithCancelCause(main)
	defer cancel(nil)
	lock := threading.NewLock("plain lock")
	b := box{lock: lock}
	adder := threading.NewThread(ctx, b.add, threading.WithName("adder"))
	out.Printf("putting 1 item in a box with a plain lock")
	if err := adder.Start(); err != nil {
		return err
	}
	deadlock, err := threading.AwaitDeadlock(main)
	if err == nil {
		out.Note("The adder waits for its own release. The recipe notices this and cancels the wait.")
		cancel(deadlock)
	}
	refusal := adder.Join(context.WithoutCancel(main))
	if err != nil || !errors.Is(refusal, deadlock) {
		return errors.Join(err, refusal)
	}
	out.Actor("adder").Printf("%v", refusal)
	out.Check("with a plain lock the adder waits for itself", deadlock.Cycle[0].HeldBy, []string{"adder"})
	out.Check("its error gave the lock back", lock.Locked(), false)
	return nil
}

// # Without re-entry

// A splitBox needs no re-entry: execute expects the lock to be held, and only the methods for others lock.
type splitBox struct {
	mu    sync.Mutex
	items int
}

func (b *splitBox) add() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.execute(+1)
}

func (b *splitBox) execute(n int) { b.items += n }

func fillSplitBox(out *transcript.Log, items int) {
	var split splitBox
	var adders sync.WaitGroup
	for range 2 {
		adders.Go(func() {
			for range items {
				split.add()
			}
		})
	}
	adders.Wait()
	out.Printf("%d items in a box whose execute leaves the locking to add", split.items)
	out.Check("without re-entry no addition is lost either", split.items, 2*items)
}

var rlock = catalog.Recipe{
	ID: "ch2.rlock", Section: "2.7", Title: "Take a lock that you already hold",
	Python: "threading.RLock", Go: "threading.RLock, sync.Mutex",
	New: func(f *pflag.FlagSet) catalog.Run {
		items := catalog.Int(f, "items", 5, 1, 100_000, "items to add and to remove")
		depth := catalog.Int(f, "depth", 3, 1, 1_000, "acquire the lock this many times before it is released")
		return func(ctx context.Context, out *transcript.Log) error {
			main := threading.Main(ctx)
			if err := fillAndEmpty(main, out, *items); err != nil {
				return err
			}
			if err := releaseRLock(main, out, *depth); err != nil {
				return err
			}
			if err := addUnderPlainLock(main, out); err != nil {
				return err
			}
			fillSplitBox(out, *items)
			return nil
		}
	},
	Wrong: rlockWrong,
	Bare:  rlockBare,
}
