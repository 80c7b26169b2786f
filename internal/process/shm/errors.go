package shm

import "errors"

// What can go wrong with what processes share, beside what is in package failure. A wait that its context ended returns the
// context's cause, wrapped in the same way.
var (
	ErrUnsupported = errors.New("needs Linux: futexes")

	ErrTooManyReleases = errors.New("released more often than acquired")
	ErrNoParties       = errors.New("needs at least one party")

	// ErrNoRoom is that the shared memory of a group, or a table in it, is full: 65,536 objects, 256 MiB, 1,024 processes at a
	// time.
	ErrNoRoom = errors.New("no room left in the shared memory of the group")

	// ErrNotHere is what another process has sent and this one cannot find in the memory it shares with it: it belongs to
	// another group, or its group is closed here.
	ErrNotHere = errors.New("not in the memory that this process shares: it is of another group, or of one that is closed")
)
