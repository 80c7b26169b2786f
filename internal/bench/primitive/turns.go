package primitive

import (
	"context"
	"sync"
	"time"

	"cookbook/internal/threading"
)

func condition(ctx context.Context, n int) (time.Duration, error) {
	c := threading.NewCondition(threading.NewLock("lock"))
	turn := 0
	play := func(me int) func(*threading.Thread) error {
		return func(t *threading.Thread) error {
			if err := c.Acquire(t); err != nil {
				return err
			}
			for range n {
				for turn != me {
					if err := c.Wait(t); err != nil {
						return err
					}
				}
				turn = 1 - me
				c.Notify(t, 1)
			}
			return c.Release(t)
		}
	}
	return withPartner(ctx, play(0), play(1))
}

func cond(ctx context.Context, n int) (time.Duration, error) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	turn := 0
	play := func(me int) func(*threading.Thread) error {
		return func(*threading.Thread) error {
			mu.Lock()
			defer mu.Unlock()
			for range n {
				for turn != me {
					c.Wait()
				}
				turn = 1 - me
				c.Signal()
			}
			return nil
		}
	}
	return withPartner(ctx, play(0), play(1))
}

func event(ctx context.Context, n int) (time.Duration, error) {
	ping, pong := threading.NewEvent("ping"), threading.NewEvent("pong")
	return withPartner(ctx, func(t *threading.Thread) error {
		for range n {
			ping.Set()
			if err := pong.Wait(t); err != nil {
				return err
			}
			pong.Clear()
		}
		return nil
	}, func(t *threading.Thread) error {
		for range n {
			if err := ping.Wait(t); err != nil {
				return err
			}
			ping.Clear()
			pong.Set()
		}
		return nil
	})
}

func barrier(ctx context.Context, n int) (time.Duration, error) {
	b, err := threading.NewBarrier("barrier", 2)
	if err != nil {
		return 0, err
	}
	play := func(t *threading.Thread) error {
		for range n {
			if _, err := b.Wait(t); err != nil {
				return err
			}
		}
		return nil
	}
	return withPartner(ctx, play, play)
}

func condBarrier(ctx context.Context, n int) (time.Duration, error) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	waiting, round := 0, 0
	play := func(*threading.Thread) error {
		for range n {
			mu.Lock()
			if waiting++; waiting == 2 {
				waiting = 0
				round++
				c.Broadcast()
			} else {
				for was := round; was == round; {
					c.Wait()
				}
			}
			mu.Unlock()
		}
		return nil
	}
	return withPartner(ctx, play, play)
}

// One producer, three consumers, and room for 64 items.
const consumers, capacity = 3, 64

func queue(ctx context.Context, n int) (time.Duration, error) {
	q := threading.NewQueue[int]("queue", capacity)
	main := mainThread(ctx)
	var all []*threading.Thread
	for range consumers {
		t := threading.NewThread(main, func(t *threading.Thread) error {
			for {
				if _, err := q.Get(t); err != nil {
					return nil // it is closed, and empty
				}
			}
		})
		t.Start()
		all = append(all, t)
	}
	begun := time.Now()
	for i := range n {
		if err := q.Put(main, i); err != nil {
			return 0, err
		}
	}
	q.Close()
	for _, t := range all {
		if err := t.Join(main); err != nil {
			return 0, err
		}
	}
	return time.Since(begun), nil
}

func channel(_ context.Context, n int) (time.Duration, error) {
	c := make(chan int, capacity)
	var wg sync.WaitGroup
	for range consumers {
		wg.Go(func() {
			for range c {
			}
		})
	}
	begun := time.Now()
	for i := range n {
		c <- i
	}
	close(c)
	wg.Wait()
	return time.Since(begun), nil
}
