package ch2

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

// A thread is started and joined: in one loop, in two loops, and as an object with a name.

// # Joined in the loop

// joinInLoop returns the order of the calls. That needs no lock: Wait lets its caller see all that the goroutine did, and
// the next goroutine starts only then.
func joinInLoop(ctx context.Context, out *transcript.Log, count int) (order []int, err error) {
	for i := range count {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		var thread sync.WaitGroup
		thread.Go(func() {
			function(out, i)
			order = append(order, i)
		})
		thread.Wait()
	}
	return order, nil
}

// function is what the threads run.
func function(out *transcript.Log, i int) {
	out.Actor(fmt.Sprintf("thread %d", i)).Printf("function called by thread %d", i)
}

// # Joined after the loop

// joinAfterLoop returns how often each thread ran. That needs no lock either: each thread has an element of its own.
func joinAfterLoop(out *transcript.Log, count int) (calls []int) {
	calls = make([]int, count)
	var threads sync.WaitGroup
	for i := range count {
		threads.Go(func() {
			function(out, i)
			calls[i]++
		})
	}
	threads.Wait()
	return calls
}

// # Threads with a name

// joinByName does it with thread objects, as Python has them, and returns their names. Their bodies end by themselves, so
// even if ctx ends it waits for them.
func joinByName(ctx context.Context, out *transcript.Log, count int) (names []string, err error) {
	main := threading.Main(context.WithoutCancel(ctx))
	threads := make([]*threading.Thread, count)
	for i := range threads {
		threads[i] = threading.NewThread(main, func(t *threading.Thread) error {
			out.Actor(t.Name()).Printf("function called by thread %d, named %s", i, t.Name())
			return nil
		})
		names = append(names, threads[i].Name())
	}
	for _, t := range threads {
		err = errors.Join(err, t.Start())
	}
	for _, t := range threads {
		err = errors.Join(err, t.Join(main))
	}
	return names, err
}

// # The run

func defineThreads(ctx context.Context, out *transcript.Log, count int) error {
	var numbers, once []int
	var defaults []string
	for i := range count {
		numbers, once, defaults = append(numbers, i), append(once, 1), append(defaults, fmt.Sprintf("Thread-%d", i+1))
	}

	out.Note("The book starts a thread and joins it before it starts the next. No two of them ever run at once.")
	order, err := joinInLoop(ctx, out, count)
	if err != nil {
		return err
	}
	out.Check("joined in the loop, the order is the loop's", order, numbers)

	out.Note("Now all are started first and joined after. Any order may come: nothing in the program chooses one.")
	calls := joinAfterLoop(out, count)
	out.Check("joined after the loop, every thread has run once", slices.Equal(calls, once), true)

	out.Note("A goroutine has no name. A threading.Thread has one: Thread-N, counted as threads are made, not as they run.")
	names, err := joinByName(ctx, out, count)
	if err != nil {
		return err
	}
	out.Check("the default names count from 1", slices.Equal(names, defaults), true)
	return context.Cause(ctx)
}

var define = catalog.Recipe{
	ID: "ch2.define", Section: "2.3", Title: "Define a thread and wait for its end",
	Python: "threading.Thread(target=f, args=(i,))", Go: "go f(i), sync.WaitGroup",
	New: func(f *pflag.FlagSet) catalog.Run {
		count := catalog.Int(f, "count", 5, 1, 10_000, "threads to start in each of the three parts")
		return func(ctx context.Context, out *transcript.Log) error {
			return defineThreads(ctx, out, *count)
		}
	},
	Wrong: defineWrong,
	Bare:  defineBare,
}
