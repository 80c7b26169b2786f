package transcript

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"
)

// A Scheduler decides when the calls of a recipe to its log go on, and so moves the turns of its goroutines. The log asks it
// from the goroutine of the call, without a lock held; it may block the call for as long as it likes. Several goroutines may
// call it at once.
//
// [Config].Scheduler chooses one: nil is the pace that Config.Speed says, [NewStress] makes random turns.
type Scheduler interface {
	// Before is called before a step is recorded, and After when it has been, by the same goroutine.
	Before(Step)
	After(Step)

	// Pause is called for a pause of d of book time. It returns nil, or context.Cause(ctx) if ctx ended the pause.
	Pause(ctx context.Context, d time.Duration) error
}

// Step is a call that a Scheduler may hold: a line, a check, or the begin of an actor.
type Step struct {
	Kind  Kind
	Actor string // of a line, or that begins
}

// The kinds of steps that are no events.
const (
	Begin Kind = "begin" // an actor begins to run: [Actor.Begin]
	Yield Kind = "yield" // others may go first: [turn.Chooser]
)

// Pace returns the Scheduler that holds no step and divides every pause by a speed: the one that there is if [Config] names none.
func Pace(speed Speed) Scheduler { return pace(speed) }

// pace is the Scheduler that holds no step and divides every pause by a speed.
type pace Speed

func (pace) Before(Step) {}
func (pace) After(Step)  {}

func (p pace) Pause(ctx context.Context, d time.Duration) error {
	if Speed(p) == SpeedMax || d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(divide(d, Speed(p)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// divide is d divided by a speed, or the longest time there is if that would be longer.
func divide(d time.Duration, by Speed) time.Duration {
	quotient := float64(d) / float64(by)
	if quotient >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(quotient)
}

// stress is the Scheduler that moves the turns of goroutines against each other at random.
type stress struct {
	mu   sync.Mutex
	dice *rand.Rand
}

// NewStress returns the Scheduler that makes random pauses before and after each line, and in place of the recipe's. The same
// seed makes the same pauses in the order of the calls. The processes that a recipe starts are stressed, too.
func NewStress(seed uint64) Scheduler { return &stress{dice: rand.New(rand.NewPCG(seed, 1))} }

func (s *stress) Before(step Step) { s.turn(step) }
func (s *stress) After(step Step)  { s.turn(step) }

func (s *stress) Pause(ctx context.Context, _ time.Duration) error {
	s.turn(Step{Kind: Line})
	return context.Cause(ctx)
}

func (s *stress) turn(step Step) {
	if step.Kind != Line {
		return
	}
	s.mu.Lock()
	choice, length := s.dice.IntN(8), time.Duration(s.dice.IntN(300))*time.Microsecond
	s.mu.Unlock()
	switch {
	case choice < 3:
		runtime.Gosched()
	case choice < 5:
		time.Sleep(length)
	}
}
