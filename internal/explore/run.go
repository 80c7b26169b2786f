package explore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
	"cookbook/internal/waitfor"
)

const (
	mostSteps  = 20_000 // of a run; one that makes more never ends
	mostSilent = 1_000  // steps in a row in which nobody says anything; a run that makes more never ends

	stepTime  = 20 * time.Second       // of a step; an actor that computes longer never ends
	grace     = 150 * time.Millisecond // how long a time-out of the clock is waited for if there is nothing to choose
	longGrace = 3 * time.Second        // if a goroutine is seen to sleep or to wait for the network
	farGrace  = 500 * time.Millisecond // if it may be another process that the goroutine waits for
	unwind    = 100 * time.Millisecond // how long a run may take to end when it is told to

	// If another process sleeps for a time. A wait in shared memory looks around each second.
	timedGrace = 1200 * time.Millisecond
)

// errEnded is the cause that a run is told when it cannot go on.
var errEnded = errors.New("the explorer ended the run: it cannot go on")

// A runner runs a program again and again.
type runner struct {
	program Program
	quiet   *quietness
	grace   time.Duration

	free  bool // a process was there whose calls are not held
	clock bool // a time-out of the clock was waited for
	brief bool // a deadlock was found after a long wait: the same takes a short one to be seen again
}

// A pick chooses one of the held calls of c, at a step counted from 0. It returns an index in c.held, or -1 to give up the run.
type pick func(step int, c *chooser) int

// An outcome is what one run came to. It is valid until the next run.
type outcome struct {
	kind   FaultKind // "": it passed
	text   string
	steps  int    // choices made until the fault, or the end
	order  uint64 // hash of the printed order
	places []int  // of the lines, in the promise
	gaveUp bool   // pick ended it
	trace  *Trace // if asked for
}

