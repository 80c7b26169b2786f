package command

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// InterruptedError is the cause of a context that a signal ended; the zero value is Ctrl-C.
type InterruptedError struct{ Signal syscall.Signal }

func (e InterruptedError) Error() string {
	switch e.Signal {
	case syscall.SIGTERM:
		return "terminated"
	case 0, syscall.SIGINT:
		return "interrupted"
	case brokenPipe:
		return "" // the reader of the output has left, and wants to hear no more
	}
	return "the terminal has gone"
}

// Stopped says that the run was told to end.
func (InterruptedError) Stopped() bool { return true }

// asked reports whether somebody has asked for the end, and not the circumstances.
func (e InterruptedError) asked() bool {
	return e.Signal == 0 || e.Signal == syscall.SIGINT || e.Signal == syscall.SIGTERM
}

// Code is the exit code of a program that this signal ended, as a shell gives it.
func (e InterruptedError) Code() int {
	if e.Signal == 0 {
		return ExitInterrupted
	}
	return 128 + int(e.Signal)
}

// OnInterrupt returns a context that ends with Ctrl-C, SIGTERM, or SIGHUP, by which the kernel says that the terminal has gone,
// unless nohup has turned that off, or when the reader of out has left. A second signal ends the process at once.
func OnInterrupt(ctx context.Context, out io.Writer) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	done := make(chan struct{})
	finished := make(chan struct{})
	signal.Notify(signals, endSignals()...)
	// While somebody is to be told of SIGPIPE, a write to a pipe that nobody reads fails, and does not end the process. The signal
	// itself says nothing: it comes for every pipe.
	pipes := make(chan os.Signal, 1)
	signal.Notify(pipes, brokenPipe)
	if o, ok := out.(*Output); ok {
		o.onLeft(func() { cancel(InterruptedError{brokenPipe}) })
	}
	go func() {
		defer close(finished)
		select {
		case s := <-signals:
			signal.Stop(signals)
			number, _ := s.(syscall.Signal)
			cancel(InterruptedError{number})
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		signal.Stop(pipes)
		close(done)
		<-finished
		cancel(nil)
	}
}

// EndedAsTold is the error of a command that works until it is told to end: none for Ctrl-C and SIGTERM, which are how that is said.
func EndedAsTold(ctx context.Context) error {
	var told InterruptedError
	if errors.As(context.Cause(ctx), &told) && told.asked() {
		return nil
	}
	return context.Cause(ctx)
}
