package spec

import "strings"

// Names of operations and results in the specifications below. An operation "… in time" has a time-out of its own.
const (
	Acquire = "acquire"
	Try     = "try"
	Release = "release"
	Wait    = "wait"
	InTime  = " in time"

	Yes       = "yes" // of a try
	No        = "no"
	Cancelled = "cancelled" // the context of the thread has ended
	NotLocked = "not locked"
	NotOwner  = "not the owner"
	TooMany   = "too many"
)

// YesOrNo is the result of a call that reports something.
func YesOrNo(yes bool) string {
	if yes {
		return Yes
	}
	return No
}

// is reports whether the operation of c is op, with or without a time-out.
func (c Call) is(op string) bool { return strings.TrimSuffix(c.Op, InTime) == op }

// givesUp is how a call may end without what it waits for. goes: it has that.
func (c Call) givesUp(goes bool, may func(result string)) {
	switch {
	case goes && !c.late:
	case c.Cancelled:
		may(Cancelled)
	case !goes && strings.HasSuffix(c.Op, InTime):
		may(TimedOut)
	}
}

// LockState is that of a lock, and of the conditions on it.
type LockState struct {
	owner   int  // a thread, counted from 1; 0: it is free
	depth   int  // of a lock that can be acquired again
	line    Line // for the lock
	waiting Line // for a notification
	late    Line // those in the line for the lock that have given up to wait for a notification
}

// Lock is the specification of a lock that is handed to the thread that has waited longest: Acquire, Try, Release, and Acquire in
// time. If it is owned, only its owner may release it, and may acquire it again.
func Lock(owned bool) Spec[LockState] {
	return Spec[LockState]{
		Arrive: func(s LockState, c Call) LockState {
			if c.is(Acquire) {
				s.line = s.line.Add(c)
			}
			return s
		},
		Go: func(s LockState, c Call, may func(string, LockState)) { s.lock(c, owned, may) },
	}
}

func (s LockState) lock(c Call, owned bool, may func(string, LockState)) {
	me := c.Thread + 1
	free := s.owner == 0 && s.line == "" // what is free and waited for is handed over first
	after := s
	switch {
	case c.is(Acquire):
		after.line = s.line.Without(c)
		goes := s.owner == 0 && s.line.First(c) || owned && s.owner == me
		c.givesUp(goes, func(result string) { may(result, after) })
		if goes {
			after.owner, after.depth = me, s.depth+1
			may(OK, after)
		}
	case c.Op == Try && (free || owned && s.owner == me):
		after.owner, after.depth = me, s.depth+1
		may(Yes, after)
	case c.Op == Try && s.owner != 0:
		may(No, s)
	case c.Op == Release && free:
		may(NotLocked, s)
	case c.Op == Release && owned && s.owner != 0 && s.owner != me:
		may(NotOwner, s)
	case c.Op == Release && s.owner != 0:
		if after.depth--; after.depth == 0 {
			after.owner = 0
		}
		may(OK, after)
	}
}

// Names of the operations of a condition.
const (
	Notify    = "notify"
	NotifyAll = "notify all"
)

