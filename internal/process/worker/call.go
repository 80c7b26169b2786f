package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cookbook/internal/wire"
)

// Do calls f in the worker's process and returns when it has ended there. Calls of several goroutines take turns.
//
// The error is a *[RemoteError] if f returned one or panicked. It wraps [ErrNotRegistered], [wire.ErrTooLarge], or, if the
// process is gone, what [Worker.Err] returns. When ctx ends before f does, the worker is killed, because nothing else stops
// a function, and the error is context.Cause(ctx).
func Do[A, R any](ctx context.Context, w *Worker, f func(context.Context, A) (R, error), arg A) (R, error) {
	var result R
	name, err := Name(f)
	if err == nil {
		err = DoNamed(ctx, w, name, &arg, &result)
	}
	return result, err
}

// DoNamed is [Do] for the function of that name. arg is read and result filled in place.
func DoNamed[A, R any](ctx context.Context, w *Worker, name string, arg *A, result *R) error {
	return w.call(ctx, name, 0,
		func(to []byte) ([]byte, error) { return wire.Append(to, arg) },
		func(from []byte) error { return wire.Read(from, result) })
}

// call makes a call: put appends the argument to the request, take reads the result from the answer.
func (w *Worker) call(ctx context.Context, name string, flags byte, put func(to []byte) ([]byte, error), take func(from []byte) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case w.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-w.done:
		return w.Err()
	}
	defer func() { <-w.turn }()
	request, err := put(appendRequest(wire.NewFrame(w.frame), flags, name))
	if err != nil {
		return fmt.Errorf("the argument of %s cannot be sent: %w", name, err)
	}
	answer, err := w.exchange(ctx, name, request)
	if err != nil && ctx.Err() != nil {
		w.kill(context.Cause(ctx))
		return context.Cause(ctx)
	}
	if err == nil {
		err = ReadAnswer(name, answer, take)
	}
	w.frame = wire.Keep(answer)
	switch {
	case errors.Is(err, wire.ErrTooLarge):
		return fmt.Errorf("the argument of %s cannot be sent: %w", name, err)
	case errors.Is(err, wire.ErrNonsense):
		w.kill(fmt.Errorf("worker process %d was killed, because it did not answer a call of %s: %w", w.Pid(), name, err))
		return w.Err()
	case errors.Is(err, errLost):
		select {
		case <-w.done:
		case <-time.After(Grace):
			w.Kill() // it has closed its end and lives
		}
		return w.Err()
	}
	return err
}

// errLost is that the pipes to a worker are broken.
var errLost = errors.New("the pipe is broken")

// atOnce is the size of a request that a pipe takes at once, also where pipes are small.
const atOnce = 4096

// exchange sends a request, a call of the function of that name, and returns the answer, which takes the request's place in memory.
func (w *Worker) exchange(ctx context.Context, name string, request []byte) (answer []byte, err error) {
	stopWatching := func() bool { return true }
	if len(request) > atOnce {
		stopWatching = context.AfterFunc(ctx, func() { w.kill(context.Cause(ctx)) })
	}
	w.calls++
	w.child.Calls(w.calls, name)
	err = w.conn.Send(request)
	if err == nil {
		if answer, err = w.conn.Receive(ctx, request); err == nil {
			w.child.IsAnswered(w.calls)
		}
	}
	if !stopWatching() {
		return nil, context.Cause(ctx)
	}
	if err != nil && !errors.Is(err, wire.ErrTooLarge) && !errors.Is(err, wire.ErrNonsense) {
		err = errLost
	}
	return answer, err
}

// Call calls f in a process of its own.
func Call[A, R any](ctx context.Context, f func(context.Context, A) (R, error), arg A) (R, error) {
	var none R
	w, err := Start(ctx)
	if err != nil {
		return none, err
	}
	result, err := Do(ctx, w, f, arg)
	if closed := w.Close(); err == nil && closed != nil {
		return none, closed
	}
	return result, err
}
