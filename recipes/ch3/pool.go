package ch3

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// A pool of processes calls a function for many arguments and returns the results in their order.

// # Sharing out work

func shareOut(ctx context.Context, out *transcript.Log, workers, count, chunk, retries int) error {
	pool, err := process.NewPool(ctx, workers, process.WithRetries(retries))
	if err != nil {
		return err
	}
	defer pool.Terminate() // for an early return; after Close and Join no process is left to kill

	inputs := make([]int, count)
	for i := range inputs {
		inputs[i] = i
	}
	outputs, err := process.Map(ctx, pool, functionSquare, inputs, process.WithChunkSize(chunk))
	if err != nil {
		return err
	}
	for row := range slices.Chunk(outputs, 10) {
		out.Printf("Pool: %s", strings.Trim(fmt.Sprintf("%4d", row), "[]"))
	}
	inOrder := true
	for i, square := range outputs {
		inOrder = inOrder && square == i*i
	}
	out.Check("the results stand in the order of the inputs", inOrder, true)

	pids, err := process.Map(ctx, pool, pidOf, inputs, process.WithChunkSize(1))
	if err != nil {
		return err
	}
	slices.Sort(pids)
	pids = slices.Compact(pids)
	out.Printf("processes that had a part in it: %d", len(pids))
	out.Note("A process that is free takes the next chunk, so a quick process may do all the work. Main only waits.")
	out.Check("no more processes than workers, and this is none of them",
		len(pids) <= workers && !slices.Contains(pids, os.Getpid()), true)

	if err := callAsync(ctx, out, pool); err != nil {
		return err
	}
	if err := goWrong(ctx, out, pool); err != nil {
		return err
	}
	pool.Close()
	if err := pool.Join(ctx); err != nil {
		return err
	}
	_, err = process.Apply(ctx, pool, functionSquare, 2)
	out.Printf("after close: %v", err)
	out.Check("a closed pool takes nothing", errors.Is(err, process.ErrClosed), true)
	return nil
}

// functionSquare is the book's. A function cannot be sent to a process. Only its name is sent, and the other process
// knows that name.
var functionSquare = process.Register("ch3.function_square", func(_ context.Context, data int) (int, error) {
	return data * data, nil
})

// pidOf says in which process it is called.
var pidOf = process.Register("ch3.pid", func(context.Context, int) (int, error) { return os.Getpid(), nil })

// # Calls that do not wait

// callAsync shows the other three ways to give work to the pool.
func callAsync(ctx context.Context, out *transcript.Log, pool *process.Pool) error {
	square, err := process.Apply(ctx, pool, functionSquare, 12)
	if err != nil {
		return err
	}
	out.Printf("apply       : %d", square)

	promised := process.ApplyAsync(ctx, pool, functionSquare, 20)
	if square, err = promised.Get(ctx); err != nil {
		return err
	}
	out.Printf("apply_async : %d", square)

	all := process.MapAsync(ctx, pool, functionSquare, []int{1, 2, 3}, process.WithCallback(func(squares []int) {
		out.Actor("callback").Printf("map_async has come to %v", squares)
	}))
	squares, err := all.Get(ctx)
	if err != nil {
		return err
	}
	out.Printf("map_async   : %v", squares)
	out.Note("The result is ready when the callback has returned, so the callback's line comes first in every run.")
	return nil
}

// # What goes wrong

// goWrong shows what goes wrong: in a function, in a process, and before anything is sent.
func goWrong(ctx context.Context, out *transcript.Log, pool *process.Pool) error {
	_, err := process.Map(ctx, pool, divide, []int{3, 2, 0, 1})
	out.Printf("%v", err)
	var item *process.ItemError
	out.Check("a panic is the error of its item", errors.As(err, &item) && item.Item == 2, true)

	var came int
	var lost error
	numbers := slices.Values([]int{10, 11, 12, 13, 14, 15})
	for _, err := range process.Imap(ctx, pool, fragile, numbers, process.WithChunkSize(2)) {
		switch {
		case err == nil:
			came++
		case errors.Is(err, process.ErrDied):
			lost = err
		default:
			return err
		}
	}
	out.Printf("%v", lost)
	out.Note("12 and 13 were one chunk. In Python, a caller that waits for this chunk waits for ever.")
	out.Check("the other items are there", came, 4)

	squares, err := process.Map(ctx, pool, functionSquare, []int{4, 5, 6})
	if err != nil {
		return err
	}
	out.Printf("the pool goes on: %v", squares)

	addOne := func(_ context.Context, x int) (int, error) { return x + 1, nil }
	_, err = process.Map(ctx, pool, addOne, []int{1})
	out.Check("a function without a name is refused at once", errors.Is(err, process.ErrNotRegistered), true)
	return nil
}

// divide panics when it divides by 0.
var divide = process.Register("ch3.divide", func(_ context.Context, data int) (int, error) {
	return 12 / data, nil
})

// fragile ends its own process at 13, as a crash or kill -9 would: without an error or a panic.
var fragile = process.Register("ch3.fragile", func(_ context.Context, data int) (int, error) {
	if data == 13 {
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return 0, err
		}
		self.Kill()
		select {}
	}
	return data, nil
})

var pool = catalog.Recipe{
	ID: "ch3.pool", Section: "3.10", Title: "Share out work over a pool of processes",
	Python: "multiprocessing.Pool", Go: "process.Pool",
	Needs: []catalog.Need{catalog.Processes},
	New: func(f *pflag.FlagSet) catalog.Run {
		workers := catalog.Int(f, "workers", 4, 1, 64, "processes in the pool")
		count := catalog.Int(f, "count", 100, 1, 1_000_000, "numbers to square")
		chunk := catalog.Int(f, "chunk", 0, 0, 1_000_000, "numbers that a process gets at once; 0 lets the pool choose")
		retries := catalog.Int(f, "retries", 1, 0, 9, "number of times that work is sent again after its process died")
		return func(ctx context.Context, out *transcript.Log) error {
			return shareOut(ctx, out, *workers, *count, *chunk, *retries)
		}
	},
	Wrong: poolWrong,
	Bare:  poolBare,
}
