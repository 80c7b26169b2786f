package ch4

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// A goroutine cannot be stopped from outside. It is told to end by a context, and ends where it looks at it. An errgroup waits for
// all its goroutines, and cancels their context when the first of them fails.

var errOutOfPaper = errors.New("no paper")

// printAll has one printer that fails and others that wait for work.
func printAll(ctx context.Context, out *transcript.Log, printers int) error {
	jobs := make(chan string) // none comes
	group, ctx := errgroup.WithContext(ctx)
	for i := 1; i <= printers; i++ {
		name := fmt.Sprintf("printer %d", i)
		group.Go(func() error {
			if i == 1 {
				out.Actor(name).Printf("%s has no paper", name)
				return errOutOfPaper
			}
			select {
			case <-jobs:
				return nil
			case <-ctx.Done():
				out.Actor(name).Printf("%s is cancelled: %v", name, context.Cause(ctx))
				return context.Cause(ctx)
			}
		})
	}
	return group.Wait() // the first error, when all have ended
}

// pay gives up its wait, but not what it waits for: the payment has been given the longer context.
func pay(ctx context.Context, out *transcript.Log) error {
	request, cancel := context.WithCancel(ctx)
	paid := make(chan error, 1) // room for the result, so that the goroutine can end even if nobody receives
	go func() {
		err := out.Sleep(ctx, time.Second)
		if err == nil {
			out.Actor("payment").Printf("payment ends well")
		}
		paid <- err
	}()
	cancel()
	<-request.Done()
	out.Printf("main's wait is cancelled")
	return <-paid
}

// firstOffer takes the first of two answers. The channel has room for both, so the slow one can be sent when nobody receives.
func firstOffer(out *transcript.Log) string {
	offers, taken := make(chan string, 2), make(chan struct{})
	go func() { offers <- "fast offer" }()
	go func() {
		<-taken
		offers <- "slow offer"
	}()
	first := <-offers
	out.Printf("main has the %s", first)
	close(taken)
	return <-offers
}

// callBriefly waits for an answer, but not too long. It returns when the call has ended, and it takes a second to hang up.
func callBriefly(ctx context.Context, out *transcript.Log) error {
	brief, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		<-brief.Done()
		out.Actor("call").Printf("call is cancelled: %v", context.Cause(brief))
		err := out.Sleep(ctx, time.Second) // with the longer context: brief has ended
		out.Actor("call").Printf("call is over")
		ended <- errors.Join(context.Cause(brief), err)
	}()
	err := <-ended
	out.Printf("main waits no longer")
	return err
}

func groupsBare(ctx context.Context, out *transcript.Log) error {
	err := printAll(ctx, out, 3)
	out.Printf("main has the group's error: %v", err)
	out.Check("the error is that of the first printer", errors.Is(err, errOutOfPaper), true)
	if err := pay(ctx, out); err != nil {
		return err
	}
	out.Printf("main has the %s as well", firstOffer(out))
	err = callBriefly(ctx, out)
	out.Check("the call took too long", errors.Is(err, context.DeadlineExceeded), true)
	return context.Cause(ctx)
}