// A recorder is the sink of a run.
type recorder struct {
	mu    sync.Mutex // not for exclusion, of which there is no need, but to tell what has happened before
	out   outcome
	step  int // the number of choices made
	fault bool
	err   error
	trace *Trace
	watch transcript.Sink
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func (r *recorder) hash(text string) {
	for i := range len(text) {
		r.out.order = (r.out.order ^ uint64(text[i])) * fnvPrime
	}
	r.out.order = (r.out.order ^ 0xff) * fnvPrime
}

func (r *recorder) Event(e transcript.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ok := true
	switch e.Kind {
	case transcript.Line:
		r.out.places = append(r.out.places, e.Place)
		if e.Place > 0 {
			r.out.order = (r.out.order ^ uint64(e.Place)) * fnvPrime
		} else {
			r.hash(e.Actor)
			r.hash(e.Text)
		}
		ok = e.Mark != transcript.Broken
	case transcript.Check:
		ok = e.OK
	case transcript.End:
		r.err = e.Err
	}
	if !ok && !r.fault {
		r.fault = true
		r.out.steps = r.step
	}
	if n := len(r.stepsOfTrace()); n > 0 && (e.Kind == transcript.Line || e.Kind == transcript.Check) {
		last := &r.trace.Steps[n-1]
		mark := e.Mark
		if e.Kind == transcript.Check {
			mark = transcript.Claim
			if !ok {
				mark = transcript.Failed
			}
		}
		last.Said = append(last.Said, Said{e.Actor, mark, e.Text, ok})
	}
	if r.watch != nil {
		e.At = time.Duration(r.step) * time.Millisecond
		r.watch.Event(e)
	}
}

func (r *recorder) stepsOfTrace() []TraceStep {
	if r.trace == nil {
		return nil
	}
	return r.trace.Steps
}

// run runs the program once. cfg is the log's; its Scheduler, Promise, Recipe and Speed are set here. trace asks for the steps.
func (r *runner) run(ctx context.Context, choose pick, cfg transcript.Config, trace bool) outcome {
	ctx, board := waitfor.NewContext(ctx)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c := newChooser()
	rec := &recorder{watch: cfg.Sink}
	rec.out.order = fnvOffset
	if trace {
		rec.trace = &Trace{}
	}
	cfg.Promise, cfg.Scheduler, cfg.Sink, cfg.Speed = r.program.Promise, c, rec, 1
	cfg.Stopped = ctx.Done()
	if cfg.Seed = r.program.Seed; cfg.Seed == 0 {
		cfg.Seed = 1
	}
	goroutines := runtime.NumGoroutine()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.begin()
		catalog.Start(ctx, r.program.Run, cfg)
	}()
	kind, text := r.drive(ctx, c, rec, choose, done, board)
	ended := kind == "" && !rec.out.gaveUp
	cancel(errEnded)
	c.end()
	r.quiet.wait(stepTime)
	r.countProcesses(c)
	if !ended && !isClosed(done) {
		select { // what was told to end may wait for something of the clock
		case <-done:
			r.quiet.wait(stepTime)
		case <-time.After(r.unwind()):
		}
	}
	left := 0
	if ended {
		left = r.leftBehind(goroutines)
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if ended {
		kind, text = r.judge(rec, left)
	}
	rec.out.kind, rec.out.text = kind, text
	if kind == "" || !rec.fault {
		rec.out.steps = rec.step
	}
	if rec.trace != nil {
		for _, s := range c.speakers {
			rec.trace.Actors = append(rec.trace.Actors, s.label())
		}
		rec.trace.Err = text
		rec.out.trace = rec.trace
	}
	return rec.out
}

// drive makes the choices until the run has ended, or cannot.
func (r *runner) drive(
	ctx context.Context, c *chooser, rec *recorder, choose pick, done <-chan struct{}, board *waitfor.Board,
) (FaultKind, string) {
	silent := 0
	for {
		if !r.quiet.wait(stepTime) {
			return Endless, fmt.Sprintf("%s computes for more than %v without a line or a pause", nameOf(c.current), stepTime)
		}
		c.look()
		switch {
		case isClosed(done):
			return "", ""
		case ctx.Err() != nil:
			rec.out.gaveUp = true
			return "", ""
		case rec.step == mostSteps:
			return Endless, fmt.Sprintf("the run has not ended after %d lines, checks and pauses", mostSteps)
		case silent == mostSilent:
			return Endless, fmt.Sprintf("%s pauses again and again, and nobody says anything", nameOf(c.current))
		case len(c.held) > 0:
			i := choose(rec.step, c)
			if i < 0 {
				rec.out.gaveUp = true
				return "", ""
			}
			silent++
			if !yields(c.held[i].kind) {
				silent = 0
			}
			rec.mu.Lock()
			r.note(c, rec, i)
			rec.step++
			rec.mu.Unlock()
			c.release(i)
		case c.fire():
			rec.mu.Lock()
			if rec.trace != nil {
				rec.trace.Steps = append(rec.trace.Steps, TraceStep{Actor: -1, Kind: TimeOut})
			}
			rec.mu.Unlock()
		case r.later(c, done):
			r.clock = true
		default:
			return Deadlock, stuck(board)
		}
	}
}

// note adds the step to the trace.
func (r *runner) note(c *chooser, rec *recorder, i int) {
	if rec.trace == nil {
		return
	}
	usual, holds := c.usual()
	step := TraceStep{Actor: c.held[i].id, Kind: c.held[i].kind, Departs: i != usual, Preempts: i != usual && holds}
	if step.Kind == Choice {
		step.Actor, step.Choice = c.held[i].asks.by.id, c.held[i].name
	}
	rec.trace.Steps = append(rec.trace.Steps, step)
}

// later waits for what the clock brings; false: it brings nothing.
func (r *runner) later(c *chooser, done <-chan struct{}) bool {
	if r.grace <= 0 {
		return false
	}
	wait := r.grace
	switch {
	case sleepers() <= r.quiet.sleep:
	case r.brief:
		wait = farGrace
	case r.quiet.others.some && !r.quiet.others.timed():
		wait = farGrace
	case r.quiet.others.some:
		wait = timedGrace
	default:
		wait = longGrace
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for over := false; ; {
		c.mu.Lock()
		waiting := len(c.arrived) > 0 || len(c.timeouts) > 0
		c.mu.Unlock()
		if waiting || isClosed(done) || over {
			return waiting || isClosed(done)
		}
		select {
		case <-c.signal:
		case <-done:
		case <-timer.C: // on a busy machine other timers may have come at the same moment: what they wake runs first
			r.quiet.wait(stepTime)
			over = true
		}
	}
}

// leftBehind counts the goroutines beyond so many. It gives those that are about to end, and other parts of the process, some time.
func (r *runner) leftBehind(before int) int {
	for range unwind / time.Millisecond {
		if runtime.NumGoroutine() <= before {
			return 0
		}
		time.Sleep(time.Millisecond)
	}
	return runtime.NumGoroutine() - before
}

// judge says what a run that has ended came to. left is how many goroutines it left behind.
func (r *runner) judge(rec *recorder, left int) (FaultKind, string) {
	var panicked *catalog.PanicError
	switch {
	case errors.As(rec.err, &panicked):
		return Panicked, rec.err.Error()
	case errors.Is(rec.err, waitfor.ErrDeadlock):
		return Deadlock, rec.err.Error()
	case rec.err != nil:
		return Broken, rec.err.Error()
	case left > 0:
		return Endless, fmt.Sprintf("the recipe has ended, and %d of the goroutines that it started have not", left)
	}
	return "", ""
}

// stuck says who waits for what, as far as is known.
func stuck(board *waitfor.Board) string {
	const nothing = "nothing can run, and the recipe has not ended"
	if waits := waitfor.Report(board.Waits()); len(waits) > 0 {
		return nothing + ":\n" + withoutPids(strings.Join(waits, "\n"))
	}
	return nothing
}

// withoutPids leaves out the numbers of processes, which are others in each run: counter for counter (pid 17, started).
func withoutPids(text string) string {
	for {
		before, rest, found := strings.Cut(text, " (pid ")
		_, after, closed := strings.Cut(rest, ")")
		if !found || !closed {
			return text
		}
		text = before + after
	}
}

func nameOf(s *speaker) string {
	if s == nil {
		return "the recipe"
	}
	return s.label()
}

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}
