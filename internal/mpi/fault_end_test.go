package mpi

import (
	"context"
	"errors"
	"os"
	"runtime"
	"testing"
	"time"
)

// faultEnds is ranks that end otherwise than by returning.
var faultEnds = []faultCase{
	{name: "a rank returns an error", ranks: 3, class: ErrFailed, says: []string{"rank 1", "the disk is full"}, anyMPI: true,
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 1 {
				return errors.New("the disk is full")
			}
			return c.Barrier()
		}},
	{name: "a rank panics", ranks: 3, class: ErrFailed, silent: []int{1}, anyMPI: true,
		says: []string{"rank 1", "index out of range"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 1 {
				var empty []int
				empty[c.Rank()]++
			}
			return c.Barrier()
		}},
	{name: "a rank exits", ranks: 3, class: ErrDied, silent: []int{1}, says: []string{"rank 1", "3"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 1 {
				os.Exit(3)
			}
			return faultRecv(c, 1, 0)
		}},
	{name: "a rank is killed while it receives", ranks: 4, class: ErrDied, silent: []int{2},
		says: []string{"rank 2", "SIGKILL"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 2 {
				faultKillSelf(c.busy.Load)
			}
			if c.Rank() == 0 {
				return faultCompute(c) // or it were a deadlock
			}
			return faultRecv(c, 0, 0)
		}},
	{name: "a rank is killed while it computes", ranks: 4, class: ErrDied, silent: []int{0},
		says: []string{"rank 0", "SIGKILL"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 0 {
				faultKill(os.Getpid())
				for {
					runtime.Gosched()
				}
			}
			return c.Barrier()
		}},
	{name: "a rank is killed in the middle of a message", ranks: 3, class: ErrDied, silent: []int{0},
		says:    []string{"rank 0", "SIGKILL"},
		program: func(_ context.Context, c *Comm) error { return faultHalfway(c, faultKill) }},
	{name: "a rank is killed in the middle of receiving", ranks: 3, class: ErrDied, silent: []int{1},
		says: []string{"rank 1", "SIGKILL"},
		program: func(_ context.Context, c *Comm) error {
			return faultHalfway(c, func(int) { faultKill(os.Getpid()) })
		}},
	{name: "a rank is killed in the middle of collective calls", ranks: 4, class: ErrDied, silent: []int{3},
		says: []string{"rank 3", "SIGKILL"},
		program: func(_ context.Context, c *Comm) error {
			for i := 0; ; i++ {
				if c.Rank() == 3 && i == 20 {
					faultKillSelf(c.busy.Load)
				}
				buf := make([]float64, []int{5000, 200_000}[i%2])
				if err := Allreduce(c, buf, make([]float64, len(buf)), Sum); err != nil {
					return err
				}
			}
		}},
	{name: "a rank aborts while others compute", ranks: 3, class: ErrAborted, mute: true, anyMPI: true,
		says: []string{"rank 1", "7"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 1 {
				c.Abort(7)
			}
			for { // takes no notice of anything
				runtime.Gosched()
			}
		}},
	{name: "a rank aborts while others wait", ranks: 3, class: ErrAborted, mute: true, anyMPI: true,
		says: []string{"rank 2", "7"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 2 {
				c.Abort(7)
			}
			return faultRecv(c, 2, 0)
		}},
	{name: "time is over while ranks compute", ranks: 3, class: ErrTimeout, mute: true,
		says: []string{"700ms"},
		opts: []Option{WithTimeout(700 * time.Millisecond)},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 0 {
				return faultRecv(c, 1, 0)
			}
			for {
				runtime.Gosched()
			}
		}},
	{name: "time is over and an MPI library says so", ranks: 2, class: ErrTimeout, mute: true, anyMPI: true,
		opts: []Option{WithTimeout(2 * time.Second)},
		program: func(_ context.Context, c *Comm) error {
			for {
				runtime.Gosched()
			}
		}},
	{name: "there is time enough", ranks: 3, opts: []Option{WithTimeout(time.Hour)}, anyMPI: true,
		program: func(_ context.Context, c *Comm) error { return c.Barrier() }},
	{name: "messages that nobody receives", ranks: 3, anyMPI: true,
		program: func(_ context.Context, c *Comm) error { return Send(c, []int{1}, (c.Rank()+1)%3, 0) }},
}

func TestTheCodeOfAbortIsReturned(t *testing.T) {
	for _, e := range engines {
		t.Run(EngineName(WithEngine(t.Context(), e)), func(t *testing.T) {
			ctx := needs(t, e)
			for _, code := range []int{7, 1, 255, 3000} {
				_, err := Run(ctx, faultAbort, 3, code)
				var failed *Error
				if !errors.As(err, &failed) || failed.Class != ErrAborted || failed.Code != code || failed.Rank != 1 {
					t.Errorf("abort with code %d: %#v, want ErrAborted of rank 1", code, err)
				}
			}
		})
	}
}

var faultAbort = Register("fault.abort", func(_ context.Context, c *Comm, code int) (int, error) {
	if c.Rank() == 1 {
		c.Abort(code)
	}
	return 0, c.Barrier()
})
