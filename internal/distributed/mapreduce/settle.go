package mapreduce

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// What becomes of a message of the work queue, as mappers and reducers say it.

const (
	ackLimit  = 3 * time.Second // for an acknowledgement to be confirmed; an engine that has started again does not know the message
	retryWait = 200 * time.Millisecond
)

// taskOf reads what a message asks for. One that cannot be read is dropped, as nobody waits for it.
func taskOf(m jetstream.Msg) (t task, ok bool) {
	t, err := metaOf[task](m.Headers())
	if err == nil {
		err = t.check()
	}
	if err != nil {
		m.Term()
	}
	return t, err == nil
}

// confirm takes a message that is done out of the queue. If that fails, it comes again and is found done.
func confirm(ctx context.Context, m jetstream.Msg) {
	limited, cancel := context.WithTimeout(ctx, ackLimit)
	defer cancel()
	m.DoubleAck(limited)
}

// handBack lets a message come again after an error of the engine, or drops it if the job has ended.
func handBack(m jetstream.Msg, err error) {
	if errors.Is(err, errGone) {
		m.Term()
		return
	}
	m.NakWithDelay(retryWait)
}

// fail ends the job because of a message that cannot be done.
func (r run) fail(ctx context.Context, m jetstream.Msg, f failure) {
	if _, err := r.publish(ctx, message(r.subject("failed"), "", f, nil)); err != nil {
		handBack(m, err)
		return
	}
	m.Term()
}
