package explore

import (
	"cmp"
	"context"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/petermattis/goid"

	"cookbook/internal/transcript"
	"cookbook/internal/turn"
)

// Here is what the explorer does about other processes, which the recipes of chapter 3 start. Their calls are held here as those of
// this process are: see transcript.Host. far_linux.go tells when none of them can run.

var (
	_ transcript.Host = (*chooser)(nil)
	_ turn.Chooser    = (*chooser)(nil)
)

// Kinds of steps beside those of the log.
const (
	Choice transcript.Kind = "choice" // of what a library leaves open, such as the message that a receive is given
)

// yields reports whether a call of that kind gives way: after it the turn is free.
func yields(k transcript.Kind) bool { return k == Pause || k == transcript.Yield }

// Speaks implements transcript.Host.
func (c *chooser) Speaks(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.speaker(goid.Get()).far = name
	if c.processes == nil {
		c.processes = map[string]bool{}
	}
	c.processes[name[:strings.LastIndexByte(name, '/')+1]] = true
}

// speaker is that of a goroutine. c.mu is held.
func (c *chooser) speaker(id int64) *speaker {
	s := c.known[id]
	if s == nil {
		s = &speaker{id: -1, goroutine: id, first: id == c.first, turn: make(chan struct{}, 1)}
		c.known[id] = s
	}
	return s
}

// compareFresh says which of two speakers that call for the first time is numbered first: those of this process come as they were
// created, then those of others by name, as people count.
func compareFresh(a, b *speaker) int {
	if a.far == "" && b.far == "" {
		return cmp.Compare(a.goroutine, b.goroutine)
	}
	return cmp.Or(cmp.Compare(len(a.far), len(b.far)), cmp.Compare(a.far, b.far))
}

// Hold implements transcript.Host.
func (c *chooser) Hold(ctx context.Context, step transcript.Step) {
	if s := c.hold(step.Kind, step.Actor); s != nil {
		c.await(ctx, s)
	}
}

// await waits until the call of a speaker is let go, or ctx ends it.
func (c *chooser) await(ctx context.Context, s *speaker) {
	select {
	case <-s.turn:
	case <-ctx.Done():
		c.mu.Lock()
		c.left = append(c.left, s)
		c.mu.Unlock()
	}
}

// Yield implements turn.Chooser.
func (c *chooser) Yield() { c.Before(transcript.Step{Kind: transcript.Yield}) }

// A question is a choice that a goroutine has to make, and waits for.
type question struct {
	by      *speaker
	what    string
	options []string
	answer  int
}

// Choose implements turn.Chooser.
func (c *chooser) Choose(ctx context.Context, what string, options []string) int {
	if len(options) < 2 {
		return 0
	}
	s := c.hold(Choice, "")
	if s == nil {
		return 0
	}
	q := &question{by: s, what: what, options: options}
	c.mu.Lock()
	s.asks = q
	c.mu.Unlock()
	c.await(ctx, s)
	return q.answer
}

// ask makes the first question the only one that can be chosen: its options are held in place of all calls.
func (c *chooser) ask() {
	i := slices.IndexFunc(c.held, func(s *speaker) bool { return s.asks != nil })
	if i < 0 || c.aside != nil {
		return
	}
	q := c.held[i].asks
	c.aside = slices.Delete(c.held, i, i+1)
	c.held = nil
	for n, option := range q.options {
		label := q.what + " " + option
		o := c.options[label]
		if o == nil {
			o = &speaker{id: len(c.speakers), name: label, kind: Choice}
			if c.options == nil {
				c.options = map[string]*speaker{}
			}
			c.options[label] = o
			c.speakers = append(c.speakers, o)
		}
		o.asks, o.option = q, n
		c.held = append(c.held, o)
	}
}

// answer takes an option of the question that is asked.
func (c *chooser) answer(o *speaker) {
	q := o.asks
	q.answer = o.option
	c.held, c.aside = c.aside, nil
	q.by.asks = nil
	c.current = q.by
	q.by.turn <- struct{}{}
}

// guess waits for 1 ms, and at the 20th time takes it that no other process can run.
func (o *others) guess() bool {
	const times = 20
	time.Sleep(time.Millisecond)
	o.guesses++
	o.some = o.guesses%times == 0
	return o.some
}

// alone makes this process run one goroutine at a time, and those that it starts; the function that it returns undoes that.
func alone() (undo func()) {
	const variable = "GOMAXPROCS"
	n := runtime.GOMAXPROCS(1)
	was, set := os.LookupEnv(variable)
	os.Setenv(variable, "1")
	return func() {
		runtime.GOMAXPROCS(n)
		if os.Unsetenv(variable); set {
			os.Setenv(variable, was)
		}
	}
}

// farUnwind is how long processes may take to end when they are told to: by then those that do not listen are killed.
const farUnwind = 2 * time.Second

// unwind is how long a run may take to end when it is told to.
func (r *runner) unwind() time.Duration {
	if r.quiet.others.met {
		return farUnwind
	}
	return unwind
}

// farAgain is again for a program with other processes: what they decide themselves has no few outcomes.
const farAgain = 3

// tries is how often a schedule that strays is run.
func (s *search) tries() int {
	if s.quiet.others.met {
		return farAgain
	}
	return again
}

// farNotes is what the search could not control in other processes.
func (s *search) farNotes() (notes []string) {
	if s.free {
		notes = append(notes, "some of its processes have no log: the system, and no schedule, decides on their turns")
	}
	switch {
	case s.quiet.others.blind:
		notes = append(notes, "this system does not tell whether another process can run: a step was taken when nothing had come for 20 ms")
	case s.straying != "":
		notes = append(notes, "not deterministic: "+s.straying+"; the processes decide something themselves, or by the clock")
	case s.strayed:
		notes = append(notes, "some schedules had to be run again: the processes decide something themselves, or by the clock")
	}
	return notes
}

// farClear is how long a fault of processes is made clear at most: a run takes some 10 ms, and one that ends in a deadlock seconds.
const farClear = 5 * time.Second

func (s *search) clearTime() time.Duration {
	if s.quiet.others.met {
		return farClear
	}
	return clearTime
}

// countProcesses looks whether there were processes in the run whose calls are not held, such as those of a pool.
func (r *runner) countProcesses(c *chooser) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.free = r.free || len(r.quiet.others.all) > len(c.processes)
	clear(r.quiet.others.all)
}
