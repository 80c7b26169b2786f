package ch4

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// A function that blocks runs in a goroutine of its own, and everything else goes on. Its result comes through a channel.

// squareWhenTicked is the function that blocks, until ticked is closed.
func squareWhenTicked(ctx context.Context, out *transcript.Log, ticked <-chan struct{}, n int) (int, error) {
	out.Actor("worker").Printf("worker blocks")
	select {
	case <-ticked:
		return n * n, nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// tickBeside ticks while the function blocks. The function goes on after the last tick.
func tickBeside(ctx context.Context, out *transcript.Log, ticks int) error {
	ticked, square := make(chan struct{}), make(chan int, 1) // has room: the worker need not wait
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error {
		n, err := squareWhenTicked(ctx, out, ticked, ticks)
		if err == nil {
			square <- n
		}
		return err
	})
	both.Go(func() error {
		for i := 1; i <= ticks; i++ {
			out.Actor("loop").Printf("tick %d", i)
			if err := out.Sleep(ctx, time.Second); err != nil {
				return err
			}
		}
		close(ticked)
		select {
		case result := <-square:
			out.Actor("loop").Printf("the function that blocked returned %d", result)
			out.Check("the loop got its result", result, ticks*ticks)
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	return both.Wait()
}

// takeBack gives functions to one worker, and takes back those that have not begun.
func takeBack(ctx context.Context, out *transcript.Log, waiting int) error {
	queue, begun, release := make(chan func(), waiting), make(chan struct{}), make(chan struct{})
	var worker errgroup.Group
	worker.Go(func() error {
		for f := range queue {
			f()
		}
		return nil
	})
	queue <- func() {
		close(begun)
		<-release
	}
	<-begun
	for range waiting {
		queue <- func() {} // the queue has room for all of them
	}
	back := 0
	for len(queue) > 0 { // the only worker is busy, so nobody else takes them
		<-queue
		back++
	}
	out.Printf("one function runs, %d wait, %d are taken back", waiting, back)
	close(release)
	close(queue) // ends the worker when what runs has come to its end
	return errors.Join(worker.Wait(), context.Cause(ctx))
}

var errNoTable = errors.New("there is no table")

// breakWorker has a worker that cannot be made ready. Nobody takes a function from its queue, so a send has to look at the context.
func breakWorker(ctx context.Context, out *transcript.Log) error {
	queue := make(chan func())
	worker, ctx := errgroup.WithContext(ctx)
	worker.Go(func() error { return errNoTable })
	select {
	case queue <- func() {}:
	case <-ctx.Done():
		out.Printf("the worker is broken: %v", context.Cause(ctx))
	}
	err := worker.Wait()
	out.Check("the group has the worker's error", errors.Is(err, errNoTable), true)
	return nil
}

func runInExecutorBare(ctx context.Context, out *transcript.Log) error {
	if err := tickBeside(ctx, out, 3); err != nil {
		return err
	}
	if err := takeBack(ctx, out, 4); err != nil {
		return err
	}
	return breakWorker(ctx, out)
}
