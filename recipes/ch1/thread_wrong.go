package ch1

import (
	"context"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

var threadWrong = []catalog.Wrong{
	{Name: "no-wait", Title: "pauses for longer than the thread needs, and does not wait for it", Run: pauseInsteadOfWait},
}

// pauseInsteadOfWait ends when main has paused for five times as long as the thread needs.
func pauseInsteadOfWait(ctx context.Context, out *transcript.Log) error {
	threadCtx, cutOff := context.WithCancel(ctx)
	ended := make(chan struct{})
	out.Printf("Process Started")
	actor := out.Actor("thread")
	go func() {
		defer close(ended)
		if out.Sleep(threadCtx, 2*time.Second) != nil {
			return
		}
		actor.Printf("Hello Parallel Python CookBook!!")
		actor.Printf("Thread Ended")
	}()
	err := out.Sleep(ctx, 10*time.Second)
	out.Printf("Process Ended")

	// A Go program would end here, and the thread with it. This program goes on, so it cuts the thread off instead.
	cutOff()
	<-ended
	return err
}
