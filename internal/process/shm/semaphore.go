package shm

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"time"

	"cookbook/internal/futex"
	"cookbook/internal/process/failure"
)

// A Semaphore is a counter that cannot fall below zero: Acquire takes one and waits while there is none, Release puts one
// back.
//
// What a process has acquired comes back when the process ends, however it ends. But a semaphore can be a signal as well:
// one process waits for what another reports. What was waited for then has no owner. So a semaphore that was
// ever released by a process that held none of it does not give back anything from then on.
//
// Like a [Lock] it is not strictly first come, first served, but a process that has waited for 2 ms is next.
//
// Python: multiprocessing.Semaphore.
type Semaphore struct {
	object
	s *semaphoreState
}

// A semaphoreState is a semaphore in memory; guard guards the rest. As long as it is not a signal, value is initial less all
// that is held: each change of held is one word, so a process that dies between two words leaves nothing that cannot be
// counted.
type semaphoreState struct {
	guard    mutex
	value    atomic.Uint32
	moves    atomic.Uint32 // waits sleep here; it changes when there is something to have
	initial  uint32
	bounded  uint32 // 1: value must not rise above initial
	signal   uint32 // 1: a process has released it that did not hold it
	sleeping uint32 // 1: a process may sleep
	hungry   atomic.Uint32
	_        [28]byte
	held     [maxSlots]uint32
}

// NewSemaphore returns a semaphore of value n, which may be 0; a negative one is [failure.ErrNegative]. The name appears in
// errors.
//
// Python: multiprocessing.Semaphore(n).
func NewSemaphore(in *Space, name string, n int) (*Semaphore, error) {
	return newSemaphore(in, name, n, 0)
}

// NewBoundedSemaphore returns a semaphore whose value cannot rise above n: the Release that would raise it is
// [ErrTooManyReleases].
//
// Python: multiprocessing.BoundedSemaphore(n).
func NewBoundedSemaphore(in *Space, name string, n int) (*Semaphore, error) {
	return newSemaphore(in, name, n, 1)
}

func newSemaphore(in *Space, name string, n int, bounded uint32) (*Semaphore, error) {
	if n < 0 || n > math.MaxInt32 {
		err := failure.ErrNegative
		if n > 0 {
			err = ErrNoRoom
		}
		return nil, failure.Of("make", title(name, kindSemaphore), fmt.Errorf("initial value %d: %w", n, err))
	}
	x := new(Semaphore)
	var err error
	x.s, err = makeObject(&x.object, in, name, kindSemaphore, func(s *semaphoreState) {
		s.initial, s.bounded = uint32(n), bounded
		s.value.Store(uint32(n))
	})
	if err != nil {
		return nil, err
	}
	return x, nil
}

func (x *Semaphore) title() string { return title(x.name, kindSemaphore) }

// Acquire takes one, and blocks while there is none, or until ctx ends; then the error wraps its cause and none was taken.
// If there is one it is taken without a look at whether ctx has ended.
//
// Python: semaphore.acquire().
func (x *Semaphore) Acquire(ctx context.Context) error { return x.acquire(x.wait(ctx, noLimit)) }

// AcquireTimeout is Acquire, but [failure.ErrTimeout] if there is none within d. It tries before it waits, so d ≤ 0 is a try.
//
// Python: semaphore.acquire(timeout=d).
func (x *Semaphore) AcquireTimeout(ctx context.Context, d time.Duration) error {
	return x.acquire(x.wait(ctx, max(d, 0)))
}

func (x *Semaphore) acquire(w wait) error {
	hungry := false
	err := x.take(&w, &hungry)
	x.raceAcquire(0)
	if hungry {
		x.s.hungry.CompareAndSwap(x.me, 0)
		x.s.wake() // the others were not served meanwhile
	}
	runtime.KeepAlive(x)
	if err != nil {
		return failure.Of("acquire", x.title(), err)
	}
	return nil
}

// take takes one. A process that has waited for long becomes the hungry one, and the last one is kept for it.
func (x *Semaphore) take(w *wait, hungry *bool) error {
	s := x.s
	for {
		if err := s.lock(x.me, w); err != nil {
			return err
		}
		if n := s.value.Load(); n > 0 && (n > 1 || *hungry || !holds(x.space.arena, s.hungry.Load())) {
			s.held[(x.me-1)%maxSlots]++
			s.value.Store(n - 1)
			s.guard.done(x.me)
			return nil
		}
		moves := s.moves.Load()
		s.sleeping = 1
		if !*hungry && w.hungry() {
			*hungry = claim(x.space.arena, &s.hungry, x.me)
		}
		s.guard.done(x.me)
		if err := w.begin(); err != nil {
			return err
		}
		if spin(&s.moves, moves) {
			continue
		}
		if err := w.sleep(&s.moves, moves); err != nil {
			if s.value.Load() > 0 {
				s.wake() // the one who was woken may have been this one
			}
			return err
		}
	}
}

