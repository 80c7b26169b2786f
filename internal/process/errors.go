package process

import (
	"errors"

	"cookbook/internal/wire"
)

// ErrTooLarge is an argument or a result of more than 64 MiB.
var ErrTooLarge = wire.ErrTooLarge

// What can go wrong with what processes share. What is returned wraps one of these and says what was tried on what —
// "release printer: not locked" — so compare with errors.Is. A wait that its context ended returns the context's cause,
// wrapped in the same way.
var (
	ErrTimeout     = errors.New("timed out")
	ErrUnsupported = errors.New("needs Linux: futexes")

	ErrNotLocked       = errors.New("not locked")
	ErrNotOwner        = errors.New("held by another process")
	ErrNegative        = errors.New("the value must not be negative")
	ErrTooManyReleases = errors.New("released more often than acquired")
	ErrNoParties       = errors.New("needs at least one party")
	ErrBroken          = errors.New("broken")

	// ErrOwnerDied is that the process which held a lock ended before it released it: what the lock guards may be half
	// done. Whoever gets this error from Acquire holds the lock, and is the only one to be told.
	ErrOwnerDied = errors.New("its holder died before it released it; it is yours now, and what it guards may be half done")

	// ErrNoRoom is that the shared memory of a group, or a table in it, is full.
	ErrNoRoom = errors.New("no room left in the shared memory of the group")

	// ErrNotHere is what another process has sent and this one cannot find in the memory it shares with it.
	ErrNotHere = errors.New("not in the memory that this process shares")
)

// A failure says what was tried on what. Its text is put together when somebody reads it, because a try that fails in a
// loop has to be cheap.
type failure struct {
	op, on string
	err    error
}

func failed(op, on string, err error) error { return &failure{op, on, err} }

func (f *failure) Error() string { return f.op + " " + f.on + ": " + f.err.Error() }
func (f *failure) Unwrap() error { return f.err }
