package tasks

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
)

const (
	publishTimeout = 2 * time.Second  // for the answer to one of many messages
	afterExpiry    = 30 * time.Second // how long an expired call stays in its queue, so that a worker can say that it expired
)

// scheduleTime is how the engine reads a time. The library's own way to write it cuts to whole seconds.
const scheduleTime = "@at 2006-01-02T15:04:05.000Z07:00"

// message is how a request travels.
func (a *App) message(r *Request) (*nats.Msg, error) {
	m := &nats.Msg{Subject: a.taskSubject(r.Queue, r.Priority), Header: r.header(), Data: r.Argument}
	m.Header.Set(jetstream.MsgIDHeader, r.ID)
	ttl := jetstream.MsgTTLHeader
	if !r.ETA.IsZero() {
		m.Header.Set(ttl, "never") // its time may be later than what the queue keeps
		m.Header.Set(jetstream.ScheduleTargetHeader, m.Subject)
		m.Header.Set(jetstream.ScheduleHeader, r.ETA.UTC().Format(scheduleTime))
		m.Subject = a.laterSubject(r.ID)
		ttl = jetstream.ScheduleTTLHeader
	}
	if !r.Expires.IsZero() {
		left := time.Until(r.Expires)
		if !r.ETA.IsZero() {
			left = r.Expires.Sub(r.ETA)
		}
		seconds := int(math.Ceil((max(left, 0) + afterExpiry).Seconds()))
		m.Header.Set(ttl, strconv.Itoa(seconds)+"s")
	}
	if most := a.conn.NC.MaxPayload(); int64(len(m.Data)+headerSize(m)) > most {
		return nil, fmt.Errorf("call %s: its argument of %d bytes does not fit into a message of %d with its headers: %w", r.Name, len(r.Argument), most, engine.ErrTooLarge)
	}
	if n := headerSize(m); n > maxHeader {
		return nil, fmt.Errorf("call %s: its headers have %d bytes, where %d fit: %w", r.Name, n, maxHeader, engine.ErrTooLarge)
	}
	return m, nil
}

// maxHeader is how large the headers of a message may be that a stream stores.
const maxHeader = 64 << 10 // bytes

// headerSize is about how large the headers of a message are.
func headerSize(m *nats.Msg) int {
	n := 32
	for name, values := range m.Header {
		for _, v := range values {
			n += len(name) + len(v) + 4
		}
	}
	return n
}

// send sends one call and returns when the engine has it.
func (a *App) send(ctx context.Context, r *Request) error {
	m, err := a.message(r)
	if err != nil {
		return err
	}
	sent, revision, err := a.announce(ctx, r)
	if err != nil || sent {
		return err
	}
	logSend(r)
	ack, err := a.conn.Publish(ctx, m)
	if err != nil {
		return fmt.Errorf("call %s: %w", r.Name, err)
	}
	r.sequence = ack.Sequence
	if r.Key != "" { // if a worker has written something since, this is known from it
		_, _, err = a.store(ctx, r.ID, Record{State: Pending, Task: r.Name, At: time.Now(), Expires: r.Expires, Sent: true}, revision)
	}
	return err
}

// announce keeps a record of a call that has a key or expires, before it is sent. It reports whether a call of the same key
// has been sent already.
func (a *App) announce(ctx context.Context, r *Request) (sent bool, revision uint64, err error) {
	if r.Key == "" && r.Expires.IsZero() {
		return false, 0, nil
	}
	for {
		revision, stored, err := a.store(ctx, r.ID, Record{State: Pending, Task: r.Name, At: time.Now(), Expires: r.Expires}, 0)
		if stored || err != nil {
			return false, revision, err
		}
		old, revision, err := a.look(ctx, r.ID)
		if err != nil || old.Sent || old.State != Pending {
			return true, 0, err
		}
		if revision != 0 { // its client has died before it sent it, or is about to
			return false, revision, nil
		}
	}
}

// sendAll sends calls without waiting for each, and returns when the engine has all.
func (a *App) sendAll(ctx context.Context, requests []*Request) error {
	type sent struct {
		r      *Request
		m      *nats.Msg
		future jetstream.PubAckFuture
	}
	open := make(chan sent, maxPending)
	failed := make(chan error, 1)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		for s := range open {
			ack, err := a.confirm(ctx, s.m, s.future)
			if err != nil {
				cancel(fmt.Errorf("call %s: %w", s.r.Name, err))
				continue
			}
			s.r.sequence = ack.Sequence
		}
		failed <- context.Cause(ctx)
	}()
	err := func() error {
		for _, r := range requests {
			if r.Key != "" || !r.Expires.IsZero() {
				if err := a.send(ctx, r); err != nil {
					return err
				}
				continue
			}
			m, err := a.message(r)
			if err != nil {
				return err
			}
			logSend(r)
			future, err := a.js.PublishMsgAsync(m)
			if err != nil {
				future = nil // the engine is away or slow: confirm sends it
			}
			select {
			case open <- sent{r, m, future}:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return nil
	}()
	close(open)
	if cause := <-failed; cause != nil {
		return cause
	}
	return err
}

// confirm returns when the engine has a message that was sent with that future; if it has not arrived, it is sent again.
func (a *App) confirm(ctx context.Context, m *nats.Msg, future jetstream.PubAckFuture) (*jetstream.PubAck, error) {
	if future != nil {
		select {
		case ack := <-future.Ok():
			return ack, nil
		case err := <-future.Err():
			if engine.Overtaken(err) {
				return nil, err
			}
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return a.conn.Publish(ctx, &nats.Msg{Subject: m.Subject, Header: m.Header, Data: m.Data})
}
