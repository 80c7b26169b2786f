package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruptedError is the cause of a context that a signal ended; the zero value is Ctrl-C.
type interruptedError struct{ signal syscall.Signal }

func (e interruptedError) Error() string {
	switch e.signal {
	case syscall.SIGTERM:
		return "terminated"
	case 0, syscall.SIGINT:
		return "interrupted"
	}
	return "the terminal has gone"
}

// Stopped says that the run was told to end.
func (interruptedError) Stopped() bool { return true }

// code is the exit code of a program that this signal ended, as a shell gives it.
func (e interruptedError) code() int {
	if e.signal == 0 {
		return exitInterrupted
	}
	return 128 + int(e.signal)
}

// onInterrupt returns a context that ends with Ctrl-C, SIGTERM, or SIGHUP, by which the kernel says that the terminal has gone,
// unless nohup has turned that off. A second signal ends the process at once.
func onInterrupt(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	done := make(chan struct{})
	finished := make(chan struct{})
	signal.Notify(signals, endSignals()...)
	go func() {
		defer close(finished)
		select {
		case s := <-signals:
			signal.Stop(signals)
			number, _ := s.(syscall.Signal)
			cancel(interruptedError{number})
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		<-finished
		cancel(nil)
	}
}
