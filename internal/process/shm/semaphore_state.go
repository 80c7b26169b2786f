package shm

import (
	"fmt"
	"math"
	"sync/atomic"

	"cookbook/internal/futex"
	"cookbook/internal/process/failure"
)

// A semaphoreState is a semaphore in memory. What a process takes or gives is one compare-and-swap of the word, which has the
// value and what one process holds of it, the account. The account is that of the process that came last; what the others
// hold stands in held. So a process that is killed between two instructions has either taken one and it is noted, or neither.
//
// The account changes its owner under the guard: first what the owner so far holds is written into held, then the word gets
// the new owner and what held says of it. Until then nobody reads what was written, and afterwards nobody reads what stands in
// held of the new owner. So at any moment
//
//	value + account + the sum of held, without that of the account's owner = initial
//
// as long as the semaphore is not a signal. A signal has no account.
type semaphoreState struct {
	word    atomic.Uint64
	guard   mutex         // guards what follows, and who owns the account
	moves   atomic.Uint32 // waits sleep here; it changes when there is something to have
	hungry  atomic.Uint32 // the process that has waited for long: a slot + 1
	sleeps  uint32        // how many times a process was about to sleep
	initial uint32
	bounded uint32 // 1: value must not rise above initial
	_       [28]byte
	held    [maxSlots]uint32
}

// The word: the value, how many the owner of the account holds, the owner, which is a place in the table of processes + 1, and
// a bit that says that processes wait, so that nobody may take or give without the guard.
const (
	semaphoreValue  = 1<<31 - 1
	semaphoreHeld   = 31 // the first bit of the number that the owner holds
	semaphoreMost   = 1<<21 - 1
	semaphoreOwner  = 52
	semaphoreWaited = 1 << 63

	semaphoreSignal = 1<<11 - 1 // in place of an owner: a process has released it that did not hold it
)

func heldIn(w uint64) uint64  { return w >> semaphoreHeld & semaphoreMost }
func ownerIn(w uint64) uint64 { return w &^ semaphoreWaited >> semaphoreOwner }

// closed is the word without an account.
func closed(w uint64) uint64 { return w & (semaphoreWaited | semaphoreValue) }

// accountOf returns the owner that the word has for a process.
func accountOf(me uint32) uint64 { return uint64((me-1)%maxSlots + 1) }

// take takes one if there is one, nobody waits, and the account is that of this process.
func (s *semaphoreState) take(me uint32) bool {
	for {
		w := s.word.Load()
		next := w - 1 + 1<<semaphoreHeld
		switch {
		case w&semaphoreValue == 0:
			return false
		case w>>semaphoreOwner == accountOf(me) && heldIn(w) < semaphoreMost:
		case w>>semaphoreOwner == semaphoreSignal:
			next = w - 1
		default:
			return false
		}
		if s.word.CompareAndSwap(w, next) {
			return true
		}
	}
}

// give puts n back if nobody waits and this process has them on its account.
func (s *semaphoreState) give(me uint32, n int) bool {
	for {
		w := s.word.Load()
		if w>>semaphoreOwner != accountOf(me) || uint64(n) > heldIn(w) {
			return false
		}
		if s.word.CompareAndSwap(w, w+uint64(n)-uint64(n)<<semaphoreHeld) {
			return true
		}
	}
}

// open makes the account that of the owner and returns the word. The guard is held.
func (s *semaphoreState) open(owner uint64) uint64 {
	for {
		w := s.word.Load()
		before := ownerIn(w)
		if before == owner || before == semaphoreSignal {
			return w
		}
		if before != 0 {
			s.held[(before-1)%maxSlots] = uint32(heldIn(w))
		}
		next := closed(w) | owner<<semaphoreOwner | uint64(s.held[owner-1]&semaphoreMost)<<semaphoreHeld
		if s.word.CompareAndSwap(w, next) {
			return next
		}
	}
}

// acquire takes one. A process that has waited for long becomes the hungry one, and the last one is kept for it.
func (s *semaphoreState) acquire(me uint32, w *wait) error {
	hungry := false
	err := s.await(me, w, &hungry)
	if hungry {
		s.hungry.CompareAndSwap(me, 0)
		s.wake() // the others were not served meanwhile
	}
	return err
}

func (s *semaphoreState) await(me uint32, w *wait, hungry *bool) error {
	for !s.take(me) {
		if err := s.lock(me, w); err != nil {
			return err
		}
		if s.takeGuarded(w.a, me, *hungry) {
			s.guard.done(me)
			return nil
		}
		moves := s.moves.Load()
		s.sleeps++
		if !*hungry && w.hungry() {
			*hungry = claim(w.a, &s.hungry, me)
		}
		s.guard.done(me)
		if err := w.begin(); err != nil {
			return err
		}
		if spin(&s.moves, moves) {
			continue
		}
		if err := w.sleep(&s.moves, moves); err != nil {
			if s.word.Load()&semaphoreValue > 0 {
				s.wake() // the one who was woken may have been this one
			}
			return err
		}
	}
	return nil
}

