package explore

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/petermattis/goid"

	"cookbook/internal/transcript"
	"cookbook/internal/turn"
)

// A chooser is the scheduler of one run: it holds every call until it is let go. Its methods but those of transcript.Scheduler
// and turn.Taker are called by the searching goroutine, while nothing else runs.
type chooser struct {
	mu       sync.Mutex
	first    int64              // the goroutine in which the program begins
	known    map[int64]*speaker // by goroutine
	arrived  []*speaker         // held, and not yet seen by look
	left     []*speaker         // whose pause ended by itself, and not yet seen by look
	timeouts []*timeout
	signal   chan struct{} // gets a value when a call arrives
	open     bool          // nothing is held any longer

	// Of the searching goroutine.
	speakers []*speaker // in the order of their first calls
	held     []*speaker // by how long they are held, the longest first
	current  *speaker   // the one that was let go last

	processes map[string]bool // others whose calls are held

	// Of the question that is asked: see far.go.
	aside   []*speaker          // held, and cannot be chosen before it is answered
	options map[string]*speaker // all that there were, by what they say
}

var (
	_ transcript.Scheduler = (*chooser)(nil)
	_ turn.Taker           = (*chooser)(nil)
)

// A speaker is a goroutine that calls the log.
type speaker struct {
	id        int    // in the order of first calls; -1 so far
	goroutine int64  // of the runtime, which counts upwards
	name      string // under which it spoke or began; "" so far
	first     bool   // it is the one in which the program begins
	turn      chan struct{}

	kind   transcript.Kind // of the call that is held
	silent bool            // its call before was a pause as well
	calls  int             // since everything is open

	far    string    // the goroutine of another process that this one speaks for; "" if none
	asks   *question // that it waits for, or of which it is an option
	option int
}

func newChooser() *chooser {
	return &chooser{known: map[int64]*speaker{}, signal: make(chan struct{}, 1)}
}

// begin is called by the goroutine in which the program begins. It is main as long as it speaks under no name.
func (c *chooser) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.first = goid.Get()
}

func (c *chooser) Before(step transcript.Step) {
	if s := c.hold(step.Kind, step.Actor); s != nil {
		<-s.turn
	}
}

func (c *chooser) After(transcript.Step) {}

func (c *chooser) Begin(name string) { c.Before(transcript.Step{Kind: transcript.Begin, Actor: name}) }

// Pause holds the pause until it is let go, or until ctx ends it.
func (c *chooser) Pause(ctx context.Context, _ time.Duration) error {
	s := c.hold(Pause, "")
	if s == nil {
		return context.Cause(ctx)
	}
	select {
	case <-s.turn:
	case <-ctx.Done():
		c.mu.Lock()
		c.left = append(c.left, s)
		c.mu.Unlock()
	}
	return context.Cause(ctx)
}

// patience is how many calls an actor may make after the end of its run. One that makes more is stopped for good: it takes no
// notice of its end.
const patience = 1000

// hold notes the call; nil: it need not wait.
func (c *chooser) hold(kind transcript.Kind, name string) *speaker {
	id := goid.Get()
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.speaker(id)
	if c.open {
		if s.calls++; s.calls > patience {
			c.mu.Unlock()
			select {}
		}
		return nil
	}
	if s.name == "" {
		s.name = name
	}
	s.kind, s.silent = kind, kind == Pause && s.kind == Pause
	c.arrived = append(c.arrived, s)
	select {
	case c.signal <- struct{}{}:
	default:
	}
	return s
}

// A timeout is a wait for a time that is due only when nothing else is left to choose.
type timeout struct {
	after time.Duration
	due   chan time.Time
}

func (c *chooser) Timeout(d time.Duration) (<-chan time.Time, func()) {
	t := &timeout{d, make(chan time.Time, 1)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open {
		t.due <- time.Time{}
		return t.due, func() {}
	}
	c.timeouts = append(c.timeouts, t)
	return t.due, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if i := slices.Index(c.timeouts, t); i >= 0 {
			c.timeouts = slices.Delete(c.timeouts, i, i+1)
		}
	}
}

// look takes note of the calls that have come, and of those that ended by themselves. Goroutines that call for the first time are
// numbered as they were created, so that the order in which the runtime starts them does not matter.
func (c *chooser) look() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.left {
		if i := slices.Index(c.held, s); i >= 0 {
			c.held = slices.Delete(c.held, i, i+1)
		} else if i := slices.Index(c.aside, s); i >= 0 {
			c.aside = slices.Delete(c.aside, i, i+1)
		} else if i := slices.Index(c.arrived, s); i >= 0 {
			c.arrived = slices.Delete(c.arrived, i, i+1)
		}
	}
	c.left = c.left[:0]
	fresh := c.arrived
	if len(fresh) > 1 {
		slices.SortStableFunc(fresh, func(a, b *speaker) int {
			switch {
			case a.id >= 0 && b.id >= 0:
				return a.id - b.id
			case a.id >= 0:
				return -1
			case b.id >= 0:
				return 1
			}
			return compareFresh(a, b)
		})
	}
	for _, s := range fresh {
		if s.id < 0 {
			s.id = len(c.speakers)
			c.speakers = append(c.speakers, s)
		}
		c.held = append(c.held, s)
	}
	c.arrived = c.arrived[:0]
	c.ask()
}

// usual returns the index of the held call that goes on by default. holds reports whether to take another would take the turn from
// one that is about to go on.
func (c *chooser) usual() (i int, holds bool) {
	if i := slices.Index(c.held, c.current); i >= 0 && !yields(c.current.kind) { // one that is not held may be on its way to a call
		return i, true
	}
	return 0, false
}

// release lets a held call go on.
func (c *chooser) release(i int) {
	s := c.held[i]
	if s.asks != nil {
		c.answer(s)
		return
	}
	c.held = slices.Delete(c.held, i, i+1)
	c.current = s
	s.turn <- struct{}{}
}

// fire lets the time-out that is due first come; false: there is none.
func (c *chooser) fire() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := -1
	for i, t := range c.timeouts {
		if first < 0 || t.after < c.timeouts[first].after {
			first = i
		}
	}
	if first < 0 {
		return false
	}
	t := c.timeouts[first]
	for _, other := range c.timeouts {
		other.after -= t.after
	}
	c.timeouts = slices.Delete(c.timeouts, first, first+1)
	t.due <- time.Time{}
	c.current = nil
	return true
}

// end lets go all that is held, now and from now on.
func (c *chooser) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = true
	for _, s := range slices.Concat(c.held, c.arrived, c.aside) {
		if s.asks != nil {
			s = s.asks.by
		}
		select {
		case s.turn <- struct{}{}:
		default: // its pause has ended, and it is held again
		}
	}
	c.held, c.arrived, c.aside = nil, nil, nil
	for _, t := range c.timeouts {
		t.due <- time.Time{}
	}
	c.timeouts = nil
}

// label is the name of an actor for people.
func (s *speaker) label() string {
	switch {
	case s.name != "":
		return s.name
	case s.first:
		return transcript.Main
	}
	return "goroutine " + strconv.Itoa(s.id+1)
}
