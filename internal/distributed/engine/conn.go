package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A Conn is a connection to an engine. Its methods may be called from any goroutine. It has to be closed.
type Conn struct {
	NC *nats.Conn
	JS jetstream.JetStream

	at       Address
	space    string
	replicas int
	closed   chan struct{}
}

// Address is where it is connected to.
func (c *Conn) Address() Address { return c.at }

// Close sends what is to be sent, ends the connection and returns when its goroutines do nothing more.
func (c *Conn) Close() {
	if c.NC.IsConnected() {
		c.NC.FlushTimeout(time.Second)
	}
	c.NC.Close()
	<-c.closed
}

// Done is closed when the connection has been closed: what waits for the engine then waits in vain.
func (c *Conn) Done() <-chan struct{} { return c.closed }

// Flush returns once the server has all that was sent: a subscription is there for others. It waits 10 s at most.
func (c *Conn) Flush(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, flushLimit) // nats.go refuses a context without a deadline
	defer cancel()
	return c.NC.FlushWithContext(limited)
}

const flushLimit = 10 * time.Second

// Name is the name of a stream, bucket or consumer in the space of this run. The parts consist of letters, digits, - and _.
func (c *Conn) Name(parts ...string) string { return c.space + "_" + strings.Join(parts, "_") }

// Subject is a subject in the space of this run.
func (c *Conn) Subject(parts ...string) string { return c.space + "." + strings.Join(parts, ".") }

const (
	makeTry   = time.Second      // for one try to make a stream: of two that make the same one at the same time, a cluster may answer only one
	makeLimit = 30 * time.Second // for all tries; the first stream of a cluster takes 2.3 s
)

// Stream makes a stream, or changes it to what the configuration says if there is one of that name. The name is put into the
// space of this run; subjects are not, see [Conn.Subject]. In a cluster it has three replicas.
func (c *Conn) Stream(ctx context.Context, s jetstream.StreamConfig) (stream jetstream.Stream, err error) {
	s.Name = c.Name(s.Name)
	if s.Replicas == 0 {
		s.Replicas = c.replicas
	}
	err = c.again(ctx, makeTry, makeLimit, func(ctx context.Context) error {
		// Most often the stream is there already, as it is to be: then nothing is changed. NATS 2.15.3 writes to what others read while
		// it changes a stream.
		stream, err = c.JS.CreateStream(ctx, s)
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			stream, err = c.JS.UpdateStream(ctx, s)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make the stream %s: %w", s.Name, err)
	}
	return stream, nil
}

// Bucket makes a bucket of keys and values, or opens it if there is one of that name. As with [Conn.Stream] the name is put
// into the space, and a cluster keeps three replicas. History is 1 unless set.
func (c *Conn) Bucket(ctx context.Context, b jetstream.KeyValueConfig) (bucket jetstream.KeyValue, err error) {
	b.Bucket = c.Name(b.Bucket)
	if b.Replicas == 0 {
		b.Replicas = c.replicas
	}
	err = c.again(ctx, makeTry, makeLimit, func(ctx context.Context) error {
		bucket, err = c.JS.CreateKeyValue(ctx, b)
		if errors.Is(err, jetstream.ErrBucketExists) {
			bucket, err = c.JS.UpdateKeyValue(ctx, b)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make the bucket %s: %w", b.Bucket, err)
	}
	return bucket, nil
}

// Again does something with the engine until it does not fail for a reason that passes, as when the engine starts again or a
// cluster chooses a leader: for 20 s in all unless ctx ends before. Do gets a context of 3 s.
func (c *Conn) Again(ctx context.Context, do func(ctx context.Context) error) error {
	return c.again(ctx, dialLimit, publishLimit, do)
}

// again tries something until it does not fail for a reason that passes: each time for at most try, and for limit in all.
func (c *Conn) again(ctx context.Context, try, limit time.Duration, do func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		one, cancelOne := context.WithTimeout(ctx, try)
		err := do(one)
		cancelOne()
		if err == nil || !passes(err) {
			return err
		}
		select {
		case <-ctx.Done():
			if cause := context.Cause(ctx); !errors.Is(err, cause) {
				err = fmt.Errorf("%w: %w", cause, err)
			}
			return err
		case <-time.After(retryWait):
		}
	}
}

// passes reports whether an error may be gone in a moment: a server is restarting, or a cluster chooses a leader.
func passes(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode {
		case 10005, // a server of the cluster is away
			10008,        // JetStream is not available for the moment
			10077,        // a message could not be stored
			10109,        // the store is about to be closed
			10175, 10176, // a batch was not complete: its leader has changed
			10210, 10211: // too many batches at the same time
			return true
		}
		return false
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout) || errors.Is(err, nats.ErrNoResponders) ||
		errors.Is(err, jetstream.ErrNoStreamResponse) || errors.Is(err, nats.ErrDisconnected) || errors.Is(err, nats.ErrReconnectBufExceeded)
}

func isNetwork(err error) bool {
	var op net.Error
	return errors.As(err, &op)
}
