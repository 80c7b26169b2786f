package shm

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"time"

	"cookbook/internal/futex"
	"cookbook/internal/process/failure"
)

// A Condition is a place to wait, with a lock given up for as long, until another process has changed what the lock guards
// and says so. That a process was notified does not say that what it waits for is true: wait in a loop, or with WaitUntil.
//
// A process that dies while it waits does not take a notification from another one. If it was notified and dies before it
// returns, the next one is notified.
//
// Python: multiprocessing.Condition.
type Condition struct {
	object
	s    *conditionState
	lock Locker
}

// A Locker is a lock that a Condition can stand on: a *[Lock] or an *[RLock], and no other.
type Locker interface {
	Acquire(ctx context.Context) error
	AcquireTimeout(ctx context.Context, d time.Duration) error
	TryAcquire() bool
	Release() error
	MarshalBinary() ([]byte, error)

	mine() bool
	drop() (depth uint32)
	regain(w *wait, depth uint32) (died bool, err error)
}

// maxWaiters is how many can wait for one condition.
const maxWaiters = 1024

// A conditionState is a condition in memory: a table of waits. Each sleeps at its own word. To enter and to notify needs
// the condition's lock; to leave does not, so that all changes are compare-and-swaps.
type conditionState struct {
	lock    uint64        // where the lock is
	rlock   uint32        // 1: it is an RLock
	tickets atomic.Uint32 // the last given
	highest atomic.Uint32 // entries that were ever in use
	_       [44]byte
	waiters [maxWaiters]conditionWaiter
}

// A conditionWaiter is one wait.
type conditionWaiter struct {
	state  atomic.Uint32 // 0: free; a slot + 1: it waits; with notified: it does not wait any longer
	ticket atomic.Uint32 // the place in the line
}

const notified = 1 << 31

// NewCondition returns a condition on l, which must be of the same group; nil stands for a new RLock, as in Python. The
// name appears in errors.
//
// Python: multiprocessing.Condition(l).
func NewCondition(in *Space, name string, l Locker) (*Condition, error) {
	if l == nil {
		r, err := NewRLock(in, name)
		if err != nil {
			return nil, err
		}
		l = r
	}
	c := &Condition{lock: l}
	var at object
	var rlock uint32
	switch l := l.(type) {
	case *Lock:
		at = l.object
	case *RLock:
		at, rlock = l.object, 1
	}
	if at.space != in {
		return nil, failure.Of("make", title(name, kindCondition), errors.New("its lock is of another group"))
	}
	var err error
	c.s, err = makeObject(&c.object, in, name, kindCondition, func(s *conditionState) { s.lock, s.rlock = at.at, rlock })
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Condition) title() string { return title(c.name, kindCondition) }

// Acquire acquires the lock.
func (c *Condition) Acquire(ctx context.Context) error { return c.lock.Acquire(ctx) }

// AcquireTimeout acquires the lock, or is [failure.ErrTimeout] after d.
func (c *Condition) AcquireTimeout(ctx context.Context, d time.Duration) error {
	return c.lock.AcquireTimeout(ctx, d)
}

// TryAcquire acquires the lock if it is free and reports whether it did.
func (c *Condition) TryAcquire() bool { return c.lock.TryAcquire() }

// Release releases the lock.
func (c *Condition) Release() error { return c.lock.Release() }

// Wait releases the lock, also an RLock that was acquired several times, blocks until it is notified or ctx ends, and
// acquires the lock again, to the same depth: it returns with the lock held, which after the end of ctx can take as long as
// others hold it. If ctx has ended it does not begin to wait and keeps the lock. The error wraps the cause of ctx; or is
// [failure.ErrNotOwner] if this process does not hold the lock; or wraps [failure.ErrOwnerDied] if the process that held the
// lock meanwhile died with it.
//
// Only the end of the group makes it return without the lock.
//
// Python: condition.wait().
func (c *Condition) Wait(ctx context.Context) error { return c.await(c.wait(ctx, noLimit)) }

// WaitTimeout is Wait, but [failure.ErrTimeout] if no notification came within d. The lock is released and acquired again
// even if d ≤ 0.
//
// Python: condition.wait(d), which returns False after a time-out.
func (c *Condition) WaitTimeout(ctx context.Context, d time.Duration) error {
	return c.await(c.wait(ctx, max(d, 1)))
}