// takeGuarded takes one if this process may. Otherwise it notes that a process waits. The guard is held.
func (s *semaphoreState) takeGuarded(a *arena, me uint32, hungry bool) bool {
	for {
		w := s.open(accountOf(me))
		n := w & semaphoreValue
		got := n > 1 || n == 1 && (hungry || !holds(a, s.hungry.Load()))
		next := w | semaphoreWaited
		switch {
		case !got:
		case ownerIn(w) == semaphoreSignal:
			next = w - 1
		case heldIn(w) == semaphoreMost: // too many for the account
			next = closed(w-1) | semaphoreSignal<<semaphoreOwner
		default:
			next = w - 1 + 1<<semaphoreHeld
		}
		if s.word.CompareAndSwap(w, next) {
			return got
		}
	}
}

// release puts n back.
func (s *semaphoreState) release(me uint32, n int, w *wait) error {
	if n < 0 {
		return fmt.Errorf("%d times: %w", n, failure.ErrNegative)
	}
	if err := s.lock(me, w); err != nil {
		return err
	}
	waited, err := s.giveGuarded(me, n)
	if !waited || err != nil {
		s.guard.done(me)
		return err
	}
	s.moves.Add(1)
	sleeps := s.sleeps
	s.guard.done(me)
	if futex.Wake(&s.moves, s.crowd(n)) == 0 {
		s.forget(me, sleeps)
	}
	return nil
}

// giveGuarded puts n back and reports whether a process may wait for that. The guard is held.
func (s *semaphoreState) giveGuarded(me uint32, n int) (waited bool, err error) {
	for {
		w := s.open(accountOf(me))
		if n > int(s.most())-int(w&semaphoreValue) {
			return false, ErrTooManyReleases
		}
		next := w + uint64(n)
		switch {
		case ownerIn(w) == semaphoreSignal:
		case uint64(n) <= heldIn(w):
			next -= uint64(n) << semaphoreHeld
		default:
			next = closed(next) | semaphoreSignal<<semaphoreOwner
		}
		if s.word.CompareAndSwap(w, next) {
			return w&semaphoreWaited != 0, nil
		}
	}
}

func (s *semaphoreState) most() uint32 {
	if s.bounded != 0 {
		return s.initial
	}
	return math.MaxInt32
}

// crowd returns how many to wake for n: all, if one of them is served first and nobody knows which.
func (s *semaphoreState) crowd(n int) int {
	if s.hungry.Load() != 0 {
		return math.MaxInt32
	}
	return n
}

// wake makes all look again who sleep, and who are about to.
func (s *semaphoreState) wake() {
	s.moves.Add(1)
	futex.Wake(&s.moves, math.MaxInt32)
}

// forget notes that nobody waits, if nobody has begun to since that was seen.
func (s *semaphoreState) forget(me, sleeps uint32) {
	if s.guard.try(me) {
		if s.sleeps == sleeps && s.hungry.Load() == 0 {
			s.word.And(^uint64(semaphoreWaited))
		}
		s.guard.done(me)
	}
}

// lock takes the guard. If its owner has died that may have been before it woke those who wait.
func (s *semaphoreState) lock(me uint32, w *wait) error {
	died, err := s.guard.guard(me, w)
	if died {
		s.wake()
	}
	return err
}

// bereave gives back what the process of a slot held.
func (s *semaphoreState) bereave(a *arena, slot int) bool {
	me, w := a.me.Load(), a.recovery()
	s.guard.hungry.CompareAndSwap(uint32(slot)+1, 0)
	s.hungry.CompareAndSwap(uint32(slot)+1, 0)
	if err := s.lock(me, &w); err != nil {
		return false
	}
	if a.dead(slot) { // otherwise the place belongs to another process by now
		s.giveBack(accountOf(uint32(slot) + 1))
	}
	s.guard.done(me)
	s.wake()
	return true
}

// giveBack closes an account. The guard is held.
func (s *semaphoreState) giveBack(owner uint64) {
	held := &s.held[owner-1]
	for *held != 0 || ownerIn(s.word.Load()) == owner {
		w := s.open(owner)
		*held = 0 // it does not count as long as the account is open
		if ownerIn(w) == semaphoreSignal || s.word.CompareAndSwap(w, closed(w+heldIn(w))) {
			return
		}
	}
}
