package ch2

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

// One thread adds 1 to a number, another subtracts 1, equally often, so that it should be 0 in the end. With a sync.Mutex
// it is. Without one updates are lost: every time if the threads run in lockstep, sometimes if it is left to chance.

// # With the lock

// addAndSubtractLocked is the book's first pair of threads: each update reads and writes with the lock held.
func addAndSubtractLocked(count int) int {
	var (
		mu     sync.Mutex
		shared int
		both   sync.WaitGroup
	)
	update := func(by int) {
		for range count {
			mu.Lock()
			shared += by
			mu.Unlock()
		}
	}
	both.Go(func() { update(+1) })
	both.Go(func() { update(-1) })
	both.Wait()
	return shared
}

// # Without it, in lockstep

// addAndSubtractInLockstep makes the book's second pair lose on purpose. The two hand a turn back and forth, so that each
// step is read, read, write, write. A race may bring this order; here it comes every time, and without a data race.
func addAndSubtractInLockstep(steps int) int {
	var (
		shared            int
		adder, subtracter = make(chan struct{}), make(chan struct{})
		both              sync.WaitGroup
	)
	both.Go(func() {
		for range steps {
			read := shared
			subtracter <- struct{}{}
			<-adder
			shared = read + 1
			subtracter <- struct{}{}
			<-adder
		}
	})
	both.Go(func() {
		for range steps {
			<-subtracter
			read := shared
			adder <- struct{}{}
			<-subtracter
			shared = read - 1
			adder <- struct{}{}
		}
	})
	both.Wait()
	return shared
}

// # Without it, by chance

// addAndSubtractByChance splits each update into an atomic load and an atomic store, and lets others run between them. In
// Go's sense that is not a data race, but updates are lost as in one.
func addAndSubtractByChance(steps int) int {
	var (
		shared atomic.Int64
		both   sync.WaitGroup
	)
	update := func(by int64) {
		for range steps {
			read := shared.Load()
			runtime.Gosched()
			shared.Store(read + by)
		}
	}
	both.Go(func() { update(+1) })
	both.Go(func() { update(-1) })
	both.Wait()
	return int(shared.Load())
}

// # In turn, by name

// holdInTurn has two threads want one lock at the same time. The adder has it first, and keeps it for a while.
func holdInTurn(ctx context.Context, out *transcript.Log) error {
	const pause = 200 * time.Millisecond
	main := threading.Main(ctx)
	lock := threading.NewLock("lock")
	taken := make(chan struct{})
	hold := func(t *threading.Thread) error {
		out.Actor(t.Name()).Printf("%s holds the lock", t.Name())
		return out.Sleep(t, pause)
	}
	adder := threading.NewThread(main, func(t *threading.Thread) error {
		return threading.With(t, lock, func() error { close(taken); return hold(t) })
	}, threading.WithName("adder"))
	subtracter := threading.NewThread(main, func(t *threading.Thread) error {
		<-taken
		return threading.With(t, lock, func() error { return hold(t) })
	}, threading.WithName("subtracter"))
	return threading.Run(main, adder, subtracter)
}

// # The run

func guardCounter(ctx context.Context, out *transcript.Log, count, steps, rounds int) error {
	out.Note("One thread adds 1, another subtracts 1, equally often. In whatever order they run, the sum should be 0.")

	locked := addAndSubtractLocked(count)
	out.Printf("the value of shared variable with lock management is %d", locked)
	out.Note("Between Lock and Unlock a thread is alone: no other update can come between its read and its write.")
	out.Check("with the lock no update is lost", locked, 0)

	raced := addAndSubtractInLockstep(steps)
	out.Printf("the value of shared variable with race condition is %d", raced)
	out.Note("Here both read, then the adder writes, then the subtracter overwrites: one of two updates is lost each time.")
	out.Check("without it every addition can be lost", raced, -steps)

	wrong := 0
	for range rounds {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if addAndSubtractByChance(steps) != 0 {
			wrong++
		}
	}
	out.Printf("left to chance, the sum was wrong in %d of %d rounds", wrong, rounds)
	out.Note("By luck no update may be lost. Then a test finds no fault, although there is one.")

	out.Note("A threading.Lock knows its thread. Draw who holds it and who waits: cookbook run ch2.lock --timeline")
	if err := holdInTurn(ctx, out); err != nil {
		return err
	}

	err := threading.NewLock("lock").Release(ctx)
	out.Printf("%v", err)
	out.Check("release of an unlocked lock is an error", errors.Is(err, threading.ErrNotLocked), true)
	return nil
}

var lock = catalog.Recipe{
	ID: "ch2.lock", Section: "2.6", Title: "Guard a shared counter with a Lock",
	Python: "threading.Lock", Go: "sync.Mutex, threading.Lock",
	New: func(f *pflag.FlagSet) catalog.Run {
		count := catalog.Int(f, "count", 100_000, 1, 10_000_000, "updates per thread of the pair with the lock")
		steps := catalog.Int(f, "steps", 1_000, 1, 1_000_000, "updates per thread of the pairs without a lock")
		rounds := catalog.Int(f, "rounds", 1, 1, 10_000, "leave the sum to chance this many times, and count the wrong sums")
		return func(ctx context.Context, out *transcript.Log) error {
			return guardCounter(ctx, out, *count, *steps, *rounds)
		}
	},
	Wrong: lockWrong,
	Bare:  lockBare,
}
