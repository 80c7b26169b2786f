package shm

import "unsafe"

// recover gives back what the dead process of a slot held of one object, and wakes the waits there. It may be
// called any number of times. It reports whether that was possible: a process that stands still may hold something inside.
func (a *arena) recover(kind uint32, at uint64, size, slot int) bool {
	switch kind {
	case kindLock, kindRLock, kindValue, kindArray: // all begin with their mutex
		if m := inside[mutex](a, at, size); m != nil {
			m.bereave(uint32(slot) + 1)
		}
	case kindSemaphore:
		if s := inside[semaphoreState](a, at, size); s != nil {
			return s.bereave(a, slot)
		}
	case kindBarrier:
		if s := inside[barrierState](a, at, size); s != nil {
			return s.bereave(a, slot)
		}
	case kindCondition:
		if s := inside[conditionState](a, at, size); s != nil {
			s.bereave(slot)
		}
	case kindQueue:
		if s := inside[queueState](a, at, size); s != nil {
			s.bereave(a, at, size, slot)
		}
	case kindPipe:
		if s := inside[pipeState](a, at, size); s != nil {
			s.bereave(slot)
		}
	}
	return true
}

// inside returns the state of an object, nil if it is larger than the object.
func inside[S any](a *arena, at uint64, size int) *S {
	var s S
	if size < int(unsafe.Sizeof(s)) {
		return nil
	}
	return overlay[S](a, at)
}

// recovery is a wait for a guard in order to recover. It is bounded, and does not look for more dead processes.
func (a *arena) recovery() wait { return wait{a: a, d: 10 * tick, calm: true} }