// TryAcquire takes one if there is one, that nobody waits for, and reports whether it did.
//
// Python: semaphore.acquire(block=False).
func (x *Semaphore) TryAcquire() bool {
	if x.s.value.Load() == 0 {
		runtime.KeepAlive(x)
		return false
	}
	return x.acquire(x.tryWait()) == nil
}

// tryWait is the wait of what does not wait: it has a moment to get past the guard.
func (o *object) tryWait() wait { return wait{a: o.space.arena, group: o.space.ctx, d: noLimit} }

// Release puts one back. Any process may call it, whether it has acquired or not. It is [ErrTooManyReleases] if the
// semaphore is bounded and has its initial value.
//
// Python: semaphore.release().
func (x *Semaphore) Release() error { return x.ReleaseN(1) }

// ReleaseN puts n back, or none of them if that is an error.
func (x *Semaphore) ReleaseN(n int) error {
	x.raceRelease(0)
	err := x.release(n)
	runtime.KeepAlive(x)
	if err != nil {
		return failure.Of("release", x.title(), err)
	}
	return nil
}

func (x *Semaphore) release(n int) error {
	if n < 0 {
		return fmt.Errorf("%d times: %w", n, failure.ErrNegative)
	}
	s, w := x.s, x.tryWait()
	if err := s.lock(x.me, &w); err != nil {
		return err
	}
	value := s.value.Load()
	if most := s.most(); n > int(most)-int(value) {
		s.guard.done(x.me)
		return ErrTooManyReleases
	}
	if held := &s.held[(x.me-1)%maxSlots]; s.signal == 0 && *held >= uint32(n) {
		*held -= uint32(n)
	} else {
		s.signal = 1
	}
	s.value.Store(value + uint32(n))
	moves, wake := s.move()
	s.guard.done(x.me)
	if wake && futex.Wake(&s.moves, s.crowd(n)) == 0 {
		x.forget(moves)
	}
	return nil
}

func (s *semaphoreState) most() uint32 {
	if s.bounded != 0 {
		return s.initial
	}
	return math.MaxInt32
}

// move says to who sleeps, or is about to, that there is something to have, and returns whether there may be one. The guard is
// held.
func (s *semaphoreState) move() (moves uint32, wake bool) {
	if s.sleeping == 0 {
		return 0, false
	}
	return s.moves.Add(1), true
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

// forget notes that nobody sleeps, if nothing has happened since that was seen.
func (x *Semaphore) forget(moves uint32) {
	if x.s.guard.try(x.me) {
		if x.s.moves.Load() == moves {
			x.s.sleeping = 0
		}
		x.s.guard.done(x.me)
	}
}

// lock takes the guard. If its owner has died it puts right what it may have left half done.
func (s *semaphoreState) lock(me uint32, w *wait) error {
	died, err := s.guard.guard(me, w)
	if died {
		s.count()
		s.sleeping = 1
		s.wake()
	}
	return err
}

// count computes value anew.
func (s *semaphoreState) count() {
	if s.signal != 0 {
		return // value is all there is, and it is one word
	}
	n := s.initial
	for _, held := range s.held {
		n -= min(held, n)
	}
	s.value.Store(n)
}

// bereave gives back what the process of a slot held.
func (s *semaphoreState) bereave(a *arena, slot int) bool {
	me, w := a.me.Load(), a.recovery()
	s.guard.hungry.CompareAndSwap(uint32(slot)+1, 0)
	s.hungry.CompareAndSwap(uint32(slot)+1, 0)
	if err := s.lock(me, &w); err != nil {
		return false
	}
	if held := &s.held[slot%maxSlots]; *held != 0 && a.dead(slot) { // otherwise the place belongs to another process by now
		*held = 0
		s.count()
	}
	s.guard.done(me)
	s.wake()
	return true
}

// Value returns how often Acquire would not block at this moment.
func (x *Semaphore) Value() int {
	n := x.s.value.Load()
	runtime.KeepAlive(x)
	return int(n)
}

// String says the name and the value.
func (x *Semaphore) String() string { return fmt.Sprintf("%s (value %d)", x.title(), x.Value()) }

// MarshalBinary says which semaphore of which group it is.
func (x *Semaphore) MarshalBinary() ([]byte, error) { return x.marshal(kindSemaphore) }

// UnmarshalBinary finds the semaphore that another process of this group has sent; otherwise the error wraps [ErrNotHere].
func (x *Semaphore) UnmarshalBinary(data []byte) error {
	s, err := findObject[semaphoreState](&x.object, data, kindSemaphore)
	if err == nil {
		x.s = s
	}
	return err
}
