// Package timeline shows an execution as lanes: what each actor did, and when, who held what, and who waited for it.
//
// A [Lane] is one actor: a thread, a task of an event loop, a process, or one that is known by its lines alone. It has a [Span]
// for each time in which the actor was in one [State]. A [Thing] is what threads acquire and release, with a [Hold] for each
// time in which one of them had it.
//
// [ReadTrace] makes a [Timeline] of the trace that Go itself writes (runtime/trace). It needs one task for each thread, which
// bears its name, one region for each wait, and one log message for each acquisition, release, line and message: the words are those of
// package waitfor and [LogLine]. [ReadTraces] merges the traces of a process and its children. Packages threading, async and process write
// them. [Timeline.Draw] draws it for a terminal, [Timeline.SVG] as a picture, and [Timeline.Perfetto] writes it for ui.perfetto.dev.
package timeline

import (
	"fmt"
	"strings"
	"time"
)

// mainName is the actor that the recipe itself is, transcript.Main: its lane is bold, and the first.
const mainName = "main"

// Timeline is what the actors of a run did, and when: the run as Go's execution trace tells it. Times count from the
// beginning of the first task.
type Timeline struct {
	Lanes    []Lane // main, those that speak, those that are silent
	Others   Crowd  // those that have no name and are silent
	Things   []Thing
	Messages []Message // in the order in which they were sent
	Clocks   Clocks    // of the processes that recorded a part of it
	Cut      []string  // lanes of processes that recorded only their beginning, or nothing: they were killed, or said too much
	End      time.Duration
	Actors   []string // of the transcript, in its order: whose lane gets which colour and comes first; may be left empty
	Steps    bool     // times are numbers of steps, a millisecond each, and not times
}

// notes say how far a timeline of several processes can be trusted.
func (t Timeline) notes() (all []string) {
	const most = 3
	if t.Clocks.Processes > 1 {
		all = append(all, t.Clocks.String())
	}
	if n := len(t.Cut); n > 0 {
		names := strings.Join(t.Cut[:min(n, most)], ", ")
		if n > most {
			names += fmt.Sprintf(" and %d more", n-most)
		}
		all = append(all, "not recorded to the end: "+names)
	}
	return all
}

// Lane is one actor.
type Lane struct {
	Name    string
	Process bool            `json:",omitempty"` // it is a process of its own
	Spans   []Span          // in order, without overlap; none if nothing is known but the lines
	Lines   []time.Duration // when it said a line, in order
	Said    []string        // what it said: the text of each of Lines; nil if that is not known (see Tell)

	Number int `json:",omitempty"` // tells it from others of its name; 0: nothing does
}

// Crowd is goroutines without a lane of their own. They are shown as one: what one of them did stands for all, and to run
// counts most.
type Crowd struct {
	N     int
	Spans []Span
}

// Span is a time in which an actor was in one state.
type Span struct {
	From, To time.Duration
	State    State
	For      string // of Waiting: for what, as far as is known; of Running: what it does, where that has a name
}

// State is what an actor does.
type State uint8

// The states.
const (
	Running  State = iota
	Ready          // to run, but no processor is free, or another task of its loop has the turn
	Waiting        // for a lock, a queue, another thread, the system
	Sleeping       // in a pause
	Apart          // it is a process of its own: what it does is not known, but that it lives
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

// Message is something that one actor sent and another one received.
type Message struct {
	From, To       string // names of lanes
	Sent, Received time.Duration
	Text           string // what it was, such as "tag 7, 8 bytes"; may be empty

	FromNumber, ToNumber int `json:",omitempty"` // of the lanes; 0: the first of that name
}
