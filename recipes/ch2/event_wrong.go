package ch2

import (
	"context"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

var eventWrong = []catalog.Wrong{
	{Name: "lost-pulse", Title: "sets the event and clears it at once", Run: losePulse},
}

// losePulse has a consumer wait for an event that the producer sets and clears when the item is there.
func losePulse(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	event := threading.NewEvent("event")
	consumer := threading.NewThread(main, func(t *threading.Thread) error {
		out.Actor("consumer").Printf("consumer is about to wait")
		if err := event.Wait(t); err != nil {
			return err
		}
		out.Actor("consumer").Printf("consumer has the item")
		return nil
	}, threading.WithName("consumer"))
	producer := threading.NewThread(main, func(t *threading.Thread) error {
		if err := out.Sleep(t, time.Second); err != nil {
			return err
		}
		out.Actor("producer").Printf("producer appends an item")
		event.Set()
		event.Clear()
		return nil
	}, threading.WithName("producer"))
	return threading.Run(main, consumer, producer)
}
