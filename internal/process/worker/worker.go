package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"cookbook/internal/process/failure"
	"cookbook/internal/wire"
)

// Patience is how long Close waits for a worker to end by itself. It is more than the worker's own grace.
const Patience = 2 * time.Second

// A Worker is a child process that serves calls, one at a time. It has to be closed. Its methods may be called from any
// goroutine.
type Worker struct {
	cmd      *exec.Cmd
	requests *os.File // the child's standard input; that it is open keeps the child alive
	answers  *os.File

	turn  chan struct{} // holds a token while a call is made; it guards what follows
	in    *bufio.Reader
	frame []byte

	done chan struct{} // closed when the child is reaped
	died error         // how, set before done is closed

	mu    sync.Mutex
	cause error // the first reason for its end on our side, if there is one
}

// Start starts a worker. It returns when the process is there; its first answer tells that it is ready. When
// ctx ends, it is killed.
func Start(ctx context.Context) (*Worker, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	cmd, err := command(context.Background(), asWorker)
	if err != nil {
		return nil, err
	}
	stdin, requests, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	answers, stdout, err := os.Pipe()
	if err != nil {
		stdin.Close()
		requests.Close()
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, os.Stderr
	err = cmd.Start()
	stdin.Close()
	stdout.Close()
	if err != nil {
		requests.Close()
		answers.Close()
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	w := &Worker{
		cmd: cmd, requests: requests, answers: answers, in: bufio.NewReader(answers),
		turn: make(chan struct{}, 1), done: make(chan struct{}),
	}
	stopWatching := context.AfterFunc(ctx, func() { w.kill(context.Cause(ctx)) })
	go func() {
		err := cmd.Wait()
		stopWatching()
		w.died = fmt.Errorf("worker process %d %w: %v", cmd.Process.Pid, failure.ErrDied, cmd.ProcessState)
		if cmd.ProcessState == nil {
			w.died = fmt.Errorf("worker process %d %w: %v", cmd.Process.Pid, failure.ErrDied, err)
		}
		close(w.done)
	}()
	return w, nil
}

// Pid returns the number of the worker's process.
func (w *Worker) Pid() int { return w.cmd.Process.Pid }

// Done returns a channel that is closed when the process has ended.
func (w *Worker) Done() <-chan struct{} { return w.done }

// Err returns why the process ended, nil if it has not: an error that wraps [failure.ErrClosed], or [failure.ErrDied] and
// says with which status or signal, or the cause of the context that ended it.
func (w *Worker) Err() error {
	select {
	case <-w.done:
	default:
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cause != nil {
		return w.cause
	}
	return w.died
}

// kill ends the process, for a reason of this side if there is one, and returns when it is gone.
func (w *Worker) kill(cause error) {
	w.because(cause)
	w.cmd.Process.Kill() // fails only if the process has ended
	<-w.done
}

// because notes why this side ends the process, if that has not ended and there is no reason yet.
func (w *Worker) because(cause error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.done:
	default:
		if w.cause == nil {
			w.cause = cause
		}
	}
}

// Kill ends the process at once, whatever it does, and returns when it is gone. A call that is being made fails with
// [failure.ErrDied].
func (w *Worker) Kill() { w.kill(nil) }

// Close ends the worker and returns when it is gone. A function that is running there sees its context end and has half a
// second to come to its result; then the process ends itself. If it does not, it is killed after two seconds.
//
// The error is what [Worker.Err] returns if the process had ended before, and wraps [failure.ErrDied] if it did not end well.
func (w *Worker) Close() error {
	w.because(fmt.Errorf("worker process %d %w", w.Pid(), failure.ErrClosed))
	w.requests.Close()
	late := time.AfterFunc(Patience, func() { w.cmd.Process.Kill() })
	<-w.done
	late.Stop()
	w.turn <- struct{}{} // a call that is being made reads to the end first
	w.answers.Close()
	<-w.turn
	if err := w.Err(); !errors.Is(err, failure.ErrClosed) {
		return err
	}
	if w.cmd.ProcessState == nil || !w.cmd.ProcessState.Success() {
		return w.died
	}
	return nil
}

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
	stopWatching := context.AfterFunc(ctx, func() { w.kill(context.Cause(ctx)) })
	defer stopWatching() // take may panic
	answer, err := w.exchange(request)
	if err == nil {
		err = ReadAnswer(name, answer, take)
	}
	w.frame = wire.Keep(answer)
	if !stopWatching() {
		<-w.done
		return context.Cause(ctx)
	}
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

// exchange sends a request and returns the answer, which takes the request's place in memory.
func (w *Worker) exchange(request []byte) (answer []byte, err error) {
	err = wire.WriteFrame(w.requests, request, wire.MaxFrame)
	if err == nil {
		answer, err = wire.ReadFrame(w.in, request, wire.MaxFrame)
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
