package ch3

import (
	"context"
	"sync/atomic"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

var poolWrong = []catalog.Wrong{
	{Name: "unread-error", Title: "reads no result, and so no error", Run: forgetErrors},
	{Name: "terminated-early", Title: "gives the pool some time, and terminates it", Run: terminateEarly},
}

// forgetErrors gives the pool three divisions, of which one fails, and reads no result. So nothing tells of the error.
func forgetErrors(ctx context.Context, out *transcript.Log) error {
	pool, err := process.NewPool(ctx, 2)
	if err != nil {
		return err
	}
	defer pool.Terminate()
	var came atomic.Int64
	count := process.WithCallback(func(int) { came.Add(1) })
	for _, data := range []int{3, 0, 2} {
		process.ApplyAsync(ctx, pool, divide, data, count)
	}
	pool.Close()
	if err := pool.Join(ctx); err != nil {
		return err
	}
	out.Printf("the pool has done everything")
	out.Check("quotients that came", came.Load(), int64(3))
	return nil
}

// terminateEarly gives the pool some time and then terminates it, as the end of Python's "with Pool() as pool" does.
func terminateEarly(ctx context.Context, out *transcript.Log) error {
	pool, err := process.NewPool(ctx, 2)
	if err != nil {
		return err
	}
	defer pool.Terminate()
	say := process.WithCallback(func(square int) { out.Actor("callback").Printf("a square has come: %d", square) })
	process.ApplyAsync(ctx, pool, functionSquare, 12, say)
	if err := out.Sleep(ctx, 5*time.Second); err != nil {
		return err
	}
	pool.Terminate()
	out.Printf("the end")
	return nil
}
