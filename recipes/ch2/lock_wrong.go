package ch2

import (
	"context"
	"errors"
	"sync"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

var lockWrong = []catalog.Wrong{
	{Name: "lost-update", Title: "holds the lock to read and to write, but not in between", Run: loseUpdate},
	{Name: "forgotten-unlock", Title: "returns early, with the lock held", Run: forgetUnlock},
}

// loseUpdate guards each access with the lock, but not the two of one update together.
func loseUpdate(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	var mu sync.Mutex
	shared := 0
	update := func(name string, by int) *threading.Thread {
		return threading.NewThread(main, func(*threading.Thread) error {
			mu.Lock()
			read := shared
			mu.Unlock()
			out.Actor(name).Printf("%s reads %d", name, read)
			mu.Lock()
			shared = read + by
			mu.Unlock()
			return nil
		}, threading.WithName(name))
	}
	if err := threading.Run(main, update("adder", +1), update("subtracter", -1)); err != nil {
		return err
	}
	out.Printf("the value of shared variable is %d", shared)
	return nil
}

// forgetUnlock lets two threads share an account. The one that takes returns early if there is nothing to take.
func forgetUnlock(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	lock := threading.NewLock("account")
	balance := 0
	payer := threading.NewThread(main, func(t *threading.Thread) error {
		if err := lock.Acquire(t); err != nil {
			return err
		}
		balance++
		out.Actor("payer").Printf("payer has paid in")
		return lock.Release(t)
	}, threading.WithName("payer"))
	taker := threading.NewThread(main, func(t *threading.Thread) error {
		if err := out.Sleep(t, time.Second); err != nil {
			return err
		}
		if err := lock.Acquire(t); err != nil {
			return err
		}
		if balance == 0 {
			out.Actor("taker").Printf("taker finds nothing")
			return nil
		}
		balance--
		out.Actor("taker").Printf("taker has taken 1")
		return lock.Release(t)
	}, threading.WithName("taker"))
	if err := threading.Run(main, payer, taker); err != nil {
		return err
	}
	err := lock.Acquire(main)
	out.Printf("the balance is %d", balance)
	return errors.Join(err, lock.Release(main))
}
