package shm

import (
	"math"
	"sync/atomic"

	"cookbook/internal/futex"
)

// A mutex is a lock in shared memory. It is what a Lock is made of, and what guards the inside of everything else.
//
// The word is 0 if the mutex is free. Otherwise it is its owner, a slot + 1, with a bit that says whether any process sleeps.
// A process that comes takes a free mutex even if others wait, which spares a change of process. One that has waited for 2 ms
// writes itself into hungry; then the next unlock does not free the mutex but promises it to that process.
//
// The table of slots tells that an owner is dead; then the mutex is taken over, by one compare-and-swap, so that only one
// process is told.
type mutex struct {
	word   atomic.Uint32
	hungry atomic.Uint32 // the process that has waited for long: a slot + 1
}

const (
	sleepers = 1 << 31
	owners   = sleepers - 1

	// Owners that are not processes.
	orphan   = owners     // its owner has died, and whose slot that was is forgotten
	promised = owners - 1 // free, but for the hungry one
)

// try takes the mutex if it is free.
func (m *mutex) try(me uint32) bool { return m.word.CompareAndSwap(0, me) }

// lock takes the mutex. If its owner has died with it, that is reported by died, once.
func (m *mutex) lock(me uint32, w *wait) (died bool, err error) {
	if m.try(me) {
		return false, nil
	}
	for i := range looks {
		if got, died := m.take(w.a, me, false, 0); got {
			return died, nil
		}
		if i == 0 {
			if err := w.begin(); err != nil {
				return false, err
			}
		} else {
			futex.Yield()
		}
		for range looksAtAWord {
			if m.word.Load() == 0 {
				break
			}
		}
	}
	hungry := false
	for {
		got, died := m.take(w.a, me, hungry, sleepers) // others may sleep, too
		if got {
			m.sated(me, hungry)
			return died, nil
		}
		v := m.word.Load()
		if v == 0 || v&sleepers == 0 && !m.word.CompareAndSwap(v, v|sleepers) {
			continue
		}
		if !m.available(w.a, v, hungry) {
			err = w.sleep(&m.word, v|sleepers)
		}
		if err != nil {
			m.sated(me, hungry)
			if v := m.word.Load(); v == 0 || v&owners == promised {
				futex.Wake(&m.word, math.MaxInt32) // the wake may have been meant for this one
			}
			return false, err
		}
		if !hungry && w.hungry() {
			hungry = claim(w.a, &m.hungry, me)
		}
	}
}

// guard is lock for a mutex that is held for moments only, inside of something else. A wait that must not begin has a moment
// to get past it, too: otherwise a try would fail because of another one, and not because there is nothing to be had. The
// moment ends if a process stands still with the mutex.
func (m *mutex) guard(me uint32, w *wait) (died bool, err error) {
	if m.try(me) {
		return false, nil
	}
	if w.begin() != nil {
		w = &wait{a: w.a, group: w.group, d: 10 * tick, calm: w.calm}
	}
	return m.lock(me, w)
}

// take takes the mutex if that is allowed now.
func (m *mutex) take(a *arena, me uint32, hungry bool, bit uint32) (got, died bool) {
	v := m.word.Load()
	if v == 0 {
		return m.word.CompareAndSwap(0, me|bit), false
	}
	if !m.available(a, v, hungry) {
		return false, false
	}
	return m.word.CompareAndSwap(v, me|sleepers), v&owners != promised
}

// available reports whether a mutex that is not free, v, can be taken nevertheless.
func (m *mutex) available(a *arena, v uint32, hungry bool) bool {
	switch owner := v & owners; owner {
	case 0, orphan:
		return true
	case promised:
		return hungry || !holds(a, m.hungry.Load())
	default:
		return !holds(a, owner)
	}
}

// holds reports whether an owner is a process that is not known to have ended.
func holds(a *arena, owner uint32) bool { return owner != 0 && a.alive(int(owner)-1) }

// claim makes this process the hungry one if there is none.
func claim(a *arena, hungry *atomic.Uint32, me uint32) bool {
	v := hungry.Load()
	return !holds(a, v) && hungry.CompareAndSwap(v, me)
}

// sated ends being the hungry one.
func (m *mutex) sated(me uint32, hungry bool) {
	if hungry {
		m.hungry.CompareAndSwap(me, 0)
	}
}

// unlock frees the mutex, whose word is v, and reports whether it did: the word may have changed.
func (m *mutex) unlock(v uint32) bool {
	switch {
	case v&sleepers == 0:
		return m.word.CompareAndSwap(v, 0)
	case m.hungry.Load() == 0:
		if !m.word.CompareAndSwap(v, 0) {
			return false
		}
		futex.Wake(&m.word, 1)
	default:
		if !m.word.CompareAndSwap(v, promised|sleepers) {
			return false
		}
		futex.Wake(&m.word, math.MaxInt32)
	}
	return true
}

// done frees a mutex that this process holds.
func (m *mutex) done(me uint32) {
	if !m.word.CompareAndSwap(me, 0) {
		for v := m.word.Load(); v&owners == me && !m.unlock(v); v = m.word.Load() {
		}
	}
}

// bereave frees the mutex of the process dead, which has ended.
func (m *mutex) bereave(dead uint32) {
	m.hungry.CompareAndSwap(dead, 0)
	for v := m.word.Load(); v&owners == dead; v = m.word.Load() {
		if m.word.CompareAndSwap(v, v&sleepers|orphan) {
			break
		}
	}
	futex.Wake(&m.word, math.MaxInt32)
}
