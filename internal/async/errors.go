package async

import (
	"errors"
	"fmt"
)

// The errors of this package. An error that is returned wraps one of them and says what was tried, on what.
var (
	ErrCancelled = errors.New("cancelled")               // asyncio.CancelledError
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
