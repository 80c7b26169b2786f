package ch3

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// Numbers go to main through two channels and the goroutine between them. Then questions and answers go both ways.

// sendOn sends a value, or gives up when ctx ends.
func sendOn[T any](ctx context.Context, to chan<- T, value T) error {
	select {
	case to <- value:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// squareThroughChannels is create_items → first channel → multiply_items → second channel → main. Each closes the channel that it
// sends into, and the loop at its other end is over.
func squareThroughChannels(ctx context.Context, out *transcript.Log, items int) error {
	first, second := make(chan int), make(chan int)
	stages, ctx := errgroup.WithContext(ctx)
	stages.Go(func() error {
		defer close(first)
		for item := range items {
			if err := sendOn(ctx, first, item); err != nil {
				return err
			}
		}
		out.Actor("create_items").Printf("sent %d numbers, close", items)
		return nil
	})
	stages.Go(func() error {
		defer close(second)
		squared := 0
		for item := range first {
			if err := sendOn(ctx, second, item*item); err != nil {
				return err
			}
			squared++
		}
		out.Actor("multiply_items").Printf("end of the channel after %d numbers, close", squared)
		return nil
	})
	received, right := 0, true
	for square := range second {
		out.Printf("%d", square)
		right = right && square == received*received
		received++
	}
	if err := stages.Wait(); err != nil {
		return err
	}
	out.Printf("End")
	out.Check("as many squares came as numbers were sent", received, items)
	out.Check("each was the square of its place", right, true)
	return nil
}

// A question carries the channel for its answer, so any number of goroutines may ask.
type question struct {
	word   string
	answer chan<- int // with room for one, so that the answer need not wait
}

func askLengths(ctx context.Context, out *transcript.Log) error {
	questions := make(chan question)
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error {
		for q := range questions {
			out.Actor("lengths").Printf("%s?", q.word)
			q.answer <- len(q.word)
		}
		return nil
	})
	answers := ""
	both.Go(func() error {
		defer close(questions)
		for _, word := range []string{"pipe", "queue"} {
			answer := make(chan int, 1)
			if err := sendOn(ctx, questions, question{word, answer}); err != nil {
				return err
			}
			n := <-answer
			out.Printf("%s has %d letters", word, n)
			answers += fmt.Sprint(n)
		}
		return nil
	})
	if err := both.Wait(); err != nil {
		return err
	}
	out.Check("the answers that came back", answers, "45")
	return nil
}

func pipeBare(ctx context.Context, out *transcript.Log) error {
	if err := squareThroughChannels(ctx, out, 10); err != nil {
		return err
	}
	out.Note("A channel has one direction. An answer comes back through another one.")
	return askLengths(ctx, out)
}
