package explore

import (
	"fmt"
	"strings"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// Program is what is explored.
type Program struct {
	ID      string              // recipe and flags as typed: ch2.lock --wrong lost-update; a token is for one ID
	Run     catalog.Run         // called once a schedule
	Promise *transcript.Promise // nil: only checks, errors, panics and deadlocks are faults
	Seed    uint64              // of the recipe's random numbers; 0 is 1
}

// Options say how long and from where.
type Options struct {
	Budget   time.Duration   // 0 is DefaultBudget
	Most     int             // schedules at most; 0: no limit
	Seed     uint64          // of the random schedules; 0 is 1
	Progress func(Progress)  // called about ten times a second, between two runs
	Before   func(*Schedule) // called before each run with what it departs by, so that a crash can be laid to it
	From     *State          // goes on from there
	Skip     []Fault         // of schedules that end the process: they are not run, and the first that is met ends the search

	// Exact says that the program waits for no clock, so that a run in which nothing can go on is a deadlock at once. Else a
	// search waits 150 ms for what the clock may bring.
	Exact bool

	// Unordered has all schedules run in one level, whatever their preemptions: for small programs, that saves the levels before
	// the last one. The first fault is then not the one with the fewest preemptions.
	Unordered bool
}

// DefaultBudget is how long a search takes unless told otherwise.
const DefaultBudget = 5 * time.Second

func (o Options) grace() time.Duration {
	if o.Exact {
		return 0
	}
	return grace
}

// Progress is how far a search has come.
type Progress struct {
	Schedules int    `json:"schedules"`
	Orders    int    `json:"orders"`
	Level     string `json:"level"` // what is being tried: 1 preemption; at random
	Elapsed   time.Duration
}

// Verdict says whether all was tried.
type Verdict string

// The verdicts. There is no ok: a search that is not complete has not seen everything.
const (
	Complete Verdict = "COMPLETE" // every schedule was run
	Bounded  Verdict = "BOUNDED"  // every one within a bound
)

// Bound is what a search has covered. The schedules within it were all run.
type Bound struct {
	Preemptions int  `json:"preemptions"` // at most so many; -1: not all without any
	Departures  int  `json:"departures"`  // preemptions and picks out of turn together, at most; -1: unknown
	Whole       bool `json:"whole"`       // there are no others
}

// String is the bound in words: all with ≤ 2 preemptions.
func (b Bound) String() string {
	if b.Whole {
		return "all"
	}
	var parts []string
	for _, part := range []struct {
		most int
		what string
	}{{b.Preemptions, "preemption"}, {b.Departures, "departure"}} {
		switch part.most {
		case -1:
		case 0:
			parts = append(parts, "all without a "+part.what)
		case 1:
			parts = append(parts, "all with ≤ 1 "+part.what)
		default:
			parts = append(parts, fmt.Sprintf("all with ≤ %d %ss", part.most, part.what))
		}
	}
	if len(parts) == 0 {
		return "no bound"
	}
	return strings.Join(parts, ", ")
}

// Result is what a search has found.
type Result struct {
	Verdict   Verdict       `json:"verdict"`
	Schedules int           `json:"schedules"` // that were run and differ
	Orders    int           `json:"orders"`    // printed orders that differ
	Bound     Bound         `json:"bound"`
	Random    int           `json:"random,omitempty"` // of the schedules: those beyond the bound
	Share     float64       `json:"share"`            // of all schedules: an estimate of how many were run, 0 to 1
	Faults    []Fault       `json:"faults,omitempty"` // at most one of a kind; the first is the counter-example
	Notes     []string      `json:"notes,omitempty"`  // what the search could not control
	State     *State        `json:"-"`                // to go on from
	Elapsed   time.Duration `json:"elapsed_ns"`

	Loose []transcript.Loose `json:"loose,omitempty"` // where the promise allows orders that did not come; none if there are faults, or the bound is 0
	Shown *transcript.Orders `json:"-"`               // what the orders have shown, to suggest a tight promise; nil: there is no promise, or a fault
}

// FaultKind says what is wrong.
type FaultKind string

// The kinds of faults.
const (
	Broken   FaultKind = "broken"   // a line or a check breaks the promise, or the recipe returns an error
	Deadlock FaultKind = "deadlock" // nothing can run, and the recipe has not ended
	Panicked FaultKind = "panic"
	Endless  FaultKind = "endless" // an actor that never ends
	Strayed  FaultKind = "strayed" // the same choices made another run: the recipe is not deterministic there
)

// Fault is one thing that is wrong, and the schedule that shows it.
type Fault struct {
	Kind        FaultKind `json:"kind"`
	Text        string    `json:"text"`
	Schedule    Schedule  `json:"schedule"`
	Token       string    `json:"token,omitempty"` // for run --schedule
	Preemptions int       `json:"preemptions"`
	Steps       int       `json:"steps"`            // choices until the fault shows
	Fewest      bool      `json:"fewest"`           // every schedule with fewer preemptions was run, and passes
	Trace       *Trace    `json:"trace,omitempty"`  // of this schedule
	Passes      *Trace    `json:"passes,omitempty"` // the nearest schedule that passes; nil: none found
	Decisive    int       `json:"decisive"`         // index of the first step in which the two differ; -1: none

	passed []int32 // the choices of the run before it that passed, by actor; nil: none did
}

// Trace is a run, step by step.
type Trace struct {
	Actors []string    `json:"actors"` // goroutines in the order of their first calls, by the names they speak under
	Steps  []TraceStep `json:"steps"`
	Err    string      `json:"error,omitempty"` // what the run came to
}

// TraceStep is one choice, and what was said until the next one.
type TraceStep struct {
	Actor    int             `json:"actor"`
	Kind     transcript.Kind `json:"kind"`             // line, check, begin, or Pause, TimeOut
	Choice   string          `json:"choice,omitempty"` // what was chosen, if that is its kind
	Said     []Said          `json:"said,omitempty"`
	Preempts bool            `json:"preempts,omitempty"` // the actor of the step before could have gone on
	Departs  bool            `json:"departs,omitempty"`  // another step would have been usual
}

// Said is a line or a check that came.
type Said struct {
	Actor string          `json:"actor,omitempty"` // of a line
	Mark  transcript.Mark `json:"mark,omitempty"`
	Text  string          `json:"text"`
	OK    bool            `json:"ok"` // false: it breaks the promise
}

// Kinds of steps beside those of the log.
const (
	Pause   transcript.Kind = "pause"
	TimeOut transcript.Kind = "time-out"
)
