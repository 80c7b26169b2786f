package shm

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync/atomic"

	"cookbook/internal/process/failure"
)

// A JoinableQueue is a [Queue] that knows which of its items are still being worked on: a process that takes an item
// calls TaskDone when it is done with it, and Join waits until that was said of every item.
//
// An item is marked as done by the process that has taken it. If it dies before, no other one can, so Join does not
// wait for that: it says how many were lost. An item that cannot be read, as the error of Get says, is marked as done.
//
// Python: multiprocessing.JoinableQueue, where Join waits for ever if a consumer dies.
type JoinableQueue[T any] struct {
	Queue[T]
	told atomic.Uint32 // how many lost items the caller of this Join knows of
}

// NewJoinableQueue is [NewQueue] for a queue that can be joined.
//
// Python: multiprocessing.JoinableQueue(capacity).
func NewJoinableQueue[T any](in *Space, name string, capacity int, opts ...QueueOption) (*JoinableQueue[T], error) {
	q := new(JoinableQueue[T])
	if err := q.make(in, name, capacity, 1, opts); err != nil {
		return nil, err
	}
	return q, nil
}

// TaskDone says that the work on an item which this process has taken is done. If it was said of all it has taken, it is
// [ErrTooManyDone]. It never blocks.
//
// Python: queue.task_done().
func (q *JoinableQueue[T]) TaskDone() error {
	q.raceRelease(finished)
	err := q.r.markDone()
	runtime.KeepAlive(q)
	if err != nil {
		return failure.Of("mark an item as done in", q.title(), err)
	}
	return nil
}

// markDone takes an item of this process off the ledger, if there is one.
func (r *ring) markDone() error {
	if r.ledger == nil {
		return nil
	}
	err := r.ledger.done(r.me)
	if err == nil && r.ledger.place(r.me).pending() == 0 && r.len() == 0 {
		r.ledger.s.idle.ring(math.MaxInt32)
	}
	return err
}

// Join blocks until no item is in the queue and none is being worked on, or until ctx ends; then the error wraps its cause.
// It waits for no item that a process had taken which died before it said TaskDone: once the rest is done, the error wraps
// [failure.ErrDied] and says how many those are. It says so once: the next Join through this *JoinableQueue tells of further
// ones only.
//
// Python: queue.join().
func (q *JoinableQueue[T]) Join(ctx context.Context) error {
	lost, err := q.join(q.wait(ctx, noLimit))
	q.raceAcquire(finished)
	runtime.KeepAlive(q)
	if err == nil {
		if n := int32(lost - q.told.Swap(lost)); n > 0 {
			err = fmt.Errorf("items that were not done: %d; the process that took them %w", n, failure.ErrDied)
		}
	}
	if err != nil {
		return failure.Of("join", q.title(), err)
	}
	return nil
}

func (q *JoinableQueue[T]) join(w wait) (lost uint32, err error) {
	idle := &q.r.ledger.s.idle
	for spun := false; ; {
		if lost, ok := q.finished(); ok {
			return lost, nil
		}
		if err := w.begin(); err != nil {
			return 0, err
		}
		if !spun {
			spun = true
			spin(&idle.rung, idle.rung.Load())
		}
		idle.sleeps.Add(1)
		rung := idle.rung.Load()
		if lost, ok := q.finished(); ok {
			return lost, nil
		}
		if err := w.sleep(&idle.rung, rung); err != nil {
			return 0, err
		}
	}
}

// finished reports whether nothing is left to be done, and how many items were lost.
func (q *JoinableQueue[T]) finished() (lost uint32, ok bool) {
	tail := q.r.s.tail.Load()
	if q.r.s.head.Load() != tail {
		return 0, false
	}
	pending, lost := q.r.ledger.count(q.space.arena)
	// What somebody has put meanwhile may have been taken by one who was counted before.
	return lost, pending == 0 && q.r.s.tail.Load() == tail
}

// Unfinished returns how many items are in the queue or being worked on at this moment.
func (q *JoinableQueue[T]) Unfinished() int {
	pending, _ := q.r.ledger.count(q.space.arena)
	n := q.r.len() + int(pending)
	runtime.KeepAlive(q)
	return n
}

// UnmarshalBinary finds the queue that another process of this group has sent; otherwise, if its items are of another type or if it
// cannot be joined, the error wraps [ErrNotHere].
func (q *JoinableQueue[T]) UnmarshalBinary(data []byte) error {
	var found Queue[T]
	if err := found.UnmarshalBinary(data); err != nil {
		return err
	}
	if found.r.ledger == nil {
		return failure.Of("read", found.title(), fmt.Errorf("it cannot be joined: %w", ErrNotHere))
	}
	q.Queue = found
	_, lost := found.r.ledger.count(found.space.arena)
	q.told.Store(lost)
	return nil
}

// A ledger says how many items each process has taken and not marked as done.
type ledger struct{ s *ledgerState }

// A ledgerState is a ledger in memory. An item is entered before it leaves the ring, so that Join sees it in one of the two.
// The journal says what was there before, for the case that its taker dies in between: then the item is still in the ring.
type ledgerState struct {
	journal struct {
		valid, place, taken atomic.Uint32
		_                   uint32
		head                atomic.Uint64 // of the ring
		_                   [cacheLine - 24]byte
	}
	idle   bell // joins sleep here
	places [maxSlots]ledgerPlace
}

// A ledgerPlace is one process. All counts run round, and none begins anew with the next process of this place in the table
// of slots.
type ledgerPlace struct {
	owner       atomic.Uint32 // a slot + 1
	taken, done atomic.Uint32
	lost        atomic.Uint32 // of the owners before
}

func (l *ledger) place(me uint32) *ledgerPlace { return &l.s.places[(me-1)%maxSlots] }

func (p *ledgerPlace) pending() uint32 { return p.taken.Load() - p.done.Load() - p.lost.Load() }

// take enters the item at the head for a process. The readers' guard is held.
func (l *ledger) take(me uint32, head uint64) {
	p, j := l.place(me), &l.s.journal
	if p.owner.Load() != me {
		p.lost.Add(p.pending())
		p.owner.Store(me)
	}
	taken := p.taken.Load()
	j.valid.Store(0)
	j.place.Store((me - 1) % maxSlots)
	j.taken.Store(taken)
	j.head.Store(head)
	j.valid.Store(1)
	p.taken.Store(taken + 1)
}

// repair takes back what a process had entered that died before it took the item. The readers' guard is held.
func (l *ledger) repair(head uint64) {
	if j := &l.s.journal; j.valid.Load() == 1 && j.head.Load() == head {
		l.s.places[j.place.Load()%maxSlots].taken.Store(j.taken.Load())
	}
}

// done takes an item off the ledger.
func (l *ledger) done(me uint32) error {
	p := l.place(me)
	for {
		done := p.done.Load()
		if p.owner.Load() != me || p.taken.Load()-done-p.lost.Load() == 0 {
			return ErrTooManyDone
		}
		if p.done.CompareAndSwap(done, done+1) {
			return nil
		}
	}
}

// count returns how many items are being worked on, and how many were lost with those who had taken them.
func (l *ledger) count(a *arena) (pending, lost uint32) {
	for i := range min(a.head.highest.Load(), maxSlots) {
		p := &l.s.places[i]
		if owner := p.owner.Load(); holds(a, owner) {
			pending += p.pending()
			lost += p.lost.Load()
		} else {
			lost += p.pending() + p.lost.Load()
		}
	}
	return pending, lost
}
