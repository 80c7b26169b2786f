package threading

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// mutex is the common part of a Lock and an RLock, and the part of them that a Condition uses. Invariant: while a waiter is
// in line, depth > 0.
type mutex struct {
	mu      sync.Mutex // guards the fields below, for nanoseconds; no goroutine blocks under it
	depth   int        // 0: free
	owner   *Thread    // nil if free, or acquired under a context without a thread
	waiters line
	anyone  bool // may release it: it belongs to a Lock that is waited for
	name    string
}

func (m *mutex) title() string {
	if m.name == "" {
		return "a lock"
	}
	return m.name
}

// wait is called with mu held and the lock taken; it releases mu and returns
// nil when the lock was handed over.
func (m *mutex) wait(ctx context.Context, t *Thread, d time.Duration) error {
	w, err := m.enter(ctx, t, d)
	if err == nil {
		err = w.wait(ctx, &m.mu, &m.waiters, d)
	}
	if err != nil {
		return failed("acquire", m.title(), err)
	}
	return nil
}

// enter is called with mu held and releases it.
func (m *mutex) enter(ctx context.Context, t *Thread, d time.Duration) (*waiter, error) {
	defer m.mu.Unlock()
	w, err := m.waiters.enter(ctx, t, d, m)
	if err == nil {
		w.n = 1
	}
	return w, err
}

// handOver gives the lock to the first in line, or sets it free; mu is held.
func (m *mutex) handOver() {
	w := m.waiters.pop()
	if w == nil {
		m.owner, m.depth = nil, 0
		return
	}
	m.owner, m.depth = w.thread, w.n
	w.grant()
}

// reenter puts w in line for the lock, which it will hold to depth w.n. The caller holds mu, and a thread holds the lock.
func (m *mutex) reenter(w *waiter) {
	w.bounded = false // it must own the lock before it can return, time-out or not
	m.waiters.move(w, m)
}

// requireOwner returns an error that says why t may not do op, nil if t holds the lock; mu is held.
func (m *mutex) requireOwner(t *Thread, op string) error {
	if m.depth > 0 && m.owner == t {
		return nil
	}
	return m.notOwner(op)
}

func (m *mutex) notOwner(op string) error {
	note := "; acquire it first"
	if m.depth > 0 {
		note = ", " + m.holder() + " is"
	}
	return &failure{op, m.title(), ErrNotOwner, note}
}

func (m *mutex) holder() string {
	if m.owner == nil {
		return "a goroutine without a thread"
	}
	return m.owner.Name()
}

// Locked reports whether the lock is held at this moment.
func (m *mutex) Locked() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.depth > 0
}

// Owner returns the thread that holds the lock, nil if it is free or was
// acquired under a context without a thread.
func (m *mutex) Owner() *Thread {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.owner
}

// String returns the name and says who holds the lock.
func (m *mutex) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch m.depth {
	case 0:
		return m.title() + " (free)"
	case 1:
		return fmt.Sprintf("%s (held by %s)", m.title(), m.holder())
	}
	return fmt.Sprintf("%s (held by %s, depth %d)", m.title(), m.holder(), m.depth)
}

func (m *mutex) internal() *sync.Mutex { return &m.mu }

func (m *mutex) describe(*line) (string, []*Thread) { return m.title(), []*Thread{m.owner} }

func (m *mutex) open() bool { return m.anyone }

func (m *mutex) core() *mutex { return m }
