package shm

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"cookbook/internal/futex"
	"cookbook/internal/process/failure"
)

// A slot is the number of a process in its group. It names the process in every word of the shared memory: a pid does not,
// because the kernel gives it to another when the process is gone. A slot is never given again: it is a place in the
// table, and the number of times that place was given before.
const maxSlots = 1024

// The last slot + 1 has to be less than the owners of a mutex that are not processes.
const maxRounds = (promised - 1) / maxSlots

// A slotState is one place in the table.
type slotState struct {
	state atomic.Uint64 // round << 2 | one of the states below
	pid   atomic.Uint64
	start atomic.Uint64 // when the process started, 0: not known
	waits atomic.Uint64 // the lock for which it sleeps, as waits.go has it; 0: none
}

const (
	slotFree     = iota
	slotReserved // for a process that is being started; counts as alive
	slotAlive
	slotDead // what the process held has not yet been recovered
)

func (a *arena) place(slot int) (s *slotState, round uint64, ok bool) {
	if slot < 0 || slot/maxSlots >= maxRounds {
		return nil, 0, false
	}
	return &a.head.slots[slot%maxSlots], uint64(slot / maxSlots), true
}

// reserve returns a slot for a process that is about to be started. Join or died has to follow.
func (a *arena) reserve() (slot int, err error) {
	if a.closed.Load() {
		return 0, failure.ErrClosed
	}
	for i := range a.head.slots {
		s := &a.head.slots[i]
		old := s.state.Load()
		round := old >> 2
		if old&3 != slotFree || round >= maxRounds || !s.state.CompareAndSwap(old, round<<2|slotReserved) {
			continue
		}
		a.raise(i)
		return int(round)*maxSlots + i, nil
	}
	return 0, fmt.Errorf("a group has at most %d processes at a time: %w", maxSlots, ErrNoRoom)
}

// raise notes that the place i of the table is in use.
func (a *arena) raise(i int) {
	for {
		high := a.head.highest.Load()
		if high > uint32(i) || a.head.highest.CompareAndSwap(high, uint32(i)+1) {
			return
		}
	}
}

// join says which process has the slot. Its parent may say so, or itself, or both.
func (a *arena) join(slot, pid int) error {
	s, round, ok := a.place(slot)
	if !ok || pid <= 0 {
		return fmt.Errorf("join as process %d in slot %d: %w", pid, slot, ErrNotHere)
	}
	a.raise(slot % maxSlots)
	for {
		old := s.state.Load()
		switch {
		case old>>2 != round || old&3 == slotDead:
			return fmt.Errorf("join as process %d in slot %d: the slot's process has ended", pid, slot)
		case old&3 == slotAlive && s.pid.Load() != uint64(pid):
			return fmt.Errorf("join as process %d in slot %d: that is process %d", pid, slot, s.pid.Load())
		}
		if old&3 != slotAlive {
			s.waits.Store(0)
			s.start.Store(startTime(pid))
			s.pid.Store(uint64(pid))
			if !s.state.CompareAndSwap(old, round<<2|slotAlive) {
				continue
			}
		}
		if pid == os.Getpid() {
			a.me.Store(uint32(slot) + 1)
		}
		return nil
	}
}

// alive reports whether the process of the slot is not known to have ended.
func (a *arena) alive(slot int) bool {
	s, round, ok := a.place(slot)
	if !ok {
		return false
	}
	state := s.state.Load()
	return state>>2 == round && (state&3 == slotReserved || state&3 == slotAlive)
}

// died says that the process of the slot has ended, in whatever way. It gives back what the process held and wakes
// the processes that wait for it. Any process may say so, and several may.
func (a *arena) died(slot int) {
	if a.bury(slot) {
		a.recoverAll(slot)
	}
}

// bury marks the slot as dead and reports whether there is something to recover.
func (a *arena) bury(slot int) bool {
	s, round, ok := a.place(slot)
	if !ok || a.closed.Load() || a.me.Load() == 0 {
		return false // a process that has not joined can hold nothing, not even in order to recover
	}
	for {
		old := s.state.Load()
		if old>>2 != round || old&3 == slotFree {
			return false
		}
		if old&3 == slotDead || s.state.CompareAndSwap(old, round<<2|slotDead) {
			return true
		}
	}
}

// dead reports whether the slot is marked as dead, and not yet recovered.
func (a *arena) dead(slot int) bool {
	s, round, ok := a.place(slot)
	return ok && s.state.Load() == round<<2|slotDead
}

// recoverAll recovers all objects from the death of a slot's process, and then frees its place in the table. If an object
// cannot be had the place stays, and the next sweep tries again.
func (a *arena) recoverAll(slot int) {
	s, round, _ := a.place(slot)
	whole := true
	for n := range min(a.head.objects.Load(), maxObjects) {
		if a.closed.Load() {
			return
		}
		if kind, at, size := a.entry(n); kind != 0 && !a.recover(kind, at, size, slot) {
			whole = false
		}
	}
	if whole {
		s.state.CompareAndSwap(round<<2|slotDead, (round+1)<<2) // free
	}
}

// sweep looks for processes whose end was not told, because the one that started them is dead as well. Of
// all processes of the group, one does so in 20 ms.
func (a *arena) sweep() {
	now, last := futex.Monotonic(), a.head.swept.Load()
	if now >= last && now-last < uint64(tick) || !a.head.swept.CompareAndSwap(last, now) {
		return
	}
	var dead []int
	for i := range min(a.head.highest.Load(), maxSlots) {
		s := &a.head.slots[i]
		state := s.state.Load()
		slot := int(state>>2)*maxSlots + int(i)
		switch state & 3 {
		case slotAlive:
			if uint32(slot)+1 == a.me.Load() || !gone(int(s.pid.Load()), s.start.Load()) || s.state.Load() != state {
				continue
			}
		case slotDead:
		default:
			continue
		}
		if a.bury(slot) {
			dead = append(dead, slot) // all first: one may hold what is needed to recover the other
		}
	}
	for _, slot := range dead {
		a.recoverAll(slot)
	}
}

// tick is how long a wait sleeps before it looks around.
const tick = 20 * time.Millisecond
