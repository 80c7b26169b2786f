package csp

import (
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"cookbook/internal/distributed/engine"
)

// ticksOfLease is how many signs of life an end gives in the time of its lease.
const ticksOfLease = 4

// An Option changes how a channel is stretched.
type Option func(*terms)

type terms struct{ lease, start time.Duration }

// WithLease sets for how long an end of another process may give no sign before it counts as lost: 2 s unless set. A short
// lease finds a killed process soon, and takes a busy one for a killed one.
func WithLease(d time.Duration) Option { return func(t *terms) { t.lease = d } }

// WithStart sets how long an end that was taken may be on its way to the process that opens it: 15 s unless set.
func WithStart(d time.Duration) Option { return func(t *terms) { t.start = d } }

// A Home makes a channel of this process reachable for others. For each end that is elsewhere it holds an end here, and does
// with it what it is asked for. It has to be closed.
type Home[T any] struct {
	c       *Channel[T]
	nc      *nats.Conn
	sub     *nats.Subscription
	subject string
	terms   terms
	done    chan struct{} // closed by Close
	all     sync.WaitGroup

	mu     sync.Mutex
	closed bool
	ends   []*agent[T]
}

// Stretch makes a channel reachable through an engine. Its ends in this process stay as they are. Those for other processes
// come from [Home.Writer] and [Home.Reader]. The connection has to stay open until the home is closed.
func Stretch[T any](conn *engine.Conn, c *Channel[T], options ...Option) (*Home[T], error) {
	h := &Home[T]{c: c, nc: conn.NC, subject: conn.Subject("csp", nuid.Next()), terms: terms{2 * time.Second, 15 * time.Second}, done: make(chan struct{})}
	for _, o := range options {
		o(&h.terms)
	}
	if h.terms.lease < 4*time.Millisecond {
		return nil, fmt.Errorf("stretch channel %s: a lease of %v is too short", c.name, h.terms.lease)
	}
	sub, err := h.nc.Subscribe(h.subject, h.accept)
	if err != nil {
		return nil, fmt.Errorf("stretch channel %s: %w", c.name, err)
	}
	if err := h.nc.Flush(); err != nil { // or an end may ask before the engine knows us
		sub.Unsubscribe()
		return nil, fmt.Errorf("stretch channel %s: %w", c.name, err)
	}
	h.sub = sub
	h.all.Go(h.watch)
	return h, nil
}

func (h *Home[T]) tick() time.Duration { return h.terms.lease / ticksOfLease }

// Close ends the channel, by poison if it has not ended, and forgets the ends elsewhere. Wait for their processes before.
func (h *Home[T]) Close() {
	h.mu.Lock()
	first := !h.closed
	h.closed = true
	h.mu.Unlock()
	if first {
		h.c.Poison() // operations that wait are answered
		close(h.done)
	}
	h.all.Wait()
	h.sub.Unsubscribe()
}

// Writer takes a writing end for another process. It panics as [Channel.Writer] does.
func (h *Home[T]) Writer() RemoteWriter[T] {
	w := h.c.Writer()
	return RemoteWriter[T]{h.add(&agent[T]{out: w, what: "writing end"})}
}

// Reader takes a reading end for another process. It panics as [Channel.Reader] does.
func (h *Home[T]) Reader() RemoteReader[T] {
	r := h.c.Reader()
	return RemoteReader[T]{h.add(&agent[T]{in: r, what: "reading end"})}
}

func (h *Home[T]) add(a *agent[T]) Handle {
	h.mu.Lock()
	defer h.mu.Unlock()
	a.h = h
	a.ticks = int(h.terms.start/h.tick()) + 1
	h.ends = append(h.ends, a)
	return Handle{Channel: h.c.name, Kind: h.c.kind, Subject: h.subject, End: uint32(len(h.ends) - 1), Lease: h.terms.lease}
}

// watch counts down the leases. It counts its own ticks: if this process stands still, no time passes for the others.
func (h *Home[T]) watch() {
	tick := time.NewTicker(h.tick())
	defer tick.Stop()
	for {
		select {
		case <-h.done:
			return
		case <-tick.C:
		}
		h.mu.Lock()
		for i, a := range h.ends {
			if a.left {
				continue
			}
			if a.ticks--; a.ticks > 0 {
				continue
			}
			why := fmt.Sprintf("its %s %d of channel %s has given no sign for %v", a.what, i, h.c.name, h.terms.lease)
			if a.session == 0 {
				why = fmt.Sprintf("its %s %d of channel %s was not opened within %v", a.what, i, h.c.name, h.terms.start)
			}
			h.c.poison(lost(why))
			a.leave()
		}
		h.mu.Unlock()
	}
}

// accept takes a request. The requests of an end come in the order in which it sent them.
func (h *Home[T]) accept(m *nats.Msg) {
	q, err := parseRequest(m.Data)
	if err != nil {
		h.answer(m, refuse(err.Error()))
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		h.answer(m, answer{status: stPoisoned})
		return
	}
	if int64(q.end) >= int64(len(h.ends)) {
		h.answer(m, refuse(fmt.Sprintf("channel %s has no end %d for other processes", h.c.name, q.end)))
		return
	}
	o, now := h.ends[q.end].accept(&q)
	if o == nil {
		h.answer(m, now)
		return
	}
	h.all.Go(func() {
		timer := time.NewTimer(h.terms.lease / 2)
		defer timer.Stop()
		select {
		case <-o.done:
			h.answer(m, o.result)
		case <-timer.C:
			h.answer(m, answer{status: stPending})
		}
	})
}

// answer sends an answer. If it gets lost, the end asks again.
func (h *Home[T]) answer(m *nats.Msg, a answer) { _ = m.Respond(a.append(nil)) }

func refuse(why string) answer { return answer{stRefused, []byte(why)} }