// WaitUntil waits until ready, called with the lock held, returns true. It asks first, so if it is true there is no wait.
//
// Python: condition.wait_for(ready).
func (c *Condition) WaitUntil(ctx context.Context, ready func() bool) error {
	if !c.lock.mine() {
		return failure.Of("wait for", c.title(), failure.ErrNotOwner)
	}
	for !ready() {
		if err := c.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *Condition) await(w wait) error {
	err := c.sleepAndRegain(&w)
	runtime.KeepAlive(c)
	if err != nil {
		return failure.Of("wait for", c.title(), err)
	}
	return nil
}

func (c *Condition) sleepAndRegain(w *wait) error {
	if !c.lock.mine() {
		return failure.ErrNotOwner
	}
	if err := w.begin(); err != nil {
		return err
	}
	me := c.enter()
	if me == nil {
		return fmt.Errorf("%d processes wait already: %w", maxWaiters, ErrNoRoom)
	}
	depth := c.lock.drop()
	var err error
	for err == nil && me.state.Load() == c.me {
		err = w.sleep(&me.state, c.me)
	}
	if !me.state.CompareAndSwap(c.me, 0) {
		err = nil // it was notified, and that wins
	}
	again := wait{a: w.a, group: w.group, turns: w.turns, d: noLimit}
	died, locked := c.lock.regain(&again, depth)
	me.state.CompareAndSwap(c.me|notified, 0) // not before: until then the notification is passed on if this process dies
	switch {
	case locked != nil:
		return errors.Join(err, locked)
	case died:
		return joined(failure.ErrOwnerDied, err)
	}
	return err
}

// enter takes an entry of the table, nil if it is full. The lock is held.
func (c *Condition) enter() *conditionWaiter {
	s := c.s
	for i := range s.waiters {
		e := &s.waiters[i]
		if e.state.Load() != 0 {
			continue
		}
		if high := s.highest.Load(); high <= uint32(i) {
			s.highest.CompareAndSwap(high, uint32(i)+1)
		}
		e.ticket.Store(s.tickets.Add(1))
		if e.state.CompareAndSwap(0, c.me) {
			return e
		}
	}
	return nil
}

// Notify wakes the n that wait longest, fewer if there are fewer; n ≤ 0 wakes none. Each returns from Wait when it has the
// lock again. If this process does not hold the lock it is [failure.ErrNotOwner]. It never blocks.
//
// Python: condition.notify(n).
func (c *Condition) Notify(n int) error {
	defer runtime.KeepAlive(c)
	if !c.lock.mine() {
		return failure.Of("notify", c.title(), failure.ErrNotOwner)
	}
	for n > 0 && c.s.notifyOne() {
		n--
	}
	return nil
}

// NotifyAll wakes all that wait. If this process does not hold the lock it is [failure.ErrNotOwner]. It never blocks.
//
// Python: condition.notify_all().
func (c *Condition) NotifyAll() error { return c.Notify(math.MaxInt) }

// notifyOne wakes the one that waits longest and reports whether there was one.
func (s *conditionState) notifyOne() bool {
	for {
		var first *conditionWaiter
		var state, ticket uint32
		for i := range min(s.highest.Load(), maxWaiters) {
			e := &s.waiters[i]
			v, t := e.state.Load(), e.ticket.Load()
			if v != 0 && v&notified == 0 && (first == nil || int32(t-ticket) < 0) {
				first, state, ticket = e, v, t
			}
		}
		if first == nil {
			return false
		}
		if first.state.CompareAndSwap(state, state|notified) {
			futex.Wake(&first.state, 1)
			return true
		}
	}
}

// bereave takes the entries of the process of a slot out of the table and passes on what it was notified of.
func (s *conditionState) bereave(slot int) {
	dead := uint32(slot) + 1
	for i := range min(s.highest.Load(), maxWaiters) {
		e := &s.waiters[i]
		e.state.CompareAndSwap(dead, 0)
		if e.state.Load() == dead|notified {
			s.notifyOne() // before it is forgotten: better twice than never
			e.state.CompareAndSwap(dead|notified, 0)
		}
	}
}

// Waiting returns how many wait at this moment and are not yet notified.
func (c *Condition) Waiting() int {
	n := 0
	for i := range min(c.s.highest.Load(), maxWaiters) {
		if v := c.s.waiters[i].state.Load(); v != 0 && v&notified == 0 {
			n++
		}
	}
	runtime.KeepAlive(c)
	return n
}

// String returns the name.
func (c *Condition) String() string { return c.title() }

// MarshalBinary says which condition of which group it is.
func (c *Condition) MarshalBinary() ([]byte, error) { return c.marshal(kindCondition) }

// UnmarshalBinary finds the condition that another process of this group has sent, and its lock; otherwise the error wraps
// [ErrNotHere].
func (c *Condition) UnmarshalBinary(data []byte) error {
	s, err := findObject[conditionState](&c.object, data, kindCondition)
	if err != nil {
		return err
	}
	at := object{space: c.space, at: s.lock, name: c.name}
	if s.rlock != 0 {
		l := new(RLock)
		if data, err = at.marshal(kindRLock); err == nil {
			err = l.UnmarshalBinary(data)
		}
		c.lock = l
	} else {
		l := new(Lock)
		if data, err = at.marshal(kindLock); err == nil {
			err = l.UnmarshalBinary(data)
		}
		c.lock = l
	}
	if err == nil {
		c.s = s
	}
	return err
}
