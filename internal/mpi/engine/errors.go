package engine

import (
	"errors"
	"fmt"

	"cookbook/internal/waitfor"
)

// An ErrorClass says what went wrong: an error class of MPI (MPI 4.0 §9.4), or one of those that MPI leaves undefined, such
// as a hang. It is an error: compare it by errors.Is with what a call or a run returned.
type ErrorClass int

// The error classes.
const (
	ErrCount    ErrorClass = iota + 1 // MPI_ERR_COUNT: a length that is negative or does not fit
	ErrType                           // MPI_ERR_TYPE: a message of another type than asked for, or a value that cannot be encoded
	ErrTag                            // MPI_ERR_TAG
	ErrComm                           // MPI_ERR_COMM: not or no longer a communicator
	ErrRank                           // MPI_ERR_RANK: no such rank in the communicator
	ErrRoot                           // MPI_ERR_ROOT: no such rank to be the root
	ErrOp                             // MPI_ERR_OP: an operator that does not know the type
	ErrDims                           // MPI_ERR_DIMS: dimensions or coordinates of a grid that cannot be
	ErrTruncate                       // MPI_ERR_TRUNCATE: a message larger than the buffer of its receiver
	ErrMismatch                       // ranks make different collective calls, or the same with other arguments
	ErrDeadlock                       // ranks wait for each other and none can go on
	ErrTimeout                        // it took longer than the limit of the run allows
	ErrDied                           // MPI_ERR_PROC_FAILED of MPI 5: the process of a rank ended before its function did
	ErrAborted                        // a rank called Abort
	ErrFailed                         // the function of a rank returned an error that is none of these
	ErrBusy                           // two goroutines of a rank were in calls of its communicators at once
	ErrEngine                         // this program, or this machine, has no such engine
	ErrOther                          // MPI_ERR_OTHER: anything else; the text says what
	lastClass   = ErrOther
)

var classTexts = [...]string{
	ErrCount: "a wrong count", ErrType: "a wrong type", ErrTag: "a wrong tag", ErrComm: "no communicator",
	ErrRank: "no such rank", ErrRoot: "no such root", ErrOp: "a wrong operator", ErrDims: "wrong dimensions",
	ErrTruncate: "message truncated", ErrMismatch: "collective calls do not match", ErrDeadlock: "deadlock",
	ErrTimeout: "timed out", ErrDied: "a rank died", ErrAborted: "aborted", ErrFailed: "a rank failed",
	ErrBusy: "used by two goroutines at once", ErrEngine: "no such engine", ErrOther: "an error of MPI",
}

func (c ErrorClass) Error() string {
	if c.Known() {
		return classTexts[c]
	}
	return fmt.Sprintf("MPI error class %d", int(c))
}

// An Error is what calls and runs return. errors.Is compares it with its class.
type Error struct {
	Class ErrorClass
	Rank  int    // of the world; where it happened, −1 if in no rank in particular
	Code  int    // of Abort
	Text  string // what was tried, on what, and what came of it
}

func (e *Error) Error() string { return e.Text }

// Is reports whether the target is the error's class. A deadlock is [waitfor.ErrDeadlock], too.
func (e *Error) Is(target error) bool {
	return target == error(e.Class) || e.Class == ErrDeadlock && target == waitfor.ErrDeadlock
}

// Known reports whether there is such a class. Ask it of a class that came from elsewhere.
func (c ErrorClass) Known() bool { return c > 0 && c <= lastClass }

// Errorf makes an error that happened in a rank of the world, −1 for none in particular.
func Errorf(class ErrorClass, rank int, format string, args ...any) *Error {
	return &Error{Class: class, Rank: rank, Text: fmt.Sprintf(format, args...)}
}

// Aborted is the error of a run in which a rank called Abort.
func Aborted(rank, code int) *Error {
	return &Error{Class: ErrAborted, Rank: rank, Code: code, Text: fmt.Sprintf("rank %d aborted with code %d", rank, code)}
}

// ClassOf is the class of an error, ErrFailed if it has none.
func ClassOf(err error) ErrorClass {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	var class ErrorClass
	if errors.As(err, &class) && class.Known() {
		return class
	}
	return ErrFailed
}
