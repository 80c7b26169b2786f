package engine

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	fetchLimit     = 5 * time.Second // for one request for messages
	fetchHeartbeat = time.Second     // the engine says this often that it still knows the request
	fetchRetry     = 100 * time.Millisecond
)

// Fetch asks a consumer for n messages and hands each to take. It returns when all have come, when ctx ends, or after 5 s,
// with how many came. After an error [RetryFetch] says whether there is a point in the next one.
func Fetch(ctx context.Context, consumer jetstream.Consumer, n int, take func(m jetstream.Msg)) (came int, err error) {
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

// RetryFetch is what to do after a fetch that has failed. It returns why no message can come any more: the consumer or its
// stream is gone, or the connection is closed. If one may come, because the engine or its leader is away, it waits 0.1 s, or until
// ctx ends, and returns nil. It has to ask the engine, which takes 1 s at most: to a request for messages nobody answers in both cases.
func RetryFetch(ctx context.Context, consumer jetstream.Consumer) error {
	limited, cancel := context.WithTimeout(ctx, fetchHeartbeat)
	defer cancel()
	_, err := consumer.Info(limited)
	for _, gone := range []error{nats.ErrConnectionClosed, jetstream.ErrConsumerDeleted, jetstream.ErrConsumerNotFound, jetstream.ErrStreamNotFound} {
		if errors.Is(err, gone) {
			return err
		}
	}
	select {
	case <-ctx.Done():
	case <-time.After(fetchRetry):
	}
	return nil
}
