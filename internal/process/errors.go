package process

import (
	"cookbook/internal/process/failure"
	"cookbook/internal/process/manager"
	"cookbook/internal/process/pool"
	"cookbook/internal/process/shm"
	"cookbook/internal/process/worker"
	"cookbook/internal/wire"
)

// What can go wrong. What is returned wraps one of these and says what was tried on what, as in "release printer: not
// locked", so compare with errors.Is. A wait that its context ended returns the context's cause, wrapped in the same way.
var (
	ErrTimeout  = failure.ErrTimeout
	ErrNegative = failure.ErrNegative
	ErrBroken   = failure.ErrBroken // a barrier, or a pool whose initializer failed

	// ErrClosed is what was closed: a worker, a pool, a queue, the group.
	ErrClosed = failure.ErrClosed

	// ErrDied is a process that ended although nobody had closed it; the text says how.
	ErrDied = failure.ErrDied

	// ErrTooLarge is an argument or a result of more than 64 MiB.
	ErrTooLarge = wire.ErrTooLarge

	// ErrCycle, ErrTooDeep and ErrLostPointer are values that cannot be copied to another process.
	ErrCycle       = wire.ErrCycle
	ErrTooDeep     = wire.ErrTooDeep
	ErrLostPointer = wire.ErrLostPointer
)

// What can go wrong when a process is started.
var (
	// ErrNoMain is that this program could not be started again as a child.
	ErrNoMain = worker.ErrNoMain

	// ErrNoProcesses is that this system has no processes to start, as in a web page.
	ErrNoProcesses = worker.ErrNoProcesses

	// ErrNotRegistered is a function that another process cannot find.
	ErrNotRegistered = worker.ErrNotRegistered

	// ErrParentGone is why the context of a function ends in a child: the parent has ended, or has closed the worker.
	ErrParentGone = worker.ErrParentGone

	// ErrNotClosed is to wait for the end of a pool that nobody has told to end.
	ErrNotClosed = pool.ErrNotClosed
)

// What can go wrong with what processes share.
var (
	ErrNotLocked = failure.ErrNotLocked
	ErrNotOwner  = failure.ErrNotOwner

	// ErrOwnerDied is that the process which held a lock ended before it released it: what the lock guards may be half
	// done. Acquire with this error has acquired the lock, and only this one caller is told.
	ErrOwnerDied = failure.ErrOwnerDied

	ErrUnsupported     = shm.ErrUnsupported
	ErrTooManyReleases = shm.ErrTooManyReleases
	ErrNoParties       = shm.ErrNoParties
	ErrFull            = shm.ErrFull
	ErrEmpty           = shm.ErrEmpty
	ErrTooManyDone     = shm.ErrTooManyDone

	// ErrNoRoom is that the shared memory of a group, or a table in it, is full: 65,536 objects, 256 MiB, 1,024 processes at a
	// time. The objects last as long as the group.
	ErrNoRoom = shm.ErrNoRoom

	// ErrNotHere is what another process has sent and this one cannot find in the memory it shares with it: it belongs to
	// another group, or its group is closed here.
	ErrNotHere = shm.ErrNotHere
)

// What can go wrong with what a manager holds.
var (
	ErrManagerGone = manager.ErrGone
	ErrNoKey       = manager.ErrNoKey
	ErrNoIndex     = manager.ErrNoIndex
	ErrWrongType   = manager.ErrWrongType
	ErrStranger    = manager.ErrStranger
)
