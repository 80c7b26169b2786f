//go:build linux

package shm

import (
	"math/rand/v2"
	"testing"

	"cookbook/internal/process/failure"
)

// A semaphoreModel is what a semaphore should be: what the processes hold of it, by slot.
type semaphoreModel struct {
	t        *testing.T
	a        *arena
	s        *semaphoreState
	initial  int
	bounded  bool
	value    int
	isSignal bool
	held     map[int]int
}

func (m *semaphoreModel) wait(slot int) (me uint32, w *wait) {
	return uint32(slot) + 1, &wait{a: m.a}
}

func (m *semaphoreModel) acquire(slot int) {
	me, w := m.wait(slot)
	if m.value == 0 {
		is(m.t, m.s.acquire(me, w), failure.ErrTimeout)
		return
	}
	is(m.t, m.s.acquire(me, w), nil)
	m.value--
	m.held[slot]++
}

func (m *semaphoreModel) release(slot, n int) {
	me, w := m.wait(slot)
	if m.bounded && m.value+n > m.initial {
		if m.s.give(me, n) {
			m.t.Error("it gave too many")
		}
		is(m.t, m.s.release(me, n, w), ErrTooManyReleases)
		return
	}
	if !m.s.give(me, n) {
		is(m.t, m.s.release(me, n, w), nil)
	}
	m.value += n
	m.isSignal = m.isSignal || m.held[slot] < n
	m.held[slot] = max(m.held[slot]-n, 0)
}

// kill ends the process of a slot in the middle of something: with the guard, and with what it wrote before the word changed.
func (m *semaphoreModel) kill(slot int, moment int) {
	me := uint32(slot) + 1
	owner := ownerIn(m.s.word.Load())
	if owner == semaphoreSignal {
		moment = 0
	}
	switch moment {
	case 1: // it has the guard
		m.s.guard.word.Store(me)
	case 2: // it was about to open its account
		m.s.guard.word.Store(me)
		if owner != 0 {
			m.s.held[owner-1] = uint32(moment)
		}
	case 3: // it has opened its account
		m.s.open(accountOf(me))
		m.s.guard.word.Store(me)
	case 4: // another one that was recovering from its death died after it had cleared what it held
		m.s.open(accountOf(me))
		m.s.held[accountOf(me)-1] = 0
	}
	m.a.died(slot)
	if !m.isSignal {
		m.value += m.held[slot]
	}
	delete(m.held, slot)
}

func (m *semaphoreModel) check() {
	m.t.Helper()
	w := m.s.word.Load()
	if got := int(w & semaphoreValue); got != m.value {
		m.t.Fatalf("the value is %d, want %d", got, m.value)
	}
	if signal := ownerIn(w) == semaphoreSignal; signal != m.isSignal {
		m.t.Fatalf("it is a signal: %v, want %v", signal, m.isSignal)
	}
	for slot, want := range m.held {
		got := int(m.s.held[slot%maxSlots])
		if ownerIn(w) == accountOf(uint32(slot)+1) {
			got = int(heldIn(w))
		}
		if got != want && !m.isSignal {
			m.t.Fatalf("the process in slot %d holds %d, want %d", slot, got, want)
		}
	}
	if v := m.s.guard.word.Load() & owners; v != 0 && v != orphan {
		m.t.Fatalf("the guard is %#x", v)
	}
}

// Processes acquire, release and die at all moments, and the semaphore counts what a model counts.
func TestASemaphoreCountsWhatEachProcessHolds(t *testing.T) {
	g := space(t)
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 0))
		initial, bounded := random.IntN(6), seed%3 == 0
		make := NewSemaphore
		if bounded {
			make = NewBoundedSemaphore
		}
		sem := must[*Semaphore](t)(make(g, "s", initial))
		m := &semaphoreModel{t: t, a: g.arena, s: sem.s, initial: initial, bounded: bounded, value: initial, held: map[int]int{}}
		var slots []int
		for len(slots) < 3 {
			slots = append(slots, must[int](t)(g.arena.reserve()))
		}
		for range 200 {
			i := random.IntN(len(slots))
			slot := slots[i]
			switch n := random.IntN(16); {
			case n < 8:
				m.acquire(slot)
			case n < 14:
				if of := 1 + random.IntN(2); seed%2 == 0 || m.held[slot] >= of { // otherwise it becomes a signal soon
					m.release(slot, of)
				}
			default:
				m.kill(slot, random.IntN(5))
				slots[i] = must[int](t)(g.arena.reserve())
			}
			m.check()
		}
		for _, slot := range slots {
			m.kill(slot, 0)
			m.check()
		}
		if !m.isSignal && m.value != initial {
			t.Fatalf("in the end %d, want %d", m.value, initial)
		}
	}
}

func TestASemaphoreOfWhichAProcessHoldsMillionsBecomesASignal(t *testing.T) {
	g := space(t)
	sem := must[*Semaphore](t)(NewSemaphore(g, "s", 3*semaphoreMost))
	for range semaphoreMost {
		is(t, sem.Acquire(t.Context()), nil)
	}
	if w := sem.s.word.Load(); heldIn(w) != semaphoreMost {
		t.Errorf("it holds %d, want %d", heldIn(w), semaphoreMost)
	}
	is(t, sem.Acquire(t.Context()), nil)
	if sem.Value() != 2*semaphoreMost-1 || ownerIn(sem.s.word.Load()) != semaphoreSignal {
		t.Errorf("%v", sem)
	}
	is(t, sem.ReleaseN(semaphoreMost+1), nil)
	if sem.Value() != 3*semaphoreMost {
		t.Errorf("%v", sem)
	}
}
