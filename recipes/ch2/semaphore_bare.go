package ch2

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// What a semaphore does, a channel does in Go. As a signal that an item is ready it brings the item along. With room for n values it lets
// in n at a time: to send takes a place, to receive gives it back.

// signalThroughChannel has a producer make items, one in each round, and a consumer wait for each of them.
func signalThroughChannel(ctx context.Context, out *transcript.Log, rounds int) error {
	var consumed []int
	for round := range rounds {
		ready := make(chan int) // the signal, and the item with it
		both, ctx := errgroup.WithContext(ctx)
		both.Go(func() error {
			if err := out.Sleep(ctx, 10*time.Second); err != nil {
				return err
			}
			out.Actor("producer").Printf("producer notify : produced item number %d", round)
			select {
			case ready <- round:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		both.Go(func() error {
			out.Actor("consumer").Printf("consumer is waiting.")
			select {
			case item := <-ready:
				out.Actor("consumer").Printf("Consumer notify : consumed item number %d", item)
				consumed = append(consumed, item)
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		if err := both.Wait(); err != nil {
			return err
		}
	}
	out.Printf("program terminated")
	out.Check("the numbers consumed are the numbers produced", consumed, []int{0, 1, 2})
	return nil
}

// shareTwoPlaces lets two of four guests in at a time. If a guest needs several places at once, golang.org/x/sync/semaphore gives them in
// one step; two that take them one by one could wait for each other.
func shareTwoPlaces(ctx context.Context, out *transcript.Log) error {
	places := make(chan struct{}, 2)
	var inside atomic.Int64
	var crowded atomic.Bool
	all, ctx := errgroup.WithContext(ctx)
	for n := range 4 {
		name := fmt.Sprintf("guest %d", n+1)
		all.Go(func() error {
			select {
			case places <- struct{}{}:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			defer func() { <-places }()
			if inside.Add(1) > 2 {
				crowded.Store(true)
			}
			defer inside.Add(-1)
			out.Actor(name).Printf("%s is inside", name)
			return out.Sleep(ctx, time.Second)
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	out.Check("there were never more than two inside", crowded.Load(), false)
	return nil
}

func semaphoreBare(ctx context.Context, out *transcript.Log) error {
	if err := signalThroughChannel(ctx, out, 3); err != nil {
		return err
	}
	return shareTwoPlaces(ctx, out)
}