// Condition is the specification of a condition on a lock that any thread may release: those of the lock, Wait, Notify and
// NotifyAll. The threads that are notified get the lock in the order in which they came, after those that wait for it already.
func Condition() Spec[LockState] {
	lock := Lock(false)
	return Spec[LockState]{
		Arrive: func(s LockState, c Call) LockState {
			if c.is(Wait) && s.owner == c.Thread+1 && !c.Cancelled {
				s.waiting = s.waiting.Add(c)
				s.owner, s.depth = 0, 0
				return s
			}
			return lock.Arrive(s, c)
		},
		Leave: func(s LockState, c Call) LockState {
			if c.is(Wait) && s.waiting.Has(c) {
				s.waiting, s.line, s.late = s.waiting.Without(c), s.line.Add(c), s.late.Add(c)
			}
			return s
		},
		Go: func(s LockState, c Call, may func(string, LockState)) {
			owns := s.owner == c.Thread+1
			after := s
			switch {
			case c.is(Wait) && (s.waiting.Has(c) || s.line.Has(c)):
				after.waiting, after.line, after.late = s.waiting.Without(c), s.line.Without(c), s.late.Without(c)
				after.owner, after.depth = c.Thread+1, 1
				switch {
				case s.waiting.Has(c) && c.Cancelled:
					may("leaves", s)
				case s.owner == 0 && s.line.First(c) && s.late.Has(c):
					may(Cancelled, after)
				case s.owner == 0 && s.line.First(c):
					may(OK, after)
				}
				if s.owner == 0 && c.Op == Wait+InTime { // it has come to the line for the lock at a time that is not known
					may(TimedOut, after)
				}
			case c.is(Wait) && owns:
				may(Cancelled, s)
			case c.is(Wait), c.Op == Notify && !owns, c.Op == NotifyAll && !owns:
				may(NotOwner, s)
			case c.Op == Notify && s.waiting != "":
				after.line, after.waiting = s.line+s.waiting[:1], s.waiting[1:]
				may(OK, after)
			case c.Op == Notify:
				may(OK, s)
			case c.Op == NotifyAll:
				after.line, after.waiting = s.line+s.waiting, ""
				may(OK, after)
			default:
				lock.Go(s, c, may)
			}
		},
	}
}

// SemaphoreState is that of a semaphore.
type SemaphoreState struct {
	value int
	line  Line
}

// ReleaseTwo is an operation of a semaphore.
const ReleaseTwo = "release two"

// Semaphore is the specification of a semaphore: Acquire, Acquire in time, Try, Release and ReleaseTwo. What is released is handed to
// the thread that has waited longest. bound is the greatest value, 0: none.
func Semaphore(value, bound int) Spec[SemaphoreState] {
	return Spec[SemaphoreState]{
		Start: SemaphoreState{value: value},
		Arrive: func(s SemaphoreState, c Call) SemaphoreState {
			if c.is(Acquire) {
				s.line = s.line.Add(c)
			}
			return s
		},
		Go: func(s SemaphoreState, c Call, may func(string, SemaphoreState)) {
			after := s
			n := 1
			if c.Op == ReleaseTwo {
				n = 2
			}
			handed := s.value > 0 && s.line != "" // to the first in line, before anything else
			switch {
			case c.is(Acquire):
				after.line = s.line.Without(c)
				goes := s.value > 0 && s.line.First(c)
				c.givesUp(goes, func(result string) { may(result, after) })
				if goes {
					after.value--
					may(OK, after)
				}
			case handed:
			case c.Op == Try && s.value == 0:
				may(No, s)
			case c.Op == Try:
				after.value--
				may(Yes, after)
			case bound > 0 && s.value+n > bound:
				may(TooMany, s)
			default:
				after.value += n
				may(OK, after)
			}
		},
	}
}

// EventState is that of an event.
type EventState struct {
	set    bool
	woken  Line // by a Set
	asleep Line
}

// Names of the operations of an event.
const (
	Set   = "set"
	Clear = "clear"
	IsSet = "is it set"
)

// Event is the specification of an event: Set, Clear, IsSet, Wait and Wait in time. A Set wakes all that wait, even if a Clear
// follows at once.
func Event() Spec[EventState] {
	return Spec[EventState]{
		Arrive: func(s EventState, c Call) EventState {
			switch {
			case c.is(Wait) && s.set:
				s.woken = s.woken.Add(c)
			case c.is(Wait):
				s.asleep = s.asleep.Add(c)
			}
			return s
		},
		Go: func(s EventState, c Call, may func(string, EventState)) {
			after := s
			switch {
			case c.is(Wait) && s.woken.Has(c):
				after.woken = s.woken.Without(c)
				may(OK, after)
				c.givesUp(true, func(result string) { may(result, after) })
			case c.is(Wait):
				after.asleep = s.asleep.Without(c)
				c.givesUp(false, func(result string) { may(result, after) })
			case c.Op == Set:
				may(OK, EventState{set: true, woken: s.woken + s.asleep})
			case c.Op == Clear:
				after.set = false
				may(OK, after)
			case c.Op == IsSet && s.set:
				may(Yes, s)
			case c.Op == IsSet:
				may(No, s)
			}
		},
	}
}
