package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
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

const (
	fetchLimit     = 5 * time.Second // for one request for messages
	fetchHeartbeat = time.Second     // the engine says this often that it still knows the request
	fetchRetry     = 100 * time.Millisecond
)

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
	held := &held{messages: map[jetstream.Msg]struct{}{}}
	queue := make(chan jetstream.Msg, capacity)
	free := make(chan struct{}, capacity) // a token for each message that may be fetched
	for range capacity {
		free <- struct{}{}
	}
	stop := make(chan struct{})
	var keeper, workers sync.WaitGroup
	keeper.Go(func() { held.keep(wait/4, stop) })
	for range slots {
		workers.Go(func() {
			for m := range queue {
				if ctx.Err() != nil {
					m.Nak()
				} else {
					do(context.WithoutCancel(ctx), m)
				}
				held.remove(m)
				free <- struct{}{}
			}
		})
	}
	err := fetchAll(ctx, consumer, max(1, w.Prefetch/2), free, func(m jetstream.Msg) {
		held.add(m)
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
		n, err := fetch(ctx, consumer, tokens, take)
		tokens -= n
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && n == 0: // the engine is away, or its leader, or the consumer for good
			if gone := isGone(ctx, consumer); gone != nil {
				return gone
			}
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(fetchRetry):
			}
		}
	}
}

// isGone returns why no message can come any more, nil if one may. To a request for messages nobody answers in both cases.
func isGone(ctx context.Context, consumer jetstream.Consumer) error {
	limited, cancel := context.WithTimeout(ctx, fetchHeartbeat)
	defer cancel()
	_, err := consumer.Info(limited)
	if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, jetstream.ErrConsumerDeleted) || errors.Is(err, jetstream.ErrConsumerNotFound) || errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	return nil
}

// fetch asks for n messages and returns when they have come, or after a while, with how many came.
func fetch(ctx context.Context, consumer jetstream.Consumer, n int, take func(m jetstream.Msg)) (came int, err error) {
	limited, cancel := context.WithTimeout(ctx, fetchLimit)
	defer cancel()
	batch, err := consumer.Fetch(n, jetstream.FetchContext(limited), jetstream.FetchHeartbeat(fetchHeartbeat))
	if err != nil {
		return 0, err
	}
	for m := range batch.Messages() {
		take(m)
		came++
	}
	if err := batch.Error(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return came, err
	}
	return came, nil
}

// held is the messages that this process works on or has fetched.
type held struct {
	mu       sync.Mutex
	messages map[jetstream.Msg]struct{}
}

func (h *held) add(m jetstream.Msg) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.messages[m] = struct{}{}
}

func (h *held) remove(m jetstream.Msg) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.messages, m)
}

// keep tells the engine at each interval that the messages are held, until stop is closed.
func (h *held) keep(every time.Duration, stop chan struct{}) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
		h.mu.Lock()
		for m := range h.messages {
			m.InProgress() // after an Ack it is an error, which is right
		}
		h.mu.Unlock()
	}
}
