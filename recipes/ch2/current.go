package ch2

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

// A function finds out which thread runs it from the context that it is given. Python has threading.current_thread.

// says stands for any function far down the call chain: what it knows about its caller is the context it was given.
func says(ctx context.Context, out *transcript.Log, what string) {
	name := threading.Current(ctx).Name()
	out.Actor(name).Printf("%s %s", name, what)
}

// nameThreads starts three rounds of threads: all named, one without a name, and all named with a fixed order of exit.
func nameThreads(ctx context.Context, out *transcript.Log, names []string) error {
	out.Note("All threads run the same function. It knows which thread runs it, because it is given that thread.")
	freely := func(t *threading.Thread, _ int) error {
		if err := start(t, out); err != nil {
			return err
		}
		says(t, out, "is Exiting")
		return nil
	}
	named, err := runAll(ctx, freely, names)
	if err != nil {
		return err
	}

	out.Note("Now the last is made without a name. Only threads without a name are counted, so the first is Thread-1.")
	others := names[:len(names)-1]
	unnamed, err := runAll(ctx, freely, append(slices.Clone(others), ""))
	if err != nil {
		return err
	}
	number := 1
	for _, name := range others {
		if name == "" {
			number++
		}
	}
	out.Check("the name of the thread made without one", unnamed[len(others)], fmt.Sprintf("Thread-%d", number))

	out.Note("Main joins the threads in order. That decides when main goes on, not which thread exits first. " +
		"Here each thread waits for the exit of the next one, so the last exits first.")
	exits, alive, err := exitBackwards(ctx, out, names)
	if err != nil {
		return err
	}
	out.Check("before the first exit main and all threads are alive", alive, append([]string{"MainThread"}, named...))
	slices.Reverse(named)
	out.Check("joined from first to last, they exit from last to first", slices.Equal(exits, named), true)
	out.Check("a context without a thread has no current thread", threading.Current(ctx) == nil, true)
	return nil
}

// runAll runs body in one thread for each name, joins them in the same order and returns the names they had.
func runAll(ctx context.Context, body func(t *threading.Thread, i int) error, names []string) (had []string, err error) {
	main := threading.Main(ctx)
	var threads []*threading.Thread
	for i, name := range names {
		t := threading.NewThread(main, func(t *threading.Thread) error { return body(t, i) }, threading.WithName(name))
		threads, had = append(threads, t), append(had, t.Name())
	}
	for _, t := range threads {
		err = errors.Join(err, t.Start())
	}
	for _, t := range threads {
		err = errors.Join(err, t.Join(context.WithoutCancel(main))) // if ctx ends, so do the bodies; wait for that
	}
	return had, err
}

// start is what all threads begin with.
func start(ctx context.Context, out *transcript.Log) error {
	says(ctx, out, "is Starting")
	return out.Sleep(ctx, 2*time.Second)
}

// exitBackwards makes each thread wait for the exit of the next one. It returns the order in which they exited, and the
// threads that were alive before the first exit.
func exitBackwards(ctx context.Context, out *transcript.Log, names []string) (exits, alive []string, err error) {
	exited := make([]chan struct{}, len(names)+1)
	for i := range exited {
		exited[i] = make(chan struct{})
	}
	close(exited[len(names)]) // the last waits for none
	_, err = runAll(ctx, func(t *threading.Thread, i int) error {
		if err := start(t, out); err != nil {
			return err
		}
		select {
		case <-exited[i+1]:
		case <-t.Done():
			return context.Cause(t)
		}
		if len(exits) == 0 { // all others wait for this one
			for _, thread := range threading.Enumerate(t) {
				alive = append(alive, thread.Name())
			}
			says(t, out, "sees alive: "+strings.Join(alive, ", "))
		}
		says(t, out, "is Exiting")
		exits = append(exits, t.Name())
		close(exited[i])
		return nil
	}, names)
	return exits, alive, err
}

var current = catalog.Recipe{
	ID: "ch2.current", Section: "2.4", Title: "Find out which thread is running",
	Python: "threading.currentThread().getName()", Go: "context.Context, threading.Current",
	New: func(f *pflag.FlagSet) catalog.Run {
		names := f.String("names", "first_function,second_function,third_function",
			"one name for each thread; an empty one stands for a thread without a name")
		return func(ctx context.Context, out *transcript.Log) error {
			return nameThreads(ctx, out, strings.Split(*names, ","))
		}
	},
	Bare: currentBare,
}
