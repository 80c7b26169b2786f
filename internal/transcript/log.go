package transcript

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"cookbook/internal/terminal"
	"cookbook/internal/turn"
)

// Main is the name under which a log's own Printf speaks.
const Main = "main"

// Speed divides every pause of a recipe. 1 is the book's pace.
type Speed float64

// The range of a speed beside SpeedMax. An hour of the book takes 41 days at the slowest, and 4 ms at the fastest.
const (
	slowest Speed = 0.001
	fastest Speed = 1e6
)

// SpeedRange says what ParseSpeed reads.
const SpeedRange = "0.001 to 1000000 (1 is the book's pace), or max for no pauses"

// SpeedMax removes every pause.
const SpeedMax = Speed(math.MaxFloat64)

// DefaultSpeed is what run uses unless told otherwise.
const DefaultSpeed Speed = 20

// ParseSpeed reads a number in the range of SpeedRange, or max.
func ParseSpeed(s string) (Speed, error) {
	if s == "max" {
		return SpeedMax, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if speed := Speed(f); err == nil && slowest <= speed && speed <= fastest {
		return speed, nil
	}
	return 0, fmt.Errorf("%q is not a speed: want %s", s, SpeedRange)
}

// String is the form that ParseSpeed reads.
func (s Speed) String() string {
	if s == SpeedMax {
		return "max"
	}
	return strconv.FormatFloat(float64(s), 'g', -1, 64)
}

// Config says how a run is recorded. The zero value is a run at the book's pace that nobody watches.
type Config struct {
	Recipe    string    // id, stands in every event
	Promise   *Promise  // what the run is matched against; nil, or Unmatched: nothing
	Speed     Speed     // of pauses; 0 is 1
	Scheduler Scheduler // when the calls to the log go on; nil: at once, and pauses take their time at Speed
	Seed      uint64    // of Rand; 0 picks one
	Sink      Sink      // who watches; nil: nobody

	// Stopped is closed when the run is told to end. What is said after that is how it ends, and not part of it: it is dropped.
	Stopped <-chan struct{}
}

// Log records one run. Its methods may be called from any goroutine; the order of the calls is the order of the lines.
// Lines that come after End, or after the run was told to end, are dropped.
type Log struct {
	cfg    Config
	start  time.Time
	remote *remote // not nil in a child process: where events go instead

	mu      sync.Mutex
	ended   bool
	matcher *Matcher
	checks  int
	failed  *CheckError // the first check that did not hold
	seeded  bool
}

// CheckError is a check that did not hold.
type CheckError struct {
	Text string // the claim, what was got, what was wanted
}

func (e *CheckError) Error() string { return "check failed: " + e.Text }

// New starts the record of a run.
func New(cfg Config) *Log {
	if cfg.Speed == 0 {
		cfg.Speed = 1
	}
	if cfg.Seed == 0 {
		cfg.Seed = rand.Uint64N(1_000_000) + 1 // short enough to be typed again
	}
	if cfg.Scheduler == nil {
		cfg.Scheduler = pace(cfg.Speed)
	}
	l := &Log{cfg: cfg, start: time.Now()}
	if cfg.Promise != nil && cfg.Promise.Unmatched == "" {
		l.matcher = cfg.Promise.Matcher()
	}
	return l
}

// Actor is a speaker in a log.
type Actor struct {
	log  *Log
	name string
}

// Actor returns the actor of that name.
func (l *Log) Actor(name string) Actor { return Actor{l, name} }

// Printf records a line (or several, if the text holds line breaks) said by the actor.
func (a Actor) Printf(format string, args ...any) {
	text := strings.TrimSuffix(fmt.Sprintf(format, args...), "\n")
	step := Step{Kind: Line, Actor: a.name}
	a.log.cfg.Scheduler.Before(step)
	for line := range strings.SplitSeq(text, "\n") {
		a.log.record(Event{Kind: Line, Actor: a.name, Text: strings.TrimSuffix(line, "\r")})
	}
	a.log.cfg.Scheduler.After(step)
}

// Begin says that the actor begins to run here, in its goroutine, before it does anything. Nothing is recorded: a [Scheduler] may
// let others go first, as the operating system may.
func (a Actor) Begin() {
	step := Step{Kind: Begin, Actor: a.name}
	a.log.cfg.Scheduler.Before(step)
	a.log.cfg.Scheduler.After(step)
}

// Rand returns a source of random numbers for this actor alone, the same for the same seed however the actors' turns
// fall. Each call starts it anew. It is not safe for use by several goroutines.
func (a Actor) Rand() *rand.Rand {
	a.log.mu.Lock()
	a.log.seeded = true
	a.log.mu.Unlock()
	h := fnv.New64a()
	h.Write([]byte(a.name))
	return rand.New(rand.NewPCG(a.log.cfg.Seed, h.Sum64()))
}

// Printf records a line said by the actor "main".
func (l *Log) Printf(format string, args ...any) { l.Actor(Main).Printf(format, args...) }

// Rand is the source of the actor "main".
func (l *Log) Rand() *rand.Rand { return l.Actor(Main).Rand() }

// Note explains the lines around it: why they are as they are. Notes promise nothing.
func (l *Log) Note(format string, args ...any) {
	text := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " ")
	l.record(Event{Kind: Note, Text: text})
}

