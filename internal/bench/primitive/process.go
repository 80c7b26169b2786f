package primitive

import (
	"context"
	"errors"
	"math"
	"os"
	"time"

	"cookbook/internal/process"
)

// Processes are the operations of chapter 3 that multiprocessing has. What two or four processes do together begins when all have come
// to a barrier and ends when the last has done its part, on both sides.
func Processes() []Primitive {
	return of(3, "multiprocessing_bench.py",
		Primitive{Name: "process, fork", Key: "process_start_fork", Go: startProcess, OtherWork: "Python copies itself; Go, which cannot fork, starts anew"},
		Primitive{Name: "process, spawn", Key: "process_start_spawn", Go: startProcess},
		Primitive{Name: "lock between processes", Key: "lock_uncontended", Go: sharedLock},
		Primitive{Name: "lock, two processes", Key: "lock_contended_2", Go: sharedLockOfTwo},
		Primitive{Name: "semaphore between processes", Key: "semaphore_uncontended", Go: sharedSemaphore},
		Primitive{Name: "barrier, two processes", Key: "barrier_2", Go: meeting},
		Primitive{Name: "queue, 8 bytes", Key: "queue_1to1_8B", Go: throughQueue(1, 8), Plain: throughRawPipe(8), PlainIs: "bare pipe"},
		Primitive{Name: "queue, 1 KiB", Key: "queue_1to1_1KiB", Go: throughQueue(1, 1024), Plain: throughRawPipe(1024), PlainIs: "bare pipe"},
		Primitive{Name: "queue, 2 to 2", Key: "queue_2to2_8B", Go: throughQueue(2, 8)},
		Primitive{Name: "pipe, 8 bytes", Key: "pipe_1to1_8B", Go: throughPipe, Plain: throughRawPipe(8), PlainIs: "bare pipe"},
		Primitive{Name: "pool, apply", Key: "pool_apply", Go: apply},
		Primitive{Name: "pool, map of 100,000", Key: "pool_map_100000", Go: mapSquares, Plain: loop, PlainIs: "loop in one process"},
		Primitive{Name: "manager, set a key", Key: "manager_dict_set", Go: setKey},
	)
}

var nothing = process.Register("bench.nothing", func(context.Context, struct{}) (struct{}, error) { return struct{}{}, nil })

// inGroup gives a group of processes to a body.
func inGroup(ctx context.Context, body func(g *process.Group) (time.Duration, error)) (time.Duration, error) {
	g, err := process.NewGroup(ctx)
	if err != nil {
		return 0, err
	}
	took, err := body(g)
	return took, errors.Join(err, g.Close())
}

func startProcess(ctx context.Context, n int) (time.Duration, error) {
	return inGroup(ctx, func(g *process.Group) (time.Duration, error) {
		return timed(n, func() error {
			p := process.New(g, nothing, struct{}{})
			if err := p.Start(); err != nil {
				return err
			}
			return errors.Join(p.Join(ctx), p.Err())
		})
	})
}

func takeShared(ctx context.Context, l *process.Lock, n int) error {
	for range n {
		if err := l.Acquire(ctx); err != nil {
			return err
		}
		if err := l.Release(); err != nil {
			return err
		}
	}
	return nil
}

func sharedLock(ctx context.Context, n int) (time.Duration, error) {
	return inGroup(ctx, func(g *process.Group) (time.Duration, error) {
		l, err := process.NewLock(g, "lock")
		if err != nil {
			return 0, err
		}
		begun := time.Now()
		err = takeShared(ctx, l, n)
		return time.Since(begun), err
	})
}

func sharedSemaphore(ctx context.Context, n int) (time.Duration, error) {
	return inGroup(ctx, func(g *process.Group) (time.Duration, error) {
		s, err := process.NewSemaphore(g, "semaphore", 1)
		if err != nil {
			return 0, err
		}
		begun := time.Now()
		for range n {
			if err := s.Acquire(ctx); err != nil {
				return 0, err
			}
			if err := s.Release(); err != nil {
				return 0, err
			}
		}
		return time.Since(begun), nil
	})
}

// part is what one of several processes does: something with On, N times, once all are ready.
type part[T any] struct {
	Ready *process.Barrier
	On    T
	N     int
	Size  int // of an item
}

// span is when it began and ended. The clock is the same in all processes.
type span struct{ Begin, End int64 }

func (p part[T]) do(ctx context.Context, work func() error) (s span, err error) {
	if _, err := p.Ready.Wait(ctx); err != nil {
		return s, err
	}
	s.Begin = time.Now().UnixNano()
	err = work()
	s.End = time.Now().UnixNano()
	return s, err
}

