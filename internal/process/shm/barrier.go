package shm

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"cookbook/internal/process/failure"
)

// A Barrier is where a fixed number of parties wait for each other: the last to come lets all go on, and the next round
// begins. If one gives up or dies while it waits, the barrier is broken for all, because the round could never fill: every
// Wait is [failure.ErrBroken] until Reset. A process that dies before it comes is missed by nobody: wait with a time-out.
//
// Python: multiprocessing.Barrier.
type Barrier struct {
	object
	s *barrierState
}

// A barrierState is a barrier in memory; guard guards what is changed. A process that waits reads the outcome of its round
// without the guard.
type barrierState struct {
	guard    mutex
	parties  uint32
	waiting  atomic.Uint32
	broken   atomic.Uint32 // 1: until Reset
	round    atomic.Uint32 // this round's number
	moves    atomic.Uint32 // waits sleep here; it changes when a round ends
	sleeping atomic.Uint32
	undone   atomic.Uint64 // of the last 64 rounds, by number: those that Reset has ended
	_        [16]byte
	inside   [maxSlots]uint32 // the round in which a process of that place waits or has waited, + 1
}

// NewBarrier returns a barrier for that many processes; fewer than one is [ErrNoParties]. The name appears in errors.
//
// Python: multiprocessing.Barrier(parties).
func NewBarrier(in *Space, name string, parties int) (*Barrier, error) {
	if parties < 1 || parties > 1<<30 {
		return nil, failure.Of("make", title(name, kindBarrier), fmt.Errorf("%d parties: %w", parties, ErrNoParties))
	}
	b := new(Barrier)
	var err error
	b.s, err = makeObject(&b.object, in, name, kindBarrier, func(s *barrierState) { s.parties = uint32(parties) })
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (b *Barrier) title() string { return title(b.name, kindBarrier) }

// Wait blocks until all parties wait, and returns in which place this one came: 0 for the first, Parties-1 for the last.
// If ctx ends before, also before Wait was called, the barrier breaks; the error then wraps the cause, and [failure.ErrBroken]
// like that of all others. With an error the index is -1.
//
// Python: barrier.wait().
func (b *Barrier) Wait(ctx context.Context) (index int, err error) {
	return b.await(b.wait(ctx, noLimit))
}

// WaitTimeout is Wait, but if the others are not there within d the barrier breaks; the error wraps [failure.ErrTimeout] and
// [failure.ErrBroken].
//
// Python: barrier.wait(d).
func (b *Barrier) WaitTimeout(ctx context.Context, d time.Duration) (index int, err error) {
	return b.await(b.wait(ctx, max(d, 0)))
}

func (b *Barrier) await(w wait) (index int, err error) {
	b.raceRelease(0)
	index, err = b.meet(&w)
	b.raceAcquire(0)
	runtime.KeepAlive(b)
	if err != nil {
		return -1, failure.Of("wait at", b.title(), err)
	}
	return index, nil
}

func (b *Barrier) meet(w *wait) (int, error) {
	s := b.s
	err := s.lock(b.me, w)
	if err == nil && s.broken.Load() != 0 {
		s.guard.done(b.me)
		return -1, failure.ErrBroken
	}
	if err == nil {
		if err = w.ended(); err != nil {
			s.guard.done(b.me)
		}
	}
	if err != nil {
		return -1, b.giveUp(err)
	}
	index, round, moves := s.waiting.Load(), s.round.Load(), s.moves.Load()
	if index+1 == s.parties {
		s.next(false)
		s.guard.done(b.me)
		wakeAll(&s.moves, &s.sleeping)
		return int(index), nil
	}
	s.inside[(b.me-1)%maxSlots] = round + 1
	s.waiting.Store(index + 1)
	s.guard.done(b.me)
	err = w.until(&s.moves, moves, &s.sleeping)
	if err == nil {
		return int(index), s.outcome(round)
	}
	// It may have ended in the meantime.
	quick := b.tryWait()
	if locked := s.lock(b.me, &quick); locked != nil {
		return -1, errors.Join(err, locked)
	}
	defer s.guard.done(b.me)
	if s.round.Load() != round {
		return int(index), s.outcome(round)
	}
	if s.broken.Load() == 0 {
		s.smash()
	}
	return -1, errors.Join(err, failure.ErrBroken)
}

// giveUp breaks the barrier because of err, which kept this process from coming.
func (b *Barrier) giveUp(err error) error {
	b.Abort()
	return errors.Join(err, failure.ErrBroken)
}

// outcome says how a round ended.
func (s *barrierState) outcome(round uint32) error {
	if s.round.Load() == round || s.undone.Load()&(1<<(round%64)) != 0 {
		return failure.ErrBroken
	}
	return nil
}

// next begins the next round. The guard is held, and wakeAll has to follow.
func (s *barrierState) next(undone bool) {
	round := s.round.Load()
	bits := s.undone.Load() &^ (1 << (round % 64))
	if undone {
		bits |= 1 << (round % 64)
	}
	s.undone.Store(bits)
	s.waiting.Store(0)
	s.round.Store(round + 1)
	s.moves.Add(1)
}

// smash breaks the barrier. The guard is held.
func (s *barrierState) smash() {
	s.broken.Store(1)
	s.waiting.Store(0)
	s.moves.Add(1)
	wakeAll(&s.moves, &s.sleeping)
}

// lock takes the guard. If its owner has died the barrier is broken: the dead was about to wait, and whatever it left half
// done, Reset puts right.
func (s *barrierState) lock(me uint32, w *wait) error {
	died, err := s.guard.guard(me, w)
	if died {
		s.sleeping.Store(1)
		s.smash()
	}
	return err
}

// bereave breaks the barrier if a process of the slot waits.
func (s *barrierState) bereave(a *arena, slot int) bool {
	me, w := a.me.Load(), a.recovery()
	s.guard.hungry.CompareAndSwap(uint32(slot)+1, 0)
	if err := s.lock(me, &w); err != nil {
		return false
	}
	defer s.guard.done(me)
	if inside := &s.inside[slot%maxSlots]; a.dead(slot) {
		if *inside == s.round.Load()+1 && s.broken.Load() == 0 {
			s.sleeping.Store(1)
			s.smash()
		}
		*inside = 0
	}
	return true
}

// Abort breaks the barrier, for those who wait and those who will. It never blocks.
//
// Python: barrier.abort().
func (b *Barrier) Abort() {
	w := b.tryWait()
	if b.s.lock(b.me, &w) == nil {
		b.s.smash()
		b.s.guard.done(b.me)
	}
	runtime.KeepAlive(b)
}

// Reset makes the barrier usable again, and empty: the processes that wait get [failure.ErrBroken]. It never blocks.
//
// Python: barrier.reset().
func (b *Barrier) Reset() {
	w := b.tryWait()
	if b.s.lock(b.me, &w) == nil {
		b.s.next(true)
		b.s.broken.Store(0)
		b.s.guard.done(b.me)
		wakeAll(&b.s.moves, &b.s.sleeping)
	}
	runtime.KeepAlive(b)
}

// Parties returns how many have to come.
func (b *Barrier) Parties() int { return int(b.s.parties) }

// Waiting returns how many wait at this moment.
//
// Python: barrier.n_waiting.
func (b *Barrier) Waiting() int {
	n := b.s.waiting.Load()
	runtime.KeepAlive(b)
	return int(n)
}

// Broken reports whether the barrier is broken.
//
// Python: barrier.broken.
func (b *Barrier) Broken() bool {
	v := b.s.broken.Load()
	runtime.KeepAlive(b)
	return v != 0
}

// String says the name and how many are there.
func (b *Barrier) String() string {
	if b.Broken() {
		return b.title() + " (broken)"
	}
	return fmt.Sprintf("%s (%d of %d)", b.title(), b.Waiting(), b.Parties())
}

// MarshalBinary says which barrier of which group it is.
func (b *Barrier) MarshalBinary() ([]byte, error) { return b.marshal(kindBarrier) }

// UnmarshalBinary finds the barrier that another process of this group has sent; otherwise the error wraps [ErrNotHere].
func (b *Barrier) UnmarshalBinary(data []byte) error {
	s, err := findObject[barrierState](&b.object, data, kindBarrier)
	if err == nil {
		b.s = s
	}
	return err
}
