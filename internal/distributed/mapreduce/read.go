package mapreduce

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A read asks for readAhead messages at once, which bounds what waits in its memory, and for readLimit.
const (
	readAhead     = 16
	readLimit     = 5 * time.Second
	readHeartbeat = time.Second
	readerTTL     = 30 * time.Second // of a consumer whose reader is gone
)

// read hands the messages of some subjects to take, from the first one that is there and in their order, each once, until take
// wants no more. It waits for those to come until ctx ends. The error is errGone if the stream of the run is not there.
// (An ordered consumer of nats.go does the same, but where the stream is gone it looks for it for ever, and no context ends that.)
func (r run) read(ctx context.Context, take func(m jetstream.Msg) (more bool, err error), subjects ...string) error {
	next := uint64(1)
	for {
		var c jetstream.Consumer
		err := r.conn.Again(ctx, func(ctx context.Context) (err error) {
			c, err = r.conn.JS.CreateConsumer(ctx, r.conn.Name(streamName, r.id), jetstream.ConsumerConfig{
				FilterSubjects: subjects, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1,
				DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: next, InactiveThreshold: readerTTL,
			})
			return err
		})
		if noStream(err) {
			return errGone
		} else if err != nil {
			return fmt.Errorf("read %s: %w", subjects[0], err)
		}
		more, err := follow(ctx, c, &next, take)
		if !more || err != nil {
			limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			r.conn.JS.DeleteConsumer(limited, r.conn.Name(streamName, r.id), c.CachedInfo().Name) // or it ends by itself
			return err
		}
	}
}

// follow reads from one consumer. If it returns more and no error, a new consumer has to go on at next.
func follow(ctx context.Context, c jetstream.Consumer, next *uint64, take func(m jetstream.Msg) (more bool, err error)) (more bool, err error) {
	for delivered := uint64(0); ; {
		limited, cancel := context.WithTimeout(ctx, readLimit)
		defer cancel()
		batch, err := c.Fetch(readAhead, jetstream.FetchContext(limited), jetstream.FetchHeartbeat(readHeartbeat))
		if err != nil {
			return again(ctx)
		}
		for m := range batch.Messages() {
			info, err := m.Metadata()
			if err != nil {
				return false, err
			}
			if delivered++; info.Sequence.Consumer != delivered { // one was lost on the way
				return again(ctx)
			}
			*next = info.Sequence.Stream + 1
			if more, err := take(m); !more || err != nil {
				return more, err
			}
		}
		cancel()
		if err := batch.Error(); ctx.Err() != nil || err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return again(ctx)
		}
	}
}

// again waits a moment for an engine that is away.
func again(ctx context.Context) (more bool, err error) {
	select {
	case <-ctx.Done():
		return false, context.Cause(ctx)
	case <-time.After(retryWait):
		return true, nil
	}
}
