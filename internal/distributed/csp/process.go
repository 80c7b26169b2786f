package csp

import (
	"context"
	"errors"
	"sync"
)

// A Process is what runs on its own and speaks with others by channels alone. It ends when its function returns. What it
// returns is its failure, but for [ErrPoisoned] and [ErrRetired]: that is how processes end.
type Process func(ctx context.Context) error

// A Network owns the processes that it has spawned: [Network.Wait] waits for them. The zero value is ready for use. It is an
// errgroup that knows how a process of a network ends.
type Network struct {
	all    sync.WaitGroup
	mu     sync.Mutex
	failed error
}

// Spawn starts processes and returns at once. When one of the network fails, its contexts end. A panic in a process ends the
// program, as in any goroutine.
func (n *Network) Spawn(ctx context.Context, processes ...Process) {
	ctx, stop := context.WithCancelCause(ctx)
	var mine sync.WaitGroup
	for _, p := range processes {
		mine.Add(1)
		n.all.Go(func() {
			defer mine.Done()
			if err := failure(p(ctx)); err != nil {
				n.fail(err)
				stop(err)
			}
		})
	}
	n.all.Go(func() {
		mine.Wait()
		stop(nil)
	})
}

// Wait waits until all processes have ended, and returns how the first of them failed that did.
func (n *Network) Wait() error {
	n.all.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.failed
}

func (n *Network) fail(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.failed == nil {
		n.failed = err
	}
}

// Parallel runs processes at the same time and waits until all have ended. If one fails, the context of the others ends, and
// its error is returned.
func Parallel(ctx context.Context, processes ...Process) error {
	var n Network
	n.Spawn(ctx, processes...)
	return n.Wait()
}

// Sequence runs processes one after another, until one fails, and returns how.
func Sequence(ctx context.Context, processes ...Process) error {
	for _, p := range processes {
		if err := failure(p(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// failure is err, but nil for an end in good order.
func failure(err error) error {
	if errors.Is(err, ErrPoisoned) || errors.Is(err, ErrRetired) {
		return nil
	}
	return err
}

// Leave lets go of the ends of a process that ends. It is deferred, with the address of what the process returns:
//
//	func double(ctx context.Context, in csp.In[int], out csp.Out[int]) (err error) {
//		defer csp.Leave(&err, in, out)
//		…
//
// If the process has met poison, or fails in any other way, a panic included, it poisons the ends: so poison travels
// through a network. Otherwise, and if its input has retired, it retires them.
func Leave(err *error, ends ...End) {
	p := recover()
	bad := p != nil || *err != nil && !errors.Is(*err, ErrRetired)
	for _, e := range ends {
		if bad {
			e.Poison()
		}
		e.Retire()
	}
	if p != nil {
		panic(p)
	}
}

// Copy is a process that writes all that it reads, and an end of both channels: what one has more than the other, as a
// place in an alternation, it gets by a Copy before it. It holds one value.
func Copy[T any](ctx context.Context, in In[T], out Out[T]) (err error) {
	defer Leave(&err, in, out)
	for {
		v, err := in.Read(ctx)
		if err != nil {
			return err
		}
		if err := out.Write(ctx, v); err != nil {
			return err
		}
	}
}
