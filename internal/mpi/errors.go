package mpi

import "cookbook/internal/mpi/engine"

// An ErrorClass says what went wrong: an error class of MPI (MPI 4.0 §9.4), or one of those that MPI leaves undefined, such
// as a hang. It is an error: compare it by errors.Is with what a call or [Run] returned.
type ErrorClass = engine.ErrorClass

// An Error is what calls and [Run] return. errors.Is compares it with its class.
type Error = engine.Error

// The error classes.
const (
	ErrCount    = engine.ErrCount    // MPI_ERR_COUNT: a length that is negative or does not fit
	ErrType     = engine.ErrType     // MPI_ERR_TYPE: a message of another type than asked for, or a value that cannot be encoded
	ErrTag      = engine.ErrTag      // MPI_ERR_TAG
	ErrComm     = engine.ErrComm     // MPI_ERR_COMM: not or no longer a communicator
	ErrRank     = engine.ErrRank     // MPI_ERR_RANK: no such rank in the communicator
	ErrRoot     = engine.ErrRoot     // MPI_ERR_ROOT: no such rank to be the root
	ErrOp       = engine.ErrOp       // MPI_ERR_OP: an operator that does not know the type
	ErrDims     = engine.ErrDims     // MPI_ERR_DIMS: dimensions or coordinates of a grid that cannot be
	ErrTruncate = engine.ErrTruncate // MPI_ERR_TRUNCATE: a message larger than the buffer of its receiver
	ErrMismatch = engine.ErrMismatch // ranks make different collective calls, or the same with other arguments
	ErrDeadlock = engine.ErrDeadlock // ranks wait for each other and none can go on
	ErrTimeout  = engine.ErrTimeout  // it took longer than [WithTimeout] allows
	ErrDied     = engine.ErrDied     // MPI_ERR_PROC_FAILED of MPI 5: the process of a rank ended before its function did
	ErrAborted  = engine.ErrAborted  // a rank called [Comm.Abort]
	ErrFailed   = engine.ErrFailed   // the function of a rank returned an error that is none of these
	ErrBusy     = engine.ErrBusy     // two goroutines of a rank were in calls of its communicators at once
	ErrEngine   = engine.ErrEngine   // this program, or this machine, has no such engine
	ErrOther    = engine.ErrOther    // MPI_ERR_OTHER: anything else; the text says what
)
