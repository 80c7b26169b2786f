package ch4

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// Five coroutines are the states of a machine. Each sleeps, draws 0 or 1, and awaits the state that this leads to.

// # The states

// A stateMachine is five coroutines that await each other. It draws the values that lead from one to the next.
type stateMachine struct {
	out         *transcript.Log
	rand        *rand.Rand
	steps, most int
}

func (m *stateMachine) startState(t *async.Task) (string, error) {
	m.out.Actor("Start State").Printf("Start State called")
	return m.step(t, "Start State", m.state2, m.state1)
}

func (m *stateMachine) state1(t *async.Task, value int) (string, error) {
	rest, err := m.step(t, "State 1", m.state3, m.state2)
	return fmt.Sprintf("State 1 with transition value = %d\n%s", value, rest), err
}

func (m *stateMachine) state2(t *async.Task, value int) (string, error) {
	rest, err := m.step(t, "State 2", m.state1, m.state3)
	return fmt.Sprintf("State 2 with transition value = %d\n%s", value, rest), err
}

func (m *stateMachine) state3(t *async.Task, value int) (string, error) {
	rest, err := m.step(t, "State 3", m.state1, m.endState)
	return fmt.Sprintf("State 3 with transition value = %d\n%s", value, rest), err
}

func (m *stateMachine) endState(_ *async.Task, value int) (string, error) {
	m.out.Actor("End State").Printf("...Stop Computation...")
	return fmt.Sprintf("End State with transition value = %d", value), nil
}

// A machineState is entered with the value that led to it. It returns the rest of the walk, a line for each transition.
type machineState func(t *async.Task, value int) (string, error)

// step sleeps, draws a value, and awaits the state that the value leads to. In Go to await a coroutine is to call a
// function and to pass it the task.
func (m *stateMachine) step(t *async.Task, name string, on0, on1 machineState) (string, error) {
	if m.steps == m.most {
		return "", fmt.Errorf("the walk has not ended after %d steps; --max-steps allows more", m.steps)
	}
	m.steps++
	if err := t.Sleep(time.Second); err != nil { // here the task is suspended, with the calls of all its states
		return "", err
	}
	m.out.Actor(name).Printf("...Evaluating...")
	value, next := m.rand.IntN(2), on0
	if value == 1 {
		next = on1
	}
	rest, err := next(t, value)
	return name + " calling " + rest, err
}

// # The run

func runStateMachine(ctx context.Context, out *transcript.Log, most int) (err error) {
	loop := async.NewLoop(async.WithPace(out.Sleep))
	defer func() { err = errors.Join(err, loop.Close()) }()

	out.Printf("Finite State Machine simulation with coroutines")
	m := &stateMachine{out: out, rand: out.Rand(), most: most}
	start := async.NewCoroutine(m.startState)
	task := async.CreateTask(loop, start.Run)
	loop.CallSoon(func() { out.Actor("loop").Printf("Start State sleeps, and the loop calls others") })
	out.Check("a coroutine does nothing before the loop runs it", m.steps == 0, true)
	out.Note("Each state sleeps a second, draws 0 or 1, and awaits the state that this leads to.")

	walk, err := async.RunUntilComplete(ctx, loop, task)
	if err != nil {
		return err
	}
	chain := strings.Split(walk, "\n")
	out.Note("There is no list. Each state put its own line before the text that the next state returned.")
	out.Printf("Resume of the Transition :")
	for _, transition := range chain {
		out.Printf("%s", transition)
	}
	out.Check("the chain is a path of the machine, from Start to End", isPath(chain), true)
	out.Check("a transition for each step", len(chain), m.steps)
	out.Check("a second of loop time for each step", loop.Time(), time.Duration(m.steps)*time.Second)

	_, again := async.RunUntilComplete(ctx, loop, start)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	out.Check("a coroutine runs only once", errors.Is(again, async.ErrAwaited), true)
	return nil
}

// isPath follows a chain of transitions and reports whether the machine allows each of them, up to the end.
func isPath(chain []string) bool {
	type input struct{ state, value string }
	next := map[input]string{
		{"Start State", "0"}: "State 2", {"Start State", "1"}: "State 1",
		{"State 1", "0"}: "State 3", {"State 1", "1"}: "State 2",
		{"State 2", "0"}: "State 1", {"State 2", "1"}: "State 3",
		{"State 3", "0"}: "State 1", {"State 3", "1"}: "End State",
	}
	at := "Start State"
	for _, transition := range chain {
		from, rest, _ := strings.Cut(transition, " calling ")
		to, value, _ := strings.Cut(rest, " with transition value = ")
		if from != at || to == "" || next[input{from, value}] != to {
			return false
		}
		at = to
	}
	return at == "End State"
}

var coroutines = catalog.Recipe{
	ID: "ch4.coroutines", Section: "4.4", Title: "Walk through a state machine of coroutines",
	Python: "async def, await (yield from)", Go: "async.Task, async.Coroutine",
	New: func(f *pflag.FlagSet) catalog.Run {
		most := catalog.Int(f, "max-steps", 1000, 1, 1_000_000, "number of steps after which a walk that has not ended fails")
		return func(ctx context.Context, out *transcript.Log) error { return runStateMachine(ctx, out, *most) }
	},
	Wrong: coroutinesWrong,
	Bare:  coroutinesBare,
}
