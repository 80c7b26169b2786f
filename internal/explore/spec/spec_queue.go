package spec

import (
	"slices"
	"strconv"
	"strings"
)

// Names of the operations of a queue, and of their results beside those above. The item that is put is the call's Name, and it is
// the result of the call that gets it.
const (
	Put    = "put"
	TryPut = "try to put"
	Get    = "get"
	TryGet = "try to get"
	Done   = "task done"
	Join   = "join"
	Close  = "close"

	Full   = "full"
	Empty  = "empty"
	Closed = "closed"
)

// Order says which item a queue gives next.
type Order int

const (
	FIFO     Order = iota // the oldest
	LIFO                  // the newest
	Priority              // the one whose letter comes last
)

// next is the index of that item.
func (o Order) next(items string) int {
	switch o {
	case FIFO:
		return 0
	case LIFO:
		return len(items) - 1
	}
	return strings.IndexByte(items, slices.Max([]byte(items)))
}

// QueueState is that of a queue.
type QueueState struct {
	items            string
	unfinished       int
	closed           bool
	getters, putters Line
}

// Queue is the specification of a queue that holds at most capacity items, 0: any number. It is fair on both ends.
func Queue(order Order, capacity int) Spec[QueueState] {
	return Spec[QueueState]{
		Arrive: func(s QueueState, c Call) QueueState {
			if c.is(Put) {
				s.putters = s.putters.Add(c)
			} else if c.is(Get) {
				s.getters = s.getters.Add(c)
			}
			return s
		},
		Go: func(s QueueState, c Call, may func(string, QueueState)) {
			room := capacity == 0 || len(s.items) < capacity
			// A place or an item goes to the first in line before anything else.
			handed := s.items != "" && s.getters != "" || room && s.putters != "" && !s.closed
			after := s
			put := func() {
				after.items += c.Name()
				after.unfinished++
				may(OK, after)
			}
			get := func() {
				i := order.next(s.items)
				after.items = s.items[:i] + s.items[i+1:]
				may(s.items[i:i+1], after)
			}
			switch {
			case c.is(Put):
				switch after.putters = s.putters.Without(c); {
				case s.closed:
					may(Closed, after)
				default:
					goes := room && s.putters.First(c) && (s.items == "" || s.getters == "")
					c.givesUp(goes, func(result string) { may(result, after) })
					if goes {
						put()
					}
				}
			case c.is(Get):
				after.getters = s.getters.Without(c)
				goes := s.items != "" && s.getters.First(c)
				if s.items == "" && s.closed {
					may(Closed, after)
				} else {
					c.givesUp(goes, func(result string) { may(result, after) })
				}
				if goes {
					get()
				}
			case handed:
			case c.Op == TryPut && s.closed, c.Op == TryGet && s.items == "" && s.closed:
				may(Closed, s)
			case c.Op == TryPut && !room:
				may(Full, s)
			case c.Op == TryPut:
				put()
			case c.Op == TryGet && s.items == "":
				may(Empty, s)
			case c.Op == TryGet:
				get()
			case c.Op == Done && s.unfinished == 0:
				may(TooMany, s)
			case c.Op == Done:
				after.unfinished--
				may(OK, after)
			case c.is(Join) && s.unfinished == 0:
				may(OK, s)
			case c.is(Join):
				c.givesUp(false, func(result string) { may(result, s) })
			case c.Op == Close:
				after.closed = true
				may(OK, after)
			}
		},
	}
}

// BarrierState is that of a barrier.
type BarrierState struct {
	line    Line   // that wait for others
	passed  string // calls that may go, each a name and an index
	refused Line   // calls that are told that the barrier is broken
	broken  bool
}

// Names of the operations and results of a barrier. The result of Wait is an index, "0" for the first to come.
const (
	Abort    = "abort"
	Reset    = "reset"
	IsBroken = "is it broken"

	Broken = "broken"
)

// breakUp sends those away that wait.
func (s BarrierState) breakUp() BarrierState {
	s.refused, s.line = s.refused+s.line, ""
	s.broken = true
	return s
}

// Barrier is the specification of a barrier for a number of parties: Wait, Wait in time, Abort, Reset, IsBroken. One that gives up
// breaks it.
func Barrier(parties int) Spec[BarrierState] {
	return Spec[BarrierState]{
		Arrive: func(s BarrierState, c Call) BarrierState {
			switch {
			case !c.is(Wait):
			case s.broken:
				s.refused = s.refused.Add(c)
			case len(s.line)+1 < parties:
				s.line = s.line.Add(c)
			default:
				for i, name := range s.line.Add(c) {
					s.passed += string(name) + strconv.Itoa(i)
				}
				s.line = ""
			}
			return s
		},
		Go: func(s BarrierState, c Call, may func(string, BarrierState)) {
			after := s
			switch at := strings.Index(s.passed, c.Name()); {
			case c.is(Wait) && at >= 0:
				after.passed = s.passed[:at] + s.passed[at+2:]
				may(s.passed[at+1:at+2], after)
			case c.is(Wait) && s.refused.Has(c):
				after.refused = s.refused.Without(c)
				may(Broken, after)
			case c.is(Wait):
				after.line = s.line.Without(c)
				c.givesUp(false, func(result string) { may(result, after.breakUp()) })
			case c.Op == Abort:
				may(OK, s.breakUp())
			case c.Op == Reset:
				after = s.breakUp()
				after.broken = false
				may(OK, after)
			case c.Op == IsBroken && s.broken:
				may(Yes, s)
			case c.Op == IsBroken:
				may(No, s)
			}
		},
	}
}
