package tasks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
)

// maxBackoff bounds the pause before a retry.
const maxBackoff = time.Hour

// finish says what becomes of a call whose function has returned. It reports whether the engine knows.
func (w *worker) finish(j *job, result json.RawMessage, err error) (settled bool) {
	r := j.request
	ctx, cancel := context.WithTimeout(w.life, storeLimit)
	defer cancel()
	if err == nil && len(result)+slack > int(w.app.conn.NC.MaxPayload()) {
		err = Permanent(fmt.Errorf("its result of %d bytes does not fit into a message of %d: %w", len(result), w.app.conn.NC.MaxPayload(), engine.ErrTooLarge))
	}
	var permanent *permanentError
	switch {
	case errors.Is(err, ErrStopped):
		w.say(Event{Kind: Returned, Request: r})
		j.m.Nak()
		return true
	case err == ErrRevoked:
		return w.discard(ctx, j, err)
	case errors.Is(err, ErrMalformed):
		return w.refuse(ctx, j, err)
	case err != nil && !errors.As(err, &permanent) && r.Retries < r.MaxRetries:
		return w.retry(ctx, j, err)
	case err != nil:
		w.say(Event{Kind: Failed, Request: r, Err: err, Runtime: j.runtime})
		return w.fail(ctx, j, err)
	}
	w.say(Event{Kind: Succeeded, Request: r, Result: result, Runtime: j.runtime})
	return w.end(ctx, j, Record{State: Success, Result: result})
}

// What a record may hold, so that it fits into a message.
const (
	slack    = 4096     // bytes beside the result, about
	maxError = 16 << 10 // bytes of an error's text
)

// cut shortens a text that is too long.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + " …"
}

// retry lets the call come again after a pause.
func (w *worker) retry(ctx context.Context, j *job, cause error) (settled bool) {
	r := j.request
	pause := min(r.Backoff, maxBackoff)
	for range r.Retries {
		pause = min(2*pause, maxBackoff)
	}
	var asked *retryError
	if errors.As(cause, &asked) {
		pause = asked.after
	}
	record := Record{State: Retry, Task: r.Name, Error: cut(cause.Error(), maxError), Retries: r.Retries + 1, Worker: w.name, At: time.Now(), Due: time.Now().Add(pause)}
	_, stored, err := w.app.store(ctx, r.ID, record, j.revision)
	for err == nil && !stored {
		if over, err := w.remember(ctx, j); over || err != nil {
			return true
		}
		_, stored, err = w.app.store(ctx, r.ID, record, j.revision)
	}
	engine.Sends(callKey(r, r.Retries+1), r.Name+" again")
	w.say(Event{Kind: Retried, Request: r, Err: cause, Again: pause, Runtime: j.runtime})
	j.m.NakWithDelay(max(pause, time.Millisecond))
	return true
}

// end keeps how the call has ended, and then takes its message out of the queue. A success is kept without waiting for it: the
// pipe waits.
func (w *worker) end(ctx context.Context, j *job, record Record) (settled bool) {
	r := j.request
	record.Task, record.Retries, record.Worker, record.At = r.Name, r.Retries, w.name, time.Now()
	if r.IgnoreResult && r.Key == "" {
		if j.revision > 0 { // of a retry
			w.app.results.Purge(ctx, r.ID)
		}
		record.clear(j.m)
		return true
	}
	record.Error = cut(record.Error, maxError)
	m, err := w.app.write(r.ID, record, j.revision)
	if err != nil {
		return true
	}
	engine.Sends(resultKey(r.ID), "result of "+r.Name)
	future, err := w.app.js.PublishMsgAsync(m)
	if err != nil {
		future = nil
	}
	w.pipe <- ending{j, record, m, future}
	return false
}

// clear takes a call that has ended out of its queue.
func (r Record) clear(m jetstream.Msg) {
	if r.State == Failure {
		m.TermWithReason(oneLine(r.Error))
		return
	}
	m.Ack()
}

// An ending is a call whose record is on its way to the engine.
type ending struct {
	j      *job
	record Record
	m      *nats.Msg
	future jetstream.PubAckFuture
}

// A pipe is the endings in the order in which they were sent.
type pipe chan ending

// run takes the messages of calls out of the queues whose records are stored, until the pipe is closed.
func (p pipe) run(w *worker) {
	for e := range p {
		ctx, cancel := context.WithTimeout(w.life, storeLimit)
		_, err := w.app.confirm(ctx, e.m, e.future)
		if engine.Overtaken(err) { // another worker has written of it, or this one, whose answer was lost
			if err = w.app.settle(ctx, e.j.request.ID, e.record); err == nil {
				err = w.app.followUp(ctx, e.j.request)
			}
		} else if err == nil {
			err = w.app.follow(ctx, e.j.request, e.record)
		}
		cancel()
		if err == nil {
			e.record.clear(e.j.m)
		}
		w.held.Remove(e.j.m) // without an Ack it comes again
	}
}

// refuse takes a call out of the queue that no worker can do.
func (w *worker) refuse(ctx context.Context, j *job, cause error) (settled bool) {
	w.say(Event{Kind: Refused, Request: j.request, Err: cause})
	return w.fail(ctx, j, cause)
}

// fail ends a call that has failed for good, as a dead letter.
func (w *worker) fail(ctx context.Context, j *job, cause error) (settled bool) {
	if err := w.bury(ctx, j, cause); err != nil { // what is not kept there stays in the queue
		j.m.NakWithDelay(time.Second)
		return true
	}
	return w.end(ctx, j, Record{State: Failure, Error: cause.Error(), Kind: kindOf(cause)})
}
