package tasks

import (
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// ready is the messages that have been fetched and not begun, by priority.
type ready struct {
	mu     sync.Mutex
	some   sync.Cond
	queues [3][]jetstream.Msg // in the order of priorities()
	taken  int                // since stale was called last
	closed bool
}

func (r *ready) put(p Priority, m jetstream.Msg) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := int(High - p)
	r.queues[i] = append(r.queues[i], m)
	r.some.Signal()
}

// take waits for a message, and reports false when there will be no more.
func (r *ready) take() (jetstream.Msg, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		for i, queue := range r.queues {
			if len(queue) > 0 {
				r.queues[i] = queue[1:]
				r.taken++
				return queue[0], true
			}
		}
		if r.closed {
			return nil, false
		}
		r.some.Wait()
	}
}

// stale returns the messages of which none has been taken since it was called last. They are no longer in it.
func (r *ready) stale() []jetstream.Msg {
	r.mu.Lock()
	defer r.mu.Unlock()
	idle := r.taken == 0
	r.taken = 0
	if !idle {
		return nil
	}
	return r.empty()
}

// close lets take return false, and returns what was left.
func (r *ready) close() []jetstream.Msg {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.some.Broadcast()
	return r.empty()
}

func (r *ready) empty() (left []jetstream.Msg) {
	for i, queue := range r.queues {
		left = append(left, queue...)
		r.queues[i] = nil
	}
	return left
}
