package ch3

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// Goroutines run on all processors of one process, so work that only has to be fast needs no other processes. A pool is an
// errgroup.Group with a limit. What it lacks is protection: a goroutine that crashes takes the whole program with it.

// mapAll calls f for every input, at most workers calls at a time, and returns the results in the order of the inputs. The first error
// ends the context of the other calls. mapAll returns it when all of them have ended.
func mapAll[In, Out any](ctx context.Context, workers int, inputs []In, f func(context.Context, In) (Out, error)) ([]Out, error) {
	outputs := make([]Out, len(inputs)) // needs no lock: each call has an element of its own
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i, input := range inputs {
		group.Go(func() (err error) { // waits while as many calls as the limit run
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			defer func() {
				if r := recover(); r != nil {
					err = fmt.Errorf("item %d panicked: %v", i, r)
				}
			}()
			outputs[i], err = f(ctx, input)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return outputs, nil
}

func poolBare(ctx context.Context, out *transcript.Log) error {
	const workers, count = 4, 100
	inputs := make([]int, count)
	for i := range inputs {
		inputs[i] = i
	}

	var running, tooMany atomic.Int64
	squares, err := mapAll(ctx, workers, inputs, func(_ context.Context, data int) (int, error) {
		defer running.Add(-1)
		if running.Add(1) > workers {
			tooMany.Add(1)
		}
		runtime.Gosched() // lets others begin meanwhile
		return data * data, nil
	})
	if err != nil {
		return err
	}
	inOrder := true
	for i, square := range squares {
		inOrder = inOrder && square == i*i
	}
	for row := 0; row < count; row += 10 {
		out.Printf("Pool: %s", strings.Trim(fmt.Sprintf("%4d", squares[row:row+10]), "[]"))
	}
	out.Check("the results stand in the order of the inputs", inOrder, true)
	out.Check("calls that began while as many as the limit were running", tooMany.Load(), int64(0))

	out.Note("A panic that nobody recovers would end the program, since it is in a goroutine.")
	_, err = mapAll(ctx, workers, []int{3, 2, 0, 1}, func(_ context.Context, data int) (int, error) { return 12 / data, nil })
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	out.Printf("%v", err)
	out.Check("a panic is the error of its item", err != nil && strings.HasPrefix(err.Error(), "item 2 "), true)

	out.Note("Any function can be called, also one without a name: nothing is sent to another process.")
	plus := 1
	sums, err := mapAll(ctx, workers, []int{4, 5, 6}, func(_ context.Context, x int) (int, error) { return x + plus, nil })
	if err != nil {
		return err
	}
	out.Printf("the pool goes on: %v", sums)
	return nil
}
