//go:build linux

package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// drainInts and drainBytes take what comes until the queue is closed.
var (
	drainInts  = Register("test.drainInts", func(ctx context.Context, q *Queue[int]) (int, error) { return drain(ctx, q) })
	drainBytes = Register("test.drainBytes", func(ctx context.Context, q *Queue[[]byte]) (int, error) { return drain(ctx, q) })
	drainPipe  = Register("test.drainPipe", func(ctx context.Context, e *End[struct{}, int]) (n int, err error) {
		for ; ; n++ {
			if _, err := e.Recv(ctx); err != nil {
				return n, nil
			}
		}
	})
	drainStructs = Register("test.drainStructs", func(ctx context.Context, q *Queue[point]) (int, error) { return drain(ctx, q) })
	fillInts     = Register("test.fillInts", func(ctx context.Context, a filling) (int, error) {
		for i := range a.N {
			if err := a.Q.Put(ctx, i); err != nil {
				return i, err
			}
		}
		return a.N, nil
	})
	// bounces sends back what it receives.
	bounces = Register("test.bounces", func(ctx context.Context, e *End[int, int]) (n int, err error) {
		for ; ; n++ {
			v, err := e.Recv(ctx)
			if err != nil {
				return n, nil
			}
			if err := e.Send(ctx, v); err != nil {
				return n, err
			}
		}
	})
	// swallow reads messages of the size that the environment says from a raw file, until it ends.
	swallow = RegisterRole("test.swallow", func() error {
		size := 8
		fmt.Sscan(os.Getenv("SIZE"), &size)
		for b := make([]byte, size); ; {
			if n, err := unix.Read(0, b); n <= 0 {
				return err
			}
		}
	})
)

type filling struct {
	Q *Queue[int]
	N int
}

func drain[T any](ctx context.Context, q *Queue[T]) (n int, err error) {
	for ; ; n++ {
		if _, err := q.Get(ctx); errors.Is(err, ErrClosed) {
			return n, nil
		} else if err != nil {
			return n, err
		}
	}
}

// BenchmarkQueue is messages from one process to another, beside what the system has for that.
func BenchmarkQueue(b *testing.B) {
	b.Run("8 bytes 1 to 1", func(b *testing.B) { stream(b, drainInts, 1) })
	for _, size := range []int{8, 1024} {
		b.Run(fmt.Sprintf("[]byte of %d 1 to 1", size), func(b *testing.B) { stream(b, drainBytes, make([]byte, size)) })
	}
	b.Run("struct 1 to 1", func(b *testing.B) { stream(b, drainStructs, point{X: 1, Label: "x"}) })
	b.Run("8 bytes 2 to 2", func(b *testing.B) {
		g := group(b)
		q, err := NewQueue[int](g, "queue", 0)
		if err != nil {
			b.Fatal(err)
		}
		consumers := []*Process{New(g, drainInts, q), New(g, drainInts, q)}
		started(b, consumers...)
		n := 1_000_000
		for b.Loop() {
			producers := []*Process{New(g, fillInts, filling{q, n / 2}), New(g, fillInts, filling{q, n / 2})}
			started(b, producers...)
			for _, p := range producers {
				if err := errors.Join(p.Join(b.Context()), p.Err()); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "items/s")
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/item")
		q.Close()
		for _, p := range consumers {
			p.Join(b.Context())
		}
	})
	for _, size := range []int{8, 1024} {
		b.Run(fmt.Sprintf("limit %d bytes by a raw pipe", size), func(b *testing.B) {
			r, w, err := os.Pipe()
			if err != nil {
				b.Fatal(err)
			}
			rawStream(b, r, w, size)
		})
		b.Run(fmt.Sprintf("limit %d bytes by a socketpair", size), func(b *testing.B) {
			s, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				b.Fatal(err)
			}
			rawStream(b, os.NewFile(uintptr(s[0]), "r"), os.NewFile(uintptr(s[1]), "w"), size)
		})
	}
}

func stream[T any](b *testing.B, consume func(context.Context, *Queue[T]) (int, error), v T) {
	g := group(b)
	q, err := NewQueue[T](g, "queue", 0)
	if err != nil {
		b.Fatal(err)
	}
	p := New(g, consume, q)
	started(b, p)
	n := 0
	for b.Loop() {
		if err := q.Put(b.Context(), v); err != nil {
			b.Fatal(err)
		}
		n++
	}
	q.Close()
	p.Join(b.Context())
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "items/s")
	if got, err := Result[int](p); err != nil || got != n {
		b.Fatal(got, n, err)
	}
}

// rawStream writes messages to another process by the system's own calls.
func rawStream(b *testing.B, r, w *os.File, size int) {
	cmd, err := swallow.Command(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	cmd.Stdin = r
	cmd.Env = append(cmd.Env, fmt.Sprint("SIZE=", size))
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	r.Close()
	fd, message := int(w.Fd()), make([]byte, size) // Fd makes it block
	n := 0
	for b.Loop() {
		if _, err := unix.Write(fd, message); err != nil {
			b.Fatal(err)
		}
		n++
	}
	w.Close()
	cmd.Wait()
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "items/s")
}

// BenchmarkPipe is a number there and back, and numbers one way.
func BenchmarkPipe(b *testing.B) {
	b.Run("there and back", func(b *testing.B) {
		g := group(b)
		here, there, err := NewPipe[int, int](g, "pipe")
		if err != nil {
			b.Fatal(err)
		}
		p := New(g, bounces, there)
		started(b, p)
		for b.Loop() {
			if err := here.Send(b.Context(), 1); err != nil {
				b.Fatal(err)
			}
			if _, err := here.Recv(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		here.Close()
		p.Join(b.Context())
	})
	b.Run("one way", func(b *testing.B) {
		g := group(b)
		here, there, err := NewPipe[int, struct{}](g, "pipe")
		if err != nil {
			b.Fatal(err)
		}
		p := New(g, drainPipe, there)
		started(b, p)
		for b.Loop() {
			if err := here.Send(b.Context(), 1); err != nil {
				b.Fatal(err)
			}
		}
		here.Close()
		p.Join(b.Context())
	})
}
