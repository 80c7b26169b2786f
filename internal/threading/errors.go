package threading

import "errors"

// The errors of this package. An error that is returned wraps one of them and says what was tried, on what, as in "release
// lock 1: not locked". So compare with errors.Is. If its context ends a wait, the error wraps the context's cause in the
// same way.
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

// A failure makes its text only when that is asked for: a failed try in a polling loop must be cheap.
type failure struct {
	op, on string
	err    error
	note   string
}

func failed(op, on string, err error) error { return &failure{op: op, on: on, err: err} }

func (f *failure) Error() string { return f.op + " " + f.on + ": " + f.err.Error() + f.note }
func (f *failure) Unwrap() error { return f.err }
