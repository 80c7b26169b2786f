package engine

import (
	"context"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// AckWait is how long a worker may be silent before the engine gives its message to another one. It is the AckWait of the
// consumers on which [Conn.Work] works.
const AckWait = 1500 * time.Millisecond

// Work says how [Conn.Work] works.
type Work struct {
	Slots    int           // messages that are worked on at the same time; 0: 1
	Prefetch int           // messages that are held beside these and have not begun: they wait here although another worker may be free
	AckWait  time.Duration // that of the consumer; 0: AckWait
}

// Work calls do for each message of a consumer, in Slots goroutines, until ctx ends. Then nothing more is fetched, messages
// that have not begun are handed back, and Work returns once every do has returned. The context that do gets does not end
// with ctx.
//
// As long as a message is held, the engine is told so. A message comes again if this process dies or cannot reach the engine
// for AckWait. do has to say what becomes of its message: Ack, DoubleAck, Nak or Term.
//
// The error is nil if ctx has ended, and otherwise says why no messages can come: the consumer or its stream is gone, or the
// connection has been closed.
func (c *Conn) Work(ctx context.Context, consumer jetstream.Consumer, w Work, do func(ctx context.Context, m jetstream.Msg)) error {
	slots := max(w.Slots, 1)
	capacity := slots + max(w.Prefetch, 0)
	wait := w.AckWait
	if wait == 0 {
		wait = AckWait
	}
	var held Held
	queue := make(chan jetstream.Msg, capacity)
	free := make(chan struct{}, capacity) // a token for each message that may be fetched
	for range capacity {
		free <- struct{}{}
	}
	stop := make(chan struct{})
	var keeper, workers sync.WaitGroup
	keeper.Go(func() { held.Keep(wait, stop, func() {}) })
	for range slots {
		workers.Go(func() {
			ctx, done := Works(ctx)
			defer done()
			for m := range queue {
				if ctx.Err() != nil {
					m.Nak()
				} else {
					do(context.WithoutCancel(ctx), m)
				}
				held.Remove(m)
				free <- struct{}{}
			}
		})
	}
	err := fetchAll(ctx, consumer, max(1, w.Prefetch/2), free, func(m jetstream.Msg) {
		held.Add(m)
		queue <- m
	})
	close(queue)
	workers.Wait()
	close(stop)
	keeper.Wait()
	return err
}

// fetchAll fetches messages as long as there are tokens in free: a message takes one. It waits for at least few of them, so
// that requests are not for one message each.
func fetchAll(ctx context.Context, consumer jetstream.Consumer, few int, free chan struct{}, take func(m jetstream.Msg)) error {
	tokens := 0
	for {
		for tokens < few {
			select {
			case <-free:
				tokens++
			case <-ctx.Done():
				return nil
			}
		}
		for more := true; more; {
			select {
			case <-free:
				tokens++
			default:
				more = false
			}
		}
		n, err := Fetch(ctx, consumer, tokens, take)
		tokens -= n
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && n == 0:
			if err := RetryFetch(ctx, consumer); err != nil {
				return err
			}
		}
	}
}