var (
	takePart = process.Register("bench.take", func(ctx context.Context, p part[*process.Lock]) (span, error) {
		return p.do(ctx, func() error { return takeShared(ctx, p.On, p.N) })
	})
	meetPart = process.Register("bench.meet", func(ctx context.Context, p part[*process.Barrier]) (span, error) {
		return p.do(ctx, func() error {
			for range p.N {
				if _, err := p.On.Wait(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	})
	putPart = process.Register("bench.put", func(ctx context.Context, p part[*process.Queue[[]byte]]) (span, error) {
		item := make([]byte, p.Size)
		return p.do(ctx, func() error {
			for range p.N {
				if err := p.On.Put(ctx, item); err != nil {
					return err
				}
			}
			return nil
		})
	})
	getPart = process.Register("bench.get", func(ctx context.Context, p part[*process.Queue[[]byte]]) (span, error) {
		return p.do(ctx, func() error {
			for range p.N {
				if _, err := p.On.Get(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	})
	sendPart = process.Register("bench.send", func(ctx context.Context, p part[*process.End[[]byte, struct{}]]) (span, error) {
		item := make([]byte, p.Size)
		return p.do(ctx, func() error {
			for range p.N {
				if err := p.On.Send(ctx, item); err != nil {
					return err
				}
			}
			return nil
		})
	})
	receivePart = process.Register("bench.receive", func(ctx context.Context, p part[*process.End[struct{}, []byte]]) (span, error) {
		return p.do(ctx, func() error {
			for range p.N {
				if _, err := p.On.Recv(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	})
)

// together starts processes and returns how long all of them took, from the first that began to the last that ended.
func together(ctx context.Context, all ...*process.Process) (time.Duration, error) {
	for _, p := range all {
		if err := p.Start(); err != nil {
			return 0, err
		}
	}
	whole := span{math.MaxInt64, 0}
	for _, p := range all {
		if err := p.Join(ctx); err != nil {
			return 0, err
		}
		s, err := process.Result[span](p)
		if err != nil {
			return 0, err
		}
		whole = span{min(whole.Begin, s.Begin), max(whole.End, s.End)}
	}
	return time.Duration(whole.End - whole.Begin), nil
}

func sharedLockOfTwo(ctx context.Context, n int) (time.Duration, error) {
	return inGroup(ctx, func(g *process.Group) (time.Duration, error) {
		ready, err1 := process.NewBarrier(g, "ready", 2)
		l, err2 := process.NewLock(g, "lock")
		if err := errors.Join(err1, err2); err != nil {
			return 0, err
		}
		half := part[*process.Lock]{Ready: ready, On: l, N: (n + 1) / 2}
		return together(ctx, process.New(g, takePart, half), process.New(g, takePart, half))
	})
}

func meeting(ctx context.Context, n int) (time.Duration, error) {
	return inGroup(ctx, func(g *process.Group) (time.Duration, error) {
		ready, err1 := process.NewBarrier(g, "ready", 2)
		b, err2 := process.NewBarrier(g, "barrier", 2)
		if err := errors.Join(err1, err2); err != nil {
			return 0, err
		}
		half := part[*process.Barrier]{Ready: ready, On: b, N: n}
		return together(ctx, process.New(g, meetPart, half), process.New(g, meetPart, half))
	})
}

func throughQueue(pairs, size int) Body {
	return func(ctx context.Context, n int) (time.Duration, error) {
		return inGroup(ctx, func(g *process.Group) (time.Duration, error) {
			ready, err1 := process.NewBarrier(g, "ready", 2*pairs)
			q, err2 := process.NewQueue[[]byte](g, "queue", 0)
			if err := errors.Join(err1, err2); err != nil {
				return 0, err
			}
			each := part[*process.Queue[[]byte]]{Ready: ready, On: q, N: (n + pairs - 1) / pairs, Size: size}
			var all []*process.Process
			for range pairs {
				all = append(all, process.New(g, putPart, each), process.New(g, getPart, each))
			}
			return together(ctx, all...)
		})
	}
}

func throughPipe(ctx context.Context, n int) (time.Duration, error) {
	return inGroup(ctx, func(g *process.Group) (time.Duration, error) {
		ready, err1 := process.NewBarrier(g, "ready", 2)
		in, out, err2 := process.NewPipe[[]byte, struct{}](g, "pipe")
		if err := errors.Join(err1, err2); err != nil {
			return 0, err
		}
		return together(ctx,
			process.New(g, sendPart, part[*process.End[[]byte, struct{}]]{Ready: ready, On: in, N: n, Size: 8}),
			process.New(g, receivePart, part[*process.End[struct{}, []byte]]{Ready: ready, On: out, N: n}))
	})
}

// swallow reads its input to the end, in pieces of the size that the environment says, by calls of the system.
var swallow = process.RegisterRole("bench.swallow", func() error { return readRaw(os.Getenv("SIZE")) })
