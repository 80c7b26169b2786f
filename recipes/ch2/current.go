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

var current = catalog.Recipe{
	ID: "ch2.current", Section: "2.4", Title: "Find out which thread is running",
	Python: "threading.currentThread().getName()", Go: "context.Context, threading.Current",
	New: func(f *pflag.FlagSet) catalog.Run {
		names := f.String("names", "first_function,second_function,third_function", "one for each thread; an empty one is no name")
		return func(ctx context.Context, out *transcript.Log) error {
			return currentThreads(ctx, out, strings.Split(*names, ","))
		}
	},
}

func currentThreads(ctx context.Context, out *transcript.Log, names []string) error {
	out.Note("All threads run the same function. It knows who runs it because it was handed its thread.")
	freely := func(t *threading.Thread, _ int) error {
		if err := currentStart(t, out); err != nil {
			return err
		}
		currentSays(t, out, "is Exiting")
		return nil
	}
	named, err := currentRunAll(ctx, freely, names)
	if err != nil {
		return err
	}

	out.Note("Now the last is made without a name. Only the unnamed are counted, so the first of them is Thread-1.")
	others := names[:len(names)-1]
	unnamed, err := currentRunAll(ctx, freely, append(slices.Clone(others), ""))
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

	out.Note("Main joins the threads in order. That says when main goes on, not who exits first: these are joined in order " +
		"too, but each waits for the exit of the one behind it.")
	exits, err := currentExitBackwards(ctx, out, names)
	if err != nil {
		return err
	}
	slices.Reverse(named)
	out.Check("joined from first to last, they exit from last to first", slices.Equal(exits, named), true)
	out.Check("a context without a thread has no current thread", threading.Current(ctx) == nil, true)
	return nil
}

// currentSays stands for any function far down the call chain: what it knows about its caller is the context it was given.
func currentSays(ctx context.Context, out *transcript.Log, what string) {
	name := threading.Current(ctx).Name()
	out.Actor(name).Printf("%s %s", name, what)
}

// currentStart is what all threads begin with.
func currentStart(ctx context.Context, out *transcript.Log) error {
	currentSays(ctx, out, "is Starting")
	return out.Sleep(ctx, 2*time.Second)
}

// currentRunAll runs body in one thread for each name, joins them in the same order and returns the names they had.
func currentRunAll(ctx context.Context, body func(t *threading.Thread, i int) error, names []string) (had []string, err error) {
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

// currentExitBackwards makes each thread wait for the exit of the next one and returns the order in which they exited.
func currentExitBackwards(ctx context.Context, out *transcript.Log, names []string) (exits []string, err error) {
	exited := make([]chan struct{}, len(names)+1)
	for i := range exited {
		exited[i] = make(chan struct{})
	}
	close(exited[len(names)]) // nobody is behind the last
	_, err = currentRunAll(ctx, func(t *threading.Thread, i int) error {
		if err := currentStart(t, out); err != nil {
			return err
		}
		select {
		case <-exited[i+1]:
		case <-t.Done():
			return context.Cause(t)
		}
		currentSays(t, out, "is Exiting")
		exits = append(exits, t.Name())
		close(exited[i])
		return nil
	}, names)
	return exits, err
}
