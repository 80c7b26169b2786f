package primitive

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"cookbook/internal/threading"
)

// Threading are the operations of chapter 2. Where two threads take part, a turn is there and back. Nothing can end their waits, as
// nothing can end those of Python.
func Threading() []Primitive {
	return of(2, "threading_bench.py",
		Primitive{Name: "thread, start and join", Key: "start_join", Go: startThread, Plain: startGoroutine, PlainIs: "goroutine"},
		Primitive{Name: "thread lock", Key: "lock", Go: lock, Plain: mutex, PlainIs: "sync.Mutex"},
		Primitive{Name: "thread lock, two threads", Key: "lock_of_two", Go: lockOfTwo, Plain: mutexOfTwo, PlainIs: "sync.Mutex"},
		Primitive{Name: "thread rlock", Key: "rlock", Go: rlock},
		Primitive{Name: "thread semaphore", Key: "semaphore", Go: semaphoreOfOne, Plain: weighted, PlainIs: "x/sync semaphore"},
		Primitive{Name: "thread condition, there and back", Key: "condition", Go: condition, Plain: cond, PlainIs: "sync.Cond"},
		Primitive{Name: "thread event, there and back", Key: "event", Go: event, Plain: cond, PlainIs: "sync.Cond"},
		Primitive{Name: "thread barrier of two", Key: "barrier", Go: barrier, Plain: condBarrier, PlainIs: "sync.Cond"},
		Primitive{Name: "thread queue, 1 to 3", Key: "queue", Go: queue, Plain: channel, PlainIs: "channel"},
	)
}

func mainThread(ctx context.Context) *threading.Thread {
	return threading.Main(context.WithoutCancel(ctx))
}

func startThread(ctx context.Context, n int) (time.Duration, error) {
	main := mainThread(ctx)
	body := func(*threading.Thread) error { return nil }
	return timed(n, func() error {
		t := threading.NewThread(main, body)
		t.Start()
		return t.Join(main)
	})
}

func startGoroutine(_ context.Context, n int) (time.Duration, error) {
	body := func() {}
	return timed(n, func() error {
		var wg sync.WaitGroup
		wg.Go(body)
		wg.Wait()
		return nil
	})
}

// locker is what is acquired and released.
type locker interface {
	Acquire(ctx context.Context) error
	Release(ctx context.Context) error
}

func take(t context.Context, l locker, n int) error {
	for range n {
		if err := l.Acquire(t); err != nil {
			return err
		}
		if err := l.Release(t); err != nil {
			return err
		}
	}
	return nil
}

func takeAlone(ctx context.Context, l locker, n int) (time.Duration, error) {
	main := mainThread(ctx)
	begun := time.Now()
	err := take(main, l, n)
	return time.Since(begun), err
}

func lock(ctx context.Context, n int) (time.Duration, error) {
	return takeAlone(ctx, threading.NewLock("lock"), n)
}

func rlock(ctx context.Context, n int) (time.Duration, error) {
	return takeAlone(ctx, threading.NewRLock("rlock"), n)
}

func takeMutex(mu *sync.Mutex, n int) {
	for range n {
		mu.Lock()
		//lint:ignore SA2001 the lock alone is what is measured
		mu.Unlock()
	}
}

func mutex(_ context.Context, n int) (time.Duration, error) {
	var mu sync.Mutex
	begun := time.Now()
	takeMutex(&mu, n)
	return time.Since(begun), nil
}

// withPartner has two threads play, and returns how long that took.
func withPartner(ctx context.Context, mine, partners func(t *threading.Thread) error) (time.Duration, error) {
	main := mainThread(ctx)
	other := threading.NewThread(main, partners)
	begun := time.Now()
	other.Start()
	err := mine(main)
	return time.Since(begun), errors.Join(err, other.Join(main))
}

// The turns of both are counted.
func lockOfTwo(ctx context.Context, n int) (time.Duration, error) {
	l := threading.NewLock("lock")
	play := func(t *threading.Thread) error { return take(t, l, (n+1)/2) }
	return withPartner(ctx, play, play)
}

func mutexOfTwo(ctx context.Context, n int) (time.Duration, error) {
	var mu sync.Mutex
	play := func(*threading.Thread) error { takeMutex(&mu, (n+1)/2); return nil }
	return withPartner(ctx, play, play)
}

func semaphoreOfOne(ctx context.Context, n int) (time.Duration, error) {
	s, err := threading.NewSemaphore("semaphore", 1)
	if err != nil {
		return 0, err
	}
	main := mainThread(ctx)
	return timed(n, func() error {
		if err := s.Acquire(main); err != nil {
			return err
		}
		s.Release(main)
		return nil
	})
}

func weighted(_ context.Context, n int) (time.Duration, error) {
	ctx, s := context.Background(), semaphore.NewWeighted(1)
	return timed(n, func() error {
		err := s.Acquire(ctx, 1)
		s.Release(1)
		return err
	})
}
