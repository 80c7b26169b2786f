package tasks

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// maxRevoked is the number of revoked ids that a worker remembers.
const maxRevoked = 10_000

func (a *App) revokeSubject() string { return a.conn.Subject("control", "revoke") }

// Revoke makes the call a revoked one, unless it has ended: [AsyncResult.Get] says [ErrRevoked]. A call that has not begun is
// not begun. If it is being done, its function's context ends with the cause [ErrRevoked], and the worker goes on without it.
// Celery: revoke(terminate=True).
//
// A call that is only known by its id, from [Task.Result], stays in its queue. The workers that are there now do not begin it;
// one that comes later does it, but its result is dropped.
func (r *AsyncResult[R]) Revoke(ctx context.Context) error { return r.app.revoke(ctx, r.request) }

func (a *App) revoke(ctx context.Context, r *Request) error {
	record := Record{State: Revoked, Task: r.Name, Error: ErrRevoked.Error(), Kind: "revoked", At: time.Now()}
	err := a.settle(ctx, r.ID, record)
	if err == nil {
		err = a.conn.NC.Publish(a.revokeSubject(), []byte(r.ID))
	}
	if err == nil && !r.ETA.IsZero() {
		err = a.conn.Again(ctx, func(ctx context.Context) error {
			return a.stream.Purge(ctx, jetstream.WithPurgeSubject(a.laterSubject(r.ID)))
		})
	}
	if err != nil {
		return fmt.Errorf("revoke %s [%s]: %w", r.Name, r.ID, err)
	}
	if err := a.followUp(ctx, r); err != nil {
		return err
	}
	if r.sequence > 0 && r.ETA.IsZero() {
		a.stream.DeleteMsg(ctx, r.sequence) // an error if a worker has ended it, which is right
	}
	return nil
}

// activity is what a worker works on, and what it is not to work on.
type activity struct {
	mu      sync.Mutex
	active  map[*Request]chan struct{} // closed when the call is revoked
	revoked map[string]bool
	order   []string // of revoked, the oldest first
}

// add notes that a call has begun, and returns what is closed if it is revoked.
func (a *activity) add(r *Request) <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.active == nil {
		a.active = map[*Request]chan struct{}{}
	}
	revoked := make(chan struct{})
	a.active[r] = revoked
	if a.revoked[r.ID] {
		close(revoked)
	}
	return revoked
}

func (a *activity) remove(r *Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.active, r)
}

// list is the ids of the calls that are being done.
func (a *activity) list() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	ids := []string{}
	for r := range a.active {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	return ids
}

func (a *activity) wasRevoked(id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.revoked[id]
}

// revoke notes that a call was revoked.
func (w *worker) revoke(m *nats.Msg) {
	a, id := &w.active, string(m.Data)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.revoked[id] || !validID(id) {
		return
	}
	if a.revoked == nil {
		a.revoked = map[string]bool{}
	}
	if len(a.order) == maxRevoked {
		delete(a.revoked, a.order[0])
		a.order = a.order[1:]
	}
	a.revoked[id] = true
	a.order = append(a.order, id)
	for r, revoked := range a.active {
		if r.ID == id {
			close(revoked)
		}
	}
}
