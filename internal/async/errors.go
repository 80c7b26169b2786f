package async

import (
	"errors"
	"fmt"
	"slices"
)

// The errors of this package. An error that is returned wraps one of them and says what was tried, on what.
var (
	// ErrCancelled is asyncio.CancelledError. A task is cancelled if its error is this one, or wraps nothing but this one. An
	// error that joins it with another, as errors.Join(ErrCancelled, errFlush) does, is a failure: a task that returns it has
	// failed to clean up, which is kept and reported as any failure is. A panic is a failure, whatever its value.
	ErrCancelled = errors.New("cancelled")
	ErrTimeout   = errors.New("timed out")               // TimeoutError
	ErrDone      = errors.New("done already")            // asyncio.InvalidStateError: a result for a future that has one
	ErrNotInTask = errors.New("not in the running task") // only the task that runs can wait, and only for its own loop
	ErrAwaited   = errors.New("awaited already")         // a coroutine runs once
	ErrRunning   = errors.New("the loop is running")
	ErrStopped   = errors.New("the loop was stopped first")
	ErrClosed    = errors.New("closed")
	ErrGoroutine = errors.New("not the loop's goroutine; use CallSoonThreadsafe")
	ErrNotLocked = errors.New("not locked")
	ErrNegative  = errors.New("negative")
	ErrFull      = errors.New("the queue is full")
	ErrEmpty     = errors.New("the queue is empty")
	ErrTooMany   = errors.New("called too many times")
)

// onlyCancelled reports whether err says that something was cancelled, and nothing else.
func onlyCancelled(err error) bool {
	switch e := err.(type) {
	case *PanicError:
		return false
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return onlyCancelled(inner)
		}
	case interface{ Unwrap() []error }:
		all := e.Unwrap()
		return len(all) > 0 && !slices.ContainsFunc(all, func(err error) bool { return !onlyCancelled(err) })
	}
	return errors.Is(err, ErrCancelled)
}

// PanicError is a panic that became an error: of a task, of a loop's callback, or of a function that an executor ran.
type PanicError struct {
	Who   string // the task, or what ran
	Value any
	Stack []byte // of the goroutine that panicked, as debug.Stack writes it
}

func (e *PanicError) Error() string { return fmt.Sprintf("%s panicked: %v", e.Who, e.Value) }

// Unwrap gives the panic's value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
