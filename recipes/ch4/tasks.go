package ch4

import (
	"context"
	"errors"
	"math"
	"math/big"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// Three computations are tasks of one loop. They take turns, step by step.

func interleave(ctx context.Context, out *transcript.Log, number, index, n, k int, pause time.Duration) (err error) {
	loop := async.NewLoop(async.WithPace(out.Sleep))
	defer func() { err = errors.Join(err, loop.Close()) }()

	s := &steps{out: out}
	factorial := async.CreateTask(loop, func(t *async.Task) (int, error) {
		return s.factorial(t, number, pause)
	}, async.WithName("factorial"))
	fibonacci := async.CreateTask(loop, func(t *async.Task) (int, error) {
		return s.fibonacci(t, index)
	}, async.WithName("fibonacci"))
	binomial := async.CreateTask(loop, func(t *async.Task) (int, error) {
		return s.binomial(t, n, k)
	}, async.WithName("binomial"))

	out.Note("Three tasks are in the loop's queue, in the order in which they were made. One runs until it sleeps, then " +
		"the next.")
	results, err := async.RunUntilComplete(ctx, loop, async.Gather(loop, factorial, fibonacci, binomial))
	if err != nil {
		return err
	}
	out.Note("They sleep at the same time, but compute one at a time. %d steps, each with a pause, took %v of loop time.",
		s.made, loop.Time())
	want := []int{ // each number, computed in another way
		int(new(big.Int).MulRange(1, int64(number)).Int64()),
		int(math.Round(math.Pow(math.Phi, float64(index)) / math.Sqrt(5))),
		int(new(big.Int).Binomial(int64(n), int64(k)).Int64()),
	}
	out.Check("the three results", results, want)
	out.Check("steps counted without a lock", s.made, number-1+index+k)
	out.Check("steps under way at once, at most", s.most, 1)
	longest := max(time.Duration(number-1)*pause, time.Duration(max(index, k))*time.Second)
	out.Check("loop time, that of the longest task", loop.Time(), longest)
	return nil
}

// steps counts the steps of all tasks. All of them write to it, and there is no lock: the tasks of one loop take turns.
type steps struct {
	out       *transcript.Log
	made      int
	now, most int // steps that run now, and the most that ever ran at once
}

// step prints what is done. Then it pauses, and the other tasks do their steps meanwhile.
func (s *steps) step(t *async.Task, pause time.Duration, format string, args ...any) error {
	s.made++
	s.now++
	s.most = max(s.most, s.now)
	s.out.Actor(t.Name()).Printf(format, args...)
	s.now--
	return t.Sleep(pause)
}

func (s *steps) factorial(t *async.Task, number int, pause time.Duration) (int, error) {
	f := 1
	for i := 2; i <= number; i++ {
		if err := s.step(t, pause, "Asyncio.Task: Compute factorial(%d)", i); err != nil {
			return 0, err
		}
		f *= i
	}
	s.out.Actor(t.Name()).Printf("Asyncio.Task - factorial(%d) = %d", number, f)
	return f, nil
}

func (s *steps) fibonacci(t *async.Task, index int) (int, error) {
	a, b := 0, 1
	for i := range index {
		if err := s.step(t, time.Second, "Asyncio.Task: Compute fibonacci (%d)", i); err != nil {
			return 0, err
		}
		a, b = b, a+b
	}
	s.out.Actor(t.Name()).Printf("Asyncio.Task - fibonacci(%d) = %d", index, a)
	return a, nil
}

func (s *steps) binomial(t *async.Task, n, k int) (int, error) {
	result := 1
	for i := 1; i <= k; i++ {
		result = result * (n - i + 1) / i // the result is n over i, so the division leaves no remainder
		if err := s.step(t, time.Second, "Asyncio.Task: Compute binomialCoeff (%d)", i); err != nil {
			return 0, err
		}
	}
	s.out.Actor(t.Name()).Printf("Asyncio.Task - binomialCoeff(%d , %d) = %d", n, k, result)
	return result, nil
}

var tasks = catalog.Recipe{
	ID: "ch4.tasks", Section: "4.5", Title: "Interleave three computations as tasks",
	Python: "asyncio.Task", Go: "async.Task",
	New: func(f *pflag.FlagSet) catalog.Run {
		factorial := catalog.Int(f, "factorial", 10, 1, 20, "number whose factorial is computed")
		fibonacci := catalog.Int(f, "fibonacci", 10, 1, 60, "place of the Fibonacci number that is computed")
		n := catalog.Int(f, "n", 20, 1, 60, "n of the binomial coefficient n over k that is computed")
		k := catalog.Int(f, "k", 10, 1, 60, "k of the binomial coefficient, not above n")
		pause := catalog.Duration(f, "pause", time.Second, time.Millisecond, time.Minute,
			"pause after a step of factorial; the others pause 1s")
		return func(ctx context.Context, out *transcript.Log) error {
			if *k > *n {
				return catalog.Usagef("--k %d: want 1 to %d, which is --n", *k, *n)
			}
			return interleave(ctx, out, *factorial, *fibonacci, *n, *k, *pause)
		}
	},
	Wrong: tasksWrong,
	Bare:  tasksBare,
}
