package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"cookbook/internal/process/duplex"
	"cookbook/internal/process/failure"
	"cookbook/internal/timeline/children"
)

// Patience is how long Close waits for a worker to end by itself. It is more than the worker's own grace.
const Patience = 2 * time.Second

// A Worker is a child process that serves calls, one at a time. It has to be closed. Its methods may be called from any
// goroutine.
type Worker struct {
	cmd      *exec.Cmd
	requests *os.File // the child's standard input; that it is open keeps the child alive
	answers  *os.File

	turn   chan struct{} // holds a token while a call is made; it guards what follows
	conn   *duplex.Conn
	frame  []byte
	closed bool // conn
	calls  int  // that were made

	child children.Child // as which it records

	done chan struct{} // closed when the child is reaped
	died error         // how, set before done is closed

	mu    sync.Mutex
	cause error // the first reason for its end on our side, if there is one
}

// Start starts a worker. It returns when the process is there; its first answer tells that it is ready. When
// ctx ends, it is killed.
func Start(ctx context.Context) (*Worker, error) { return StartAs(ctx, "worker") }

// StartAs is Start for a worker that has a name, by which a timeline shows it.
func StartAs(ctx context.Context, name string) (*Worker, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	w, err := start(children.New(ctx, name))
	if err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	stopWatching := context.AfterFunc(ctx, func() { w.kill(context.Cause(ctx)) })
	go func() {
		defer w.child.Live(context.Background())()
		err := w.cmd.Wait()
		stopWatching()
		w.died = fmt.Errorf("worker process %d %w: %v", w.Pid(), failure.ErrDied, w.cmd.ProcessState)
		if w.cmd.ProcessState == nil {
			w.died = fmt.Errorf("worker process %d %w: %v", w.Pid(), failure.ErrDied, err)
		}
		close(w.done)
	}()
	return w, nil
}

// start starts the process, with a way to it: two pipes, and memory where there is some.
func start(child children.Child) (w *Worker, err error) {
	cmd, err := command(context.Background(), asWorker)
	if err != nil {
		return nil, err
	}
	stdin, requests, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer stdin.Close()
	answers, stdout, err := os.Pipe()
	if err != nil {
		requests.Close()
		return nil, err
	}
	defer stdout.Close()
	defer func() {
		if err != nil {
			requests.Close()
			answers.Close()
		}
	}()
	memory, _ := duplex.NewMemory() // without it, all goes through the pipes
	if memory != nil {
		defer memory.Close()
		numbers, err := bequeath(cmd, []*os.File{memory})
		if err != nil {
			return nil, err
		}
		cmd.Env = append(cmd.Env, variable+"="+asWorker+" "+strings.Join(numbers, " "))
	}
	cmd.Env = child.Env(cmd.Env)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	conn, err := duplex.New(duplex.First, memory, answers, requests)
	if err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		return nil, err
	}
	return &Worker{
		cmd: cmd, requests: requests, answers: answers, conn: conn, child: child,
		turn: make(chan struct{}, 1), done: make(chan struct{}),
	}, nil
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
	if !w.closed {
		w.closed = true
		w.answers.Close()
		w.conn.Close()
	}
	<-w.turn
	if err := w.Err(); !errors.Is(err, failure.ErrClosed) {
		return err
	}
	if w.cmd.ProcessState == nil || !w.cmd.ProcessState.Success() {
		return w.died
	}
	return nil
}
