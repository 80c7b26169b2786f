package tasks

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"cookbook/internal/distributed/engine"
)

const (
	firstLook   = 500 * time.Millisecond // until the store is looked at again: a message about it may have been lost
	slowestLook = 5 * time.Second
	// expirySlack is how much later than its time a call counts as expired without a worker that says so: the worker's clock
	// may differ, and it may just have begun.
	expirySlack = 500 * time.Millisecond
)

// waits is the calls whose results are waited for in this process. The waiters of one call share a subscription.
type waits struct {
	mu sync.Mutex
	of map[string]*wait
}

// A wait is the wait for one call.
type wait struct {
	waiters int                // guarded by waits.mu
	cancel  context.CancelFunc // when the last waiter has left
	done    chan struct{}      // closed when record is there
	record  Record
}

// wait waits for the final record of a call.
func (a *App) wait(ctx context.Context, id string) (Record, error) {
	record, err := a.await(ctx, id)
	if err == nil {
		engine.Receives(resultKey(id))
	}
	return record, err
}

func (a *App) await(ctx context.Context, id string) (Record, error) {
	first, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	record, _, err := a.look(first, id)
	cancel()
	if record = expired(record); err == nil && record.State.Final() || errors.Is(err, ErrOption) {
		return record, err
	}
	w := a.waits.join(a, id)
	defer a.waits.leave(id, w)
	select {
	case <-w.done:
		return w.record, nil
	case <-a.conn.Done():
		return Record{}, fmt.Errorf("wait for the result of %s: %w", id, nats.ErrConnectionClosed)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	record, _, err = a.look(last, id)
	if record = expired(record); err == nil && record.State.Final() {
		return record, nil
	}
	state := ""
	if err == nil {
		state = ", which is " + string(record.State)
	}
	return Record{}, fmt.Errorf("wait for the result of %s%s: %w", id, state, context.Cause(ctx))
}

func (ws *waits) join(a *App, id string) *wait {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	w := ws.of[id]
	if w == nil {
		ctx, cancel := context.WithCancel(context.Background())
		w = &wait{cancel: cancel, done: make(chan struct{})}
		if ws.of == nil {
			ws.of = map[string]*wait{}
		}
		ws.of[id] = w
		go w.run(ctx, a, id)
	}
	w.waiters++
	return w
}

func (ws *waits) leave(id string, w *wait) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if w.waiters--; w.waiters == 0 {
		delete(ws.of, id)
		w.cancel()
	}
}

// run waits for the message by which the engine says that a record is stored. It subscribes before it looks, so nothing is
// missed in between; what is lost otherwise, while the connection is away, is found by looking again.
func (w *wait) run(ctx context.Context, a *App, id string) {
	stored := make(chan *nats.Msg, 16)
	if sub, err := a.conn.NC.ChanSubscribe(a.storedSubject(id), stored); err == nil {
		defer sub.Unsubscribe()
	}
	for pause := firstLook; ; pause = min(2*pause, slowestLook) {
		record, _, err := a.look(ctx, id)
		if record = expired(record); err == nil && record.State.Final() {
			w.record = record
			close(w.done)
			return
		}
		next := pause
		if !record.Expires.IsZero() {
			next = max(0, min(pause, time.Until(record.Expires.Add(expirySlack))))
		}
		if w.listen(ctx, stored, time.After(next)) {
			return
		}
	}
}

// listen waits for a final record until it is time to look, and reports whether the wait is over.
func (w *wait) listen(ctx context.Context, stored chan *nats.Msg, look <-chan time.Time) bool {
	for {
		select {
		case m := <-stored:
			if record := readRecord(m.Data); record.State.Final() {
				w.record = record
				close(w.done)
				return true
			}
		case <-look:
			return false
		case <-ctx.Done():
			return true
		}
	}
}