// Check claims that got equals want (in the sense of reflect.DeepEqual) and reports whether it does. A claim that does
// not hold fails the run. Where got is a bool, the claim stands alone; otherwise the value is printed behind it.
func (l *Log) Check(claim string, got, want any) bool {
	ok := reflect.DeepEqual(got, want)
	e := Event{Kind: Check, Claim: claim, Text: claim, OK: ok}
	switch _, isBool := got.(bool); {
	case !ok:
		e.Text = fmt.Sprintf("%s: got %v, want %v", claim, got, want)
	case !isBool:
		e.Text = fmt.Sprintf("%s: %v", claim, got)
	}
	e.Text = strings.ReplaceAll(e.Text, "\n", " ")
	l.cfg.Scheduler.Before(Step{Kind: Check})
	l.record(e)
	l.cfg.Scheduler.After(Step{Kind: Check})
	return ok
}

// Progress reports that done of total steps of long work are done. It is drawn on terminals only.
func (l *Log) Progress(what string, done, total int) {
	l.record(Event{Kind: Progress, Text: what, Done: done, Total: total})
}

// Sleep pauses for d of book time, that is, d divided by the run's speed, or until ctx ends, and then returns
// context.Cause(ctx). A pause guarantees nothing: promises must hold without it.
func (l *Log) Sleep(ctx context.Context, d time.Duration) error {
	return l.cfg.Scheduler.Pause(ctx, d)
}

// Context returns ctx with the log's [Scheduler], if that is a [turn.Taker] as well: libraries ask it then when a goroutine begins.
func (l *Log) Context(ctx context.Context) context.Context {
	if t, ok := l.cfg.Scheduler.(turn.Taker); ok {
		return turn.NewContext(ctx, t)
	}
	return ctx
}

// Speed returns the speed of the run, for a recipe whose pauses are not made by Sleep.
func (l *Log) Speed() Speed { return l.cfg.Speed }

// End closes the record: the promise and the checks are settled, and the End event is sent. err is what the recipe
// returned. End returns the first of: err, a check that did not hold (*CheckError), a broken promise (*Mismatch), nil.
func (l *Log) End(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return errors.New("transcript: End called twice")
	}
	if err == nil && l.failed != nil {
		err = l.failed
	}
	kept := l.checks
	if l.matcher != nil {
		if broken := l.matcher.End(); broken != nil && err == nil {
			err = broken
		}
		kept += l.matcher.Kept()
	}
	end := Event{Kind: End, OK: err == nil, Err: err, Kept: kept, Matched: l.matcher != nil, Seeded: l.seeded, Seed: l.cfg.Seed}
	if l.cfg.Promise != nil {
		end.Unmatched = l.cfg.Promise.Unmatched
	}
	l.send(end)
	l.ended = true
	return err
}

// A line is cut at maxText bytes, a name at maxName, so that every event fits the wire whatever JSON makes of it.
const (
	maxText = 4 << 10
	maxName = 256
)

// record appends one event.
func (l *Log) record(e Event) {
	e.Text, e.Claim, e.Actor = clean(e.Text, maxText), clean(e.Claim, maxText), clean(strings.ReplaceAll(e.Actor, "\n", " "), maxName)
	if l.remote != nil {
		l.remote.record(e)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended || l.stopped() {
		return
	}
	switch e.Kind {
	case Line:
		if l.matcher != nil {
			e.Mark = l.matcher.Line(e.Actor, e.Text)
			e.Place, e.expected = l.matcher.place, l.matcher.stands
		}
	case Check:
		if l.matcher != nil {
			l.matcher.Check(e.Claim)
		}
		if e.OK {
			l.checks++
		} else if l.failed == nil {
			l.failed = &CheckError{e.Text}
		}
	}
	l.send(e)
}

// stopped reports whether the run has been told to end.
func (l *Log) stopped() bool {
	select {
	case <-l.cfg.Stopped:
		return true
	default:
		return false
	}
}

// send passes an event to the sink; l.mu is held.
func (l *Log) send(e Event) {
	e.Recipe, e.At = l.cfg.Recipe, time.Since(l.start)
	if l.cfg.Sink != nil && !l.ended {
		l.cfg.Sink.Event(e)
	}
}

// clean makes a text that any process may have sent safe for a terminal, and cuts it after most bytes.
func clean(s string, most int) string {
	if len(s) > 2*most {
		s = s[:2*most] // so that a long text costs no more; it is cut again below
	}
	s = terminal.Safe(s)
	if len(s) <= most {
		return s
	}
	end := most - len("…")
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
