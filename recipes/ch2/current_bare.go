package ch2

import (
	"context"
	"fmt"
	"runtime/pprof"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// A goroutine cannot ask which one it is. What it should know about its work is in the context that it is given. The labels of package
// pprof are there, too, and profiles and stack dumps show them beside the goroutine.

// threadName is known to every function that is given the context.
func threadName(ctx context.Context) string {
	name, ok := pprof.Label(ctx, "thread")
	if !ok {
		return "MainThread"
	}
	return name
}

// saysWho stands for any function far down the call chain.
func saysWho(ctx context.Context, out *transcript.Log, what string) {
	out.Actor(threadName(ctx)).Printf("%s %s", threadName(ctx), what)
}

// goNamed runs f in a goroutine of the group for each name, with the name in its context.
func goNamed(ctx context.Context, group *errgroup.Group, names []string, f func(ctx context.Context, i int) error) {
	for i, name := range names {
		if name == "" {
			name = fmt.Sprintf("Thread-%d", i+1)
		}
		group.Go(func() (err error) {
			pprof.Do(ctx, pprof.Labels("thread", name), func(ctx context.Context) { err = f(ctx, i) })
			return err
		})
	}
}

func currentBare(ctx context.Context, out *transcript.Log) error {
	names := []string{"first_function", "second_function", ""}

	out.Note("All run the same function. It finds its name in the context; the one without a name is named by its number.")
	group, groupCtx := errgroup.WithContext(ctx)
	goNamed(groupCtx, group, names, func(ctx context.Context, _ int) error {
		saysWho(ctx, out, "is Starting")
		if err := out.Sleep(ctx, 2*time.Second); err != nil {
			return err
		}
		saysWho(ctx, out, "is Exiting")
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}

	out.Note("Now each waits for the exit of the next one, so the last exits first.")
	exited := make([]chan struct{}, len(names)+1)
	for i := range exited {
		exited[i] = make(chan struct{})
	}
	close(exited[len(names)]) // the last waits for none
	var exits []string
	group, groupCtx = errgroup.WithContext(ctx)
	goNamed(groupCtx, group, names, func(ctx context.Context, i int) error {
		saysWho(ctx, out, "is Starting")
		select {
		case <-exited[i+1]:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		saysWho(ctx, out, "is Exiting")
		exits = append(exits, threadName(ctx))
		close(exited[i])
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	out.Check("they exit from last to first", exits, []string{"Thread-3", "second_function", "first_function"})
	saysWho(ctx, out, "has joined them all")
	return nil
}
