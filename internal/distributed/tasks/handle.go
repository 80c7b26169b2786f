package tasks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
)

// storeLimit is how long a worker tries to tell the engine what has become of a call. After that the call is done again.
const storeLimit = 30 * time.Second

// A job is a call in a worker.
type job struct {
	m        jetstream.Msg
	request  *Request
	record   Record // what was kept of it
	revision uint64 // of the record
	runtime  time.Duration
}

// handle does one call, up to the point where only the engine has to be told of it, and returns how long it took.
func (w *worker) handle(m jetstream.Msg) time.Duration {
	began := time.Now()
	if settled := w.do(m); settled {
		w.held.Remove(m)
	}
	return time.Since(began)
}

// do reports whether the engine knows what becomes of the message; otherwise the pipe tells it.
func (w *worker) do(m jetstream.Msg) (settled bool) {
	ctx, cancel := context.WithTimeout(w.life, storeLimit)
	defer cancel()
	r, err := readRequest(m.Headers(), m.Data())
	j := &job{m: m, request: r}
	if r.ID == "" {
		if meta, err := m.Metadata(); err == nil {
			r.ID = fmt.Sprintf("seq-%d", meta.Sequence.Stream)
		}
	}
	r.Worker = w.name
	r.Queue, r.Priority = w.app.origin(m.Subject())
	if err != nil {
		return w.refuse(ctx, j, err)
	}
	if w.active.wasRevoked(r.ID) {
		return w.discard(ctx, j, ErrRevoked)
	}
	definition, err := known.Find(r.Name)
	if err != nil {
		return w.refuse(ctx, j, fmt.Errorf("%w: %w", ErrUnknown, err))
	}
	if over, err := w.remember(ctx, j); over || err != nil {
		return true
	}
	if !r.Expires.IsZero() && time.Now().After(r.Expires) {
		w.say(Event{Kind: Discarded, Request: r, Err: ErrExpired})
		return w.end(ctx, j, Record{State: Revoked, Error: ErrExpired.Error(), Kind: "expired"})
	}
	engine.Receives(callKey(r, r.Retries))
	w.say(Event{Kind: Received, Request: r})
	if r.TrackStarted || !r.Expires.IsZero() {
		if over := w.begin(ctx, j); over {
			return true
		}
	}
	cancel() // the function has its own time
	began := time.Now()
	result, err := w.run(r, definition)
	j.runtime = time.Since(began)
	return w.finish(j, result, err)
}

// remember looks what is known of a call that may have been begun before. It reports whether it is over.
func (w *worker) remember(ctx context.Context, j *job) (over bool, err error) {
	meta, err := j.m.Metadata()
	if err != nil {
		return true, err
	}
	if meta.NumDelivered <= 1 && j.request.Key == "" && j.request.Expires.IsZero() && !j.request.TrackStarted {
		return false, nil
	}
	if j.record, j.revision, err = w.app.look(ctx, j.request.ID); err != nil {
		j.m.NakWithDelay(time.Second)
		return true, err
	}
	if j.record.State.Final() {
		return w.discard(ctx, j, errOver), nil
	}
	j.request.Retries = j.record.Retries
	if early := time.Until(j.record.Due); early > 0 { // the engine forgets pauses when it starts again
		j.m.NakWithDelay(early)
		return true, nil
	}
	if lost := int(meta.NumDelivered) - 1 - j.request.Retries; lost >= w.maxLost {
		w.refuse(ctx, j, ErrLost)
		return true, nil
	}
	return false, nil
}

// begin keeps the state STARTED. It reports whether the call is over.
func (w *worker) begin(ctx context.Context, j *job) (over bool) {
	record := Record{State: Started, Task: j.request.Name, Retries: j.request.Retries, Worker: w.name, At: time.Now()}
	for {
		revision, stored, err := w.app.store(ctx, j.request.ID, record, j.revision)
		if err != nil {
			j.m.NakWithDelay(time.Second)
			return true
		}
		if stored {
			j.revision = revision
			return false
		}
		if over, err := w.remember(ctx, j); over || err != nil {
			return true
		}
	}
}

// run calls the function, within its limits of time.
func (w *worker) run(r *Request, d definition) (json.RawMessage, error) {
	type outcome struct {
		result json.RawMessage
		err    error
	}
	ctx, cancel := context.WithCancelCause(context.WithValue(context.Background(), currentKey{}, current{w.app, r}))
	defer cancel(nil)
	if r.SoftLimit > 0 {
		defer time.AfterFunc(r.SoftLimit, func() { cancel(ErrSoftLimit) }).Stop()
	}
	var hard <-chan time.Time
	if r.HardLimit > 0 {
		timer := time.NewTimer(r.HardLimit)
		defer timer.Stop()
		hard = timer.C
	}
	done := make(chan outcome, 1)
	revoked := w.active.add(r)
	go func() {
		ctx, ended := engine.Works(ctx)
		defer ended()
		defer engine.Does(ctx, r.Name)()
		o := outcome{nil, errGoexit}
		defer func() {
			w.active.remove(r)
			done <- o
		}()
		o.result, o.err = d.run(ctx, r.Argument)
	}()
	select {
	case o := <-done:
		if cause := context.Cause(ctx); o.err != nil && cause == ErrSoftLimit && !errors.Is(o.err, ErrSoftLimit) {
			o.err = fmt.Errorf("%w after %v: %w", ErrSoftLimit, r.SoftLimit, o.err)
		}
		return o.result, o.err
	case <-hard:
		cancel(ErrHardLimit)
		return nil, Permanent(fmt.Errorf("%w after %v", ErrHardLimit, r.HardLimit))
	case <-revoked:
		cancel(ErrRevoked)
		return nil, ErrRevoked
	case <-w.life.Done():
		cancel(ErrStopped)
		return nil, ErrStopped
	}
}

// discard takes a call out of the queue that is not to be done. What is to follow it is done again: a worker may have died just
// before that. What cannot be done again and again never can.
func (w *worker) discard(ctx context.Context, j *job, why error) (settled bool) {
	meta, err := j.m.Metadata()
	if err == nil {
		err = w.app.followUp(ctx, j.request)
	}
	if err != nil && int(meta.NumDelivered) <= w.maxLost {
		j.m.NakWithDelay(time.Second)
		return true
	}
	w.say(Event{Kind: Discarded, Request: j.request, Err: why})
	j.m.Ack()
	return true
}

var errOver = errors.New("it has ended already")

var errGoexit = errors.New("the function has ended its goroutine (runtime.Goexit)")
