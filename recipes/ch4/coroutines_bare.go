package ch4

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"cookbook/internal/transcript"
)

// A walk through a state machine is a coroutine: it runs until it yields a transition, and goes on where it was when the next one is
// asked for. Only one of the two sides runs at a time, so neither needs a lock.

// A transition leads from one state to another.
type transition struct {
	from, to string
	value    int
}

func (t transition) String() string {
	return fmt.Sprintf("%s calling %s with transition value = %d", t.from, t.to, t.value)
}

const startState, endState = "Start State", "End State"

// nextStates has for each state the one that 0 leads to, and the one that 1 leads to.
var nextStates = map[string][2]string{
	startState: {"State 2", "State 1"},
	"State 1":  {"State 3", "State 2"},
	"State 2":  {"State 1", "State 3"},
	"State 3":  {"State 1", endState},
}

// walk yields the transitions from Start to End. Its variables live as long as the walk.
func walk(out *transcript.Log, draw *rand.Rand) iter.Seq[transition] {
	return func(yield func(transition) bool) {
		out.Actor("walk").Printf("the walk begins")
		defer out.Actor("walk").Printf("the walk is over")
		for state := startState; state != endState; {
			value := draw.IntN(2)
			t := transition{state, nextStates[state][value], value}
			if !yield(t) {
				return // the caller has enough
			}
			state = t.to
		}
	}
}

func coroutinesBare(ctx context.Context, out *transcript.Log) error {
	out.Printf("Finite State Machine simulation with coroutines")
	draw := out.Rand()
	steps, at := 0, startState
	for t := range walk(out, draw) { // the body of the loop is called by yield
		out.Printf("%v", t)
		if t.from != at {
			return fmt.Errorf("a transition from %s comes behind one to %s", t.from, at)
		}
		at = t.to
		steps++
		if err := out.Sleep(ctx, time.Second); err != nil {
			return err // ends the walk as well: yield returns false
		}
	}
	out.Check("the walk ends in the last state", at, endState)
	out.Check("the shortest walk has three steps", steps >= 3, true)

	out.Note("Pull turns it around: it makes a function that asks for one transition. Nothing runs before that.")
	next, stop := iter.Pull(walk(out, draw))
	out.Printf("there is a walk that has not begun")
	t, ok := next()
	out.Printf("the first transition is from %s: %t", t.from, ok)
	stop()
	_, ok = next()
	out.Printf("after stop there is another: %t", ok)
	return nil
}
