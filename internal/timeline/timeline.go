// Package timeline shows an execution as lanes: what each thread did, and when, who held what, and who waited for it.
//
// A [Lane] is one thread, with a [Span] for each time in which it was in one [State]. A [Thing] is what threads acquire and release,
// with a [Hold] for each time in which one of them had it. Package threading tells the trace what it needs for that.
//
// [ReadTrace] makes a [Timeline] of the trace that Go itself writes (runtime/trace). It needs one task for each thread, which
// bears its name, one region for each wait, and one log message for each acquisition, release and line: the words are those of package
// waitfor and [LogLine]. [Timeline.Draw] draws it for a terminal.
package timeline

import "time"

// mainName is the actor that the recipe itself is, transcript.Main: its lane is bold.
const mainName = "main"

// Timeline is what the threads of a run did, and when: the run as Go's execution trace tells it. Times count from the
// beginning of the first task.
type Timeline struct {
	Lanes  []Lane
	Things []Thing
	End    time.Duration
	Actors []string // of the transcript, in its order: whose lane gets which colour; may be left empty
}

// Lane is one thread.
type Lane struct {
	Name  string
	Spans []Span          // in order, without overlap
	Lines []time.Duration // when it said a line
}

// Span is a time in which a thread was in one state.
type Span struct {
	From, To time.Duration
	State    State
	For      string // of Waiting: for what, as far as is known
}

// State is what a thread does.
type State uint8

// The states.
const (
	Running  State = iota
	Ready          // to run, but no processor is free
	Waiting        // for a lock, a queue, another thread, the system
	Sleeping       // in a pause
	states   = iota
)

// Thing is something that threads acquire and release.
type Thing struct {
	Name  string
	Holds []Hold // in the order in which they began

	// Signal says that a thread released it that did not hold it, so no thread can be said to hold it. Then there are no
	// holds but the times when it was given and taken.
	Signal       bool
	Given, Taken []time.Duration
}

// Hold is a time in which a thread held a thing.
type Hold struct {
	From, To time.Duration
	By       string // name of a lane, or of a thread that has none
}
