// Package failure is what can go wrong with all that processes do with each other, and how it is told: an error says what
// was tried on what, as in "release printer: not locked", and wraps one of the values here or one of its own package.
package failure

import "errors"

var (
	ErrTimeout  = errors.New("timed out")
	ErrClosed   = errors.New("is closed")
	ErrDied     = errors.New("died")
	ErrBroken   = errors.New("broken")
	ErrNegative = errors.New("the value must not be negative")

	ErrNotLocked = errors.New("not locked")
	ErrNotOwner  = errors.New("held by another process")

	// ErrOwnerDied is that the process which held a lock ended before it released it: what the lock guards may be half
	// done. Acquire with this error has acquired the lock, and only this one caller is told.
	ErrOwnerDied = errors.New("its holder died before it released it; it is yours now, and what it guards may be half done")
)

// An Error says what was tried on what. Its text is put together when it is read, because a try that fails in a loop has to
// be cheap.
type Error struct {
	Op, On string
	Err    error
}

// Of returns an [Error].
func Of(op, on string, err error) error { return &Error{op, on, err} }

func (e *Error) Error() string { return e.Op + " " + e.On + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }
