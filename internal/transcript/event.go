package transcript

import (
	"errors"
	"time"
)

// Kind says what an [Event] is.
type Kind string

// The kinds of events.
const (
	Line     Kind = "line"     // an actor said something
	Note     Kind = "note"     // the recipe explains; never matched
	Check    Kind = "check"    // a claim and whether it held
	Progress Kind = "progress" // long work goes on; never matched, never kept
	End      Kind = "end"      // the run is over; the last event
)

// Event is one thing that happened in a run.
type Event struct {
	Recipe string
	At     time.Duration // since the run began
	Actor  string        // of a line
	Kind   Kind
	Mark   Mark   // of a line
	Text   string // never holds a line break
	Place  int    // of a line: which line of the promise it is, from 1, those that may come any number of times last; 0 if none
	OK     bool   // of a check and of the end

	Claim string // of a check: its text without the value

	Done, Total int // of progress

	// Of the end.
	Err     error
	Kept    int  // lines and checks that kept their promise
	Matched bool // whether the run was matched against a promise

	Unmatched string // why not, if the promise says so
	Seeded    bool   // whether the run drew random numbers
	Seed      uint64

	expected *expected // of a line: what the promise has in its place; nil: nothing, or the run is not matched
}

// jsonEvent is an event as run --json prints it: stable keys, those that do not apply left out.
type jsonEvent struct {
	Recipe string  `json:"recipe"`
	At     float64 `json:"at_ms"`
	Actor  string  `json:"actor,omitempty"`
	Kind   Kind    `json:"kind"`
	Mark   Mark    `json:"mark,omitempty"`
	Text   string  `json:"text,omitempty"`
	OK     *bool   `json:"ok,omitempty"`
	Claim  string  `json:"claim,omitempty"` // of a check that says a value as well

	Expected string `json:"expected,omitempty"`     // of a line: the line of the promise in its place
	Line     int    `json:"promise_line,omitempty"` // which one that is in the file

	Done   int       `json:"done,omitempty"`
	Total  int       `json:"total,omitempty"`
	Error  string    `json:"error,omitempty"`
	Kept   *int      `json:"promises_kept,omitempty"`
	Broken *Mismatch `json:"broken,omitempty"` // if that is the error

	Stopped   bool   `json:"stopped,omitempty"` // the run was told to end
	Unmatched string `json:"unmatched,omitempty"`

	Seed    *uint64  `json:"seed,omitempty"`
	Elapsed *float64 `json:"elapsed_ms,omitempty"`
}

func (e Event) json() jsonEvent {
	out := jsonEvent{Recipe: e.Recipe, At: milliseconds(e.At), Actor: e.Actor, Kind: e.Kind, Mark: e.Mark, Text: e.Text, Done: e.Done, Total: e.Total}
	switch e.Kind {
	case Line:
		out.Expected, out.Line = e.Expected()
	case Check:
		out.OK = &e.OK
		if e.Claim != e.Text {
			out.Claim = e.Claim
		}
	case End:
		out.OK, out.Kept, out.Elapsed = &e.OK, &e.Kept, &out.At
		out.Unmatched = e.Unmatched
		if e.Err != nil {
			out.Error, out.Stopped = e.Err.Error(), e.Stopped()
			errors.As(e.Err, &out.Broken)
		}
		if e.Seeded {
			out.Seed = &e.Seed
		}
	}
	return out
}

// Stopped reports whether the end is that of a run that did not fail but was told to end: its error has a method Stopped that returns
// true.
func (e Event) Stopped() bool {
	var told interface{ Stopped() bool }
	return errors.As(e.Err, &told) && told.Stopped()
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Microseconds()) / 1000
}

// A Sink receives a run's events, one at a time, in order. It is called while the log is locked, so it must not write to
// the log.
type Sink interface {
	Event(Event)
}

// SinkFunc is a function used as a Sink.
type SinkFunc func(Event)

// Event calls f.
func (f SinkFunc) Event(e Event) { f(e) }
