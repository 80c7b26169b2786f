package threading

import "errors"

// What can go wrong. What is returned wraps one of these with what was tried
// on what — "release lock 1: not locked" — so compare with errors.Is. A wait
// that its context ended returns the context's cause, wrapped the same way.
var (
	ErrTimeout = errors.New("timed out")

	ErrNotLocked       = errors.New("not locked")
	ErrNotOwner        = errors.New("not the owner")
	ErrNoThread        = errors.New("the context has no thread; pass the *Thread of Main or of the body")
	ErrNegative        = errors.New("the value must not be negative")
	ErrTooManyReleases = errors.New("released more often than acquired")

	ErrStarted    = errors.New("already started; a thread runs once, make a new one")
	ErrNotStarted = errors.New("not started; call Start first")
	ErrJoinSelf   = errors.New("a thread cannot wait for its own end")
	ErrGoexit     = errors.New("ended by runtime.Goexit")

	ErrNoParties = errors.New("needs at least one party")
	ErrBroken    = errors.New("broken")

	ErrFull        = errors.New("full")
	ErrEmpty       = errors.New("empty")
	ErrClosed      = errors.New("closed")
	ErrTooManyDone = errors.New("TaskDone called more often than there were items")
)

// failure is put together lazily: a failed try in a polling loop must be cheap.
type failure struct {
	op, on string
	err    error
	note   string
}

func failed(op, on string, err error) error { return &failure{op: op, on: on, err: err} }

func (f *failure) Error() string { return f.op + " " + f.on + ": " + f.err.Error() + f.note }
func (f *failure) Unwrap() error { return f.err }
