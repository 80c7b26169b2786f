package ch2

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// Go has no lock that its owner can take again: a goroutine has no name that the lock could remember. So the methods of a type are
// split. Those for others take the lock. What they share is in methods that expect it to be held, and say so in their names.

// crate guards its items with one lock.
type crate struct {
	mu    sync.Mutex
	items int
}

func (c *crate) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.executeLocked(+1)
}

func (c *crate) remove() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.executeLocked(-1)
}

// execute is for others. If add called it, it would wait for its own caller.
func (c *crate) execute(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.executeLocked(n)
}

// executeLocked changes the items; c.mu must be held.
func (c *crate) executeLocked(n int) { c.items += n }

func rlockBare(ctx context.Context, out *transcript.Log) error {
	const items = 5
	out.Printf("putting %d items in the box", items)
	var box crate
	both, ctx := errgroup.WithContext(ctx)
	work := func(worker transcript.Actor, doing string, change func()) {
		both.Go(func() error {
			for range items {
				worker.Printf("%s 1 item in the box", doing)
				change()
				if err := out.Sleep(ctx, time.Second); err != nil {
					return err
				}
			}
			return nil
		})
	}
	work(out.Actor("adder"), "adding", box.add)
	work(out.Actor("remover"), "removing", box.remove)
	if err := both.Wait(); err != nil {
		return err
	}
	out.Printf("%d items still remain in the box", box.items)
	out.Check("no addition and no removal is lost", box.items, 0)

	box.execute(2)
	out.Printf("%d items after a call from outside", box.items)
	out.Check("each method can be called from outside", box.items, 2)

	box.mu.Lock()
	again := box.mu.TryLock()
	out.Printf("the holder of a mutex gets it again: %t", again)
	out.Note("Lock in its place would wait for ever.")
	box.mu.Unlock()
	out.Check("a mutex does not know its owner", again, false)
	return nil
}
