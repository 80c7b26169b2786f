package ch2

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// Two goroutines need two locks. If each holds one and waits for the other, neither goes on. Go's runtime notices that only when no
// goroutine at all can run. So a program has to avoid it, in one of three ways.

// ctxLock is a lock whose wait ends with its context: a channel with room for one value. To send acquires it, to receive releases it.
// Cures 1 and 2 need no more than a sync.Mutex.
type ctxLock struct {
	name string
	held chan struct{}
}

// errNotFree says that the second lock cannot be had now, so that the first has to be given back.
var errNotFree = errors.New("not free")

func insist(ctx context.Context, lock ctxLock) error {
	select {
	case lock.held <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func waitAWhile(ctx context.Context, lock ctxLock) error {
	short, cancel := context.WithTimeoutCause(ctx, time.Millisecond, errNotFree)
	defer cancel()
	return insist(short, lock)
}

func try(_ context.Context, lock ctxLock) error {
	select {
	case lock.held <- struct{}{}:
		return nil
	default:
		return errNotFree
	}
}

// taker takes two locks. If it meets another one, each has its first lock before either asks for its second.
type taker struct {
	name          string
	first, second ctxLock
	take          func(ctx context.Context, second ctxLock) error
	meet          chan struct{} // nil if they need not
}

func (c taker) attempt(ctx context.Context, out *transcript.Log, n int) error {
	if err := insist(ctx, c.first); err != nil {
		return err
	}
	defer func() { <-c.first.held }()
	if n == 1 {
		out.Actor(c.name).Printf("%s holds %s, wants %s", c.name, c.first.name, c.second.name)
	}
	if n == 1 && c.meet != nil {
		select { // both offer to send and to receive, so that the second to come meets the first
		case c.meet <- struct{}{}:
		case <-c.meet:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if err := c.take(ctx, c.second); err != nil {
		if n == 1 {
			out.Actor(c.name).Printf("%s gives back %s", c.name, c.first.name)
		}
		return err
	}
	defer func() { <-c.second.held }()
	out.Actor(c.name).Printf("%s has both (attempt %d)", c.name, n)
	return nil
}

// run pauses between its attempts, and holds nothing meanwhile. Two that do so in step could fail again and again, so the pause is
// random.
func (c taker) run(ctx context.Context, out *transcript.Log) error {
	for n := 1; ; n++ {
		if err := c.attempt(ctx, out, n); !errors.Is(err, errNotFree) {
			return err
		}
		if err := out.Sleep(ctx, rand.N(time.Second)); err != nil {
			return err
		}
	}
}

func deadlockBare(ctx context.Context, out *transcript.Log) error {
	lock1, lock2 := ctxLock{"lock 1", make(chan struct{}, 1)}, ctxLock{"lock 2", make(chan struct{}, 1)}
	cross := func(a, b taker) error {
		both, ctx := errgroup.WithContext(ctx)
		both.Go(func() error { return a.run(ctx, out) })
		both.Go(func() error { return b.run(ctx, out) })
		return both.Wait()
	}

	out.Printf("cure 1: both take lock 1 first")
	out.Note("One that waits for lock 1 holds nothing that the other could want.")
	if err := cross(taker{"Thread-A", lock1, lock2, insist, nil}, taker{"Thread-B", lock1, lock2, insist, nil}); err != nil {
		return err
	}

	meet := make(chan struct{})
	stubborn := taker{"Thread-B", lock2, lock1, insist, meet}
	out.Printf("cure 2: Thread-A tries, and keeps nothing if it cannot have both")
	out.Note("It holds nothing while it pauses, so Thread-B passes.")
	if err := cross(taker{"Thread-A", lock1, lock2, try, meet}, stubborn); err != nil {
		return err
	}

	out.Printf("cure 3: Thread-A waits for a while, and then gives back")
	out.Note("A wait that ends by itself cannot be part of a deadlock.")
	return cross(taker{"Thread-A", lock1, lock2, waitAWhile, meet}, stubborn)
}
