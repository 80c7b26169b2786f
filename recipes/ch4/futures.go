package ch4

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// Two coroutines compute a sum and a factorial on one loop. Each has a future, and the loop runs a callback when it is
// done.

// # As in the book

// sumAndFactorial is the book's program: two coroutines on one loop, each with a future for its result.
func sumAndFactorial(ctx context.Context, out *transcript.Log, n1, n2 int64, sum, product pauses) (err error) {
	loop := async.NewLoop(async.WithPace(out.Sleep))
	defer func() { err = errors.Join(err, loop.Close()) }()

	out.Printf("N1 = %d, N2 = %d", n1, n2)
	first, second := async.CreateFuture[int64](loop), async.CreateFuture[int64](loop)
	var results [2]int64
	var done [2]time.Duration // by the loop's clock
	first.AddDoneCallback(func(f *async.Future[int64]) {
		results[0], _ = f.Result(ctx) // it is done, so this does not wait
		done[0] = loop.Time()
		out.Actor("first").Printf("first coroutine (sum of N integers) result = %d", results[0])
	})
	second.AddDoneCallback(func(f *async.Future[int64]) {
		results[1], _ = f.Result(ctx)
		done[1] = loop.Time()
		out.Actor("second").Printf("second coroutine (factorial) result = %d", results[1])
	})

	tasks := async.Gather(loop,
		async.CreateTask(loop, func(t *async.Task) (any, error) { return nil, addUp(t, first, n1, sum) }),
		async.CreateTask(loop, func(t *async.Task) (any, error) { return nil, multiplyUp(t, second, n2, product) }))
	if _, err := async.RunUntilComplete(ctx, loop, tasks); err != nil {
		return err
	}

	row := fmt.Sprintf("%d %d", n1, n2)
	out.Check(row+": sum and factorial", results, [2]int64{n1 * (n1 + 1) / 2, new(big.Int).MulRange(1, n2).Int64()})
	out.Check(row+": the loop's clock at the two results", done, [2]time.Duration{
		time.Duration(n1)*sum.step + sum.end,
		time.Duration(max(n2-1, 0))*product.step + product.end,
	})
	return nil
}

// addUp is the first coroutine. While it sleeps, the second one runs. A pause of 0 only gives the second one its turn.
func addUp(t *async.Task, result *async.Future[int64], n int64, pause pauses) error {
	sum := int64(0)
	for i := int64(1); i <= n; i++ {
		sum += i
		if err := t.Sleep(pause.step); err != nil {
			return err
		}
	}
	if err := t.Sleep(pause.end); err != nil {
		return err
	}
	return result.SetResult(sum)
}

// multiplyUp is the second coroutine. It begins with 2, so it has one step fewer.
func multiplyUp(t *async.Task, result *async.Future[int64], n int64, pause pauses) error {
	product := int64(1)
	for i := int64(2); i <= n; i++ {
		product *= i
		if err := t.Sleep(pause.step); err != nil {
			return err
		}
	}
	if err := t.Sleep(pause.end); err != nil {
		return err
	}
	return result.SetResult(product)
}

// pauses is how long a coroutine pauses after each step, and at the end.
type pauses struct{ step, end time.Duration }

// # Other ends of a future

// endOtherwise shows the ends of a future that the book names but does not run.
func endOtherwise(ctx context.Context, out *transcript.Log) error {
	_, err := async.Run(ctx, func(t *async.Task) (any, error) {
		callback, noAnswer := out.Actor("callback").Printf, errors.New("no answer")
		cancelled, failed := async.CreateFuture[int](t.Loop()), async.CreateFuture[int](t.Loop())
		cancelled.AddDoneCallback(func(f *async.Future[int]) { callback("of the cancelled one: %v", f.Exception(ctx)) })
		failed.AddDoneCallback(func(f *async.Future[int]) { callback("of the failed one: %v", f.Exception(ctx)) })

		quiet, calls := async.CreateFuture[int](t.Loop()), 0
		id := quiet.AddDoneCallback(func(*async.Future[int]) { calls++ })
		quiet.RemoveDoneCallback(id)

		cancelled.Cancel()
		failed.SetException(noAnswer)
		quiet.SetResult(7)
		out.Printf("one future is cancelled, one failed, one has its result")
		out.Note("The call that ends a future does not run its callbacks: the loop does, in its next turn.")
		if err := t.Sleep(0); err != nil {
			return nil, err
		}
		_, err := cancelled.Result(t)
		out.Check("the result of a cancelled future is ErrCancelled", errors.Is(err, async.ErrCancelled), true)
		_, err = failed.Result(t)
		out.Check("SetException gives its error to a call of Result", err == noAnswer, true)
		out.Check("a removed callback is not called", calls, 0)

		err = quiet.SetResult(8)
		out.Printf("%v", err)
		out.Check("a second result is ErrDone", errors.Is(err, async.ErrDone), true)
		return nil, nil
	}, async.WithPace(out.Sleep))
	return err
}

// # The arguments

// numbersOf reads N1 and N2; without them it returns those of the book's four runs.
func numbersOf(args []string) ([][2]int64, error) {
	if len(args) == 0 {
		return [][2]int64{{1, 1}, {2, 2}, {3, 3}, {4, 4}}, nil
	}
	if len(args) != 2 {
		given := strings.Join(args, " ")
		return nil, catalog.Usagef("%s: want two numbers, N1 and N2, as in: cookbook run ch4.futures 4 4", given)
	}
	var n [2]int64
	for i, arg := range args {
		number, err := strconv.ParseInt(arg, 10, 64)
		if err != nil || number < 0 || number > 20 {
			return nil, catalog.Usagef("N%d is %q: want a whole number from 0 to 20; 21! is too big for 64 bits", i+1, arg)
		}
		n[i] = number
	}
	return [][2]int64{n}, nil
}

var futures = catalog.Recipe{
	ID: "ch4.futures", Section: "4.6", Title: "Let a future call back with its result",
	Python: "asyncio.Future, add_done_callback", Go: "async.Future, AddDoneCallback",
	Args: "[N1 N2]",
	New: func(f *pflag.FlagSet) catalog.Run {
		swap := f.Bool("swap", false, "exchange the pauses: 3 s for the sum, 4 s for the factorial")
		once := f.Bool("once", false, "pause once, after the computation, not after every step")
		return func(ctx context.Context, out *transcript.Log) error {
			numbers, err := numbersOf(f.Args())
			if err != nil {
				return err
			}
			sum, product := pauses{step: 4 * time.Second}, pauses{step: 3 * time.Second}
			if *swap {
				sum, product = product, sum
			}
			if *once {
				sum, product = pauses{end: sum.step}, pauses{end: product.step}
			}
			out.Note("Two coroutines share one loop. Each sets a future when it is done, and the loop calls the future's " +
				"callback.")
			for _, n := range numbers {
				if err := sumAndFactorial(ctx, out, n[0], n[1], sum, product); err != nil {
					return err
				}
			}
			return endOtherwise(ctx, out)
		}
	},
	Wrong: futuresWrong,
	Bare:  futuresBare,
}
