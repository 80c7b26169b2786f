package spec

import (
	"hash/maphash"
	"strings"

	"github.com/anishathalye/porcupine"
)

// A Call is one operation that a thread of a program makes.
type Call struct {
	ID        int    // counts the operations of the program, thread by thread, from 0
	Thread    int    // from 0
	Op        string // as in [Primitive].Ops
	Cancelled bool   // the context of the thread has ended; only the specification is told

	late bool // it may be told of that although it was given what it waits for, which it then has to pass on
}

// Name is one letter, another one for each call of a program: for the items of a queue, and for a [Line].
func (c Call) Name() string { return string(rune('a' + c.ID)) }

const (
	// Cancel is an operation that every primitive may have. It ends the contexts of all threads but its own.
	Cancel = "cancel"

	// AndCancel ends the name of an operation that does the same in the moment in which it goes. It is not one of its own: do makes
	// it, by [Env.Cancel].
	AndCancel = " and cancel"

	// OK is the result of a call that has nothing else to say.
	OK = "ok"

	// TimedOut is the result of a call whose time-out has come. It may come whenever the call waits, but need not.
	TimedOut = "timed out"
)

// A Line is the names of calls, the first to come first.
type Line string

// Add puts c last.
func (l Line) Add(c Call) Line { return l + Line(c.Name()) }

// Has reports whether c stands in it.
func (l Line) Has(c Call) bool { return strings.Contains(string(l), c.Name()) }

// First reports whether c is the first.
func (l Line) First(c Call) bool { return strings.HasPrefix(string(l), c.Name()) }

// Without is the line when c has left it.
func (l Line) Without(c Call) Line { return Line(strings.ReplaceAll(string(l), c.Name(), "")) }

// A Primitive is something that threads wait for each other with.
type Primitive[S comparable] struct {
	Name string

	// Ops is the alphabet of programs, what matters most first. Operations with semicolons between them are made at one go: "set;
	// clear" is two calls, and the thread is not held between them.
	Ops []string

	// New makes one for a run. do makes a call and returns its result. It has to return when the context of its thread ends, which
	// is also told to those that wait when nothing can go on any more. What a thread holds then can keep others waiting; leave, if
	// it is not nil, is called by each thread when it has ended, and gives back what the thread holds.
	New func(env *Env) (do func(Call) string, leave func(thread int))

	Spec[S]
}

// A Spec is a sequential specification.
type Spec[S comparable] struct {
	Start S // the state at first

	// Arrive returns the state when a call has arrived. nil: arrival changes nothing.
	Arrive func(s S, c Call) S

	// Leave returns the state when a call that waits has seen that its context has ended, and no longer waits for what it came for.
	// nil: that changes nothing until it goes.
	Leave func(s S, c Call) S

	// Go calls may with each result that a call that has arrived may have in state s, and the state after it; for one result there
	// is one state after it. If it does not call may, the call has to wait.
	Go func(s S, c Call, may func(result string, after S))
}

// LateCancel is the specification of a primitive of which a call may be told that its context has ended although it was given what
// it waits for, if both came together. It has to pass that on to the next one.
func LateCancel[S comparable](s Spec[S]) Spec[S] {
	inner := s.Go
	s.Go = func(s S, c Call, may func(string, S)) {
		c.late = true
		inner(s, c, may)
	}
	return s
}

// A state is that of a primitive, and which calls have arrived and which threads are cancelled: a bit for each.
type state[S comparable] struct {
	of        S
	arrived   uint64
	cancelled uint8
}

func (s *state[S]) has(c Call) bool { return s.arrived&(1<<c.ID) != 0 }

// informed is the call as the specification sees it.
func (s *state[S]) informed(c Call) Call {
	c.Cancelled = s.cancelled&(1<<c.Thread) != 0
	return c
}

// An event is an input of the model. One with waiting calls says that nothing can run, and these calls wait.
type event struct {
	kind    eventKind
	call    Call
	waiting []Call
}

type eventKind int

const (
	arrives eventKind = iota
	leaves
	goes
	quiet
)

// model is the specification for porcupine.
func (p *Primitive[S]) model() porcupine.Model {
	seed := maphash.MakeSeed()
	return porcupine.Model{
		Init: func() any { return state[S]{of: p.Start} },
		Step: func(before, input, output any) (bool, any) {
			s, e := before.(state[S]), input.(event)
			switch e.kind {
			case arrives:
				s.arrived |= 1 << e.call.ID
				if p.Arrive != nil && e.call.Op != Cancel {
					s.of = p.Arrive(s.of, s.informed(e.call))
				}
				return true, s
			case leaves:
				if p.Leave != nil {
					s.of = p.Leave(s.of, e.call)
				}
				return s.has(e.call), s
			case goes:
				return p.goes(s, e.call, output.(string))
			}
			for _, c := range e.waiting {
				if !s.has(c) || p.due(s, c) {
					return false, nil
				}
			}
			return true, s
		},
		// porcupine remembers which states it has been in, by which operations, in a map from this hash. Without it the key would be
		// the set of operations alone, and all states after the same operations would be compared one by one.
		Hash: func(s any) uint64 { return maphash.Comparable(seed, s.(state[S])) },
	}
}

// goes returns the state after c has gone with that result, if it may.
func (p *Primitive[S]) goes(s state[S], c Call, result string) (ok bool, after state[S]) {
	if !s.has(c) {
		return false, s
	}
	after = s
	op, cancels := strings.CutSuffix(c.Op, AndCancel)
	if cancels || op == Cancel {
		after.cancelled |= ^(1 << c.Thread)
	}
	if op == Cancel {
		return true, after
	}
	c.Op = op
	p.Go(s.of, s.informed(c), func(allowed string, next S) {
		if allowed == result {
			ok, after.of = true, next
		}
	})
	return ok, after
}

// due reports whether c has no reason to wait.
func (p *Primitive[S]) due(s state[S], c Call) (due bool) {
	p.Go(s.of, s.informed(c), func(result string, _ S) { due = due || result != TimedOut })
	return due
}
