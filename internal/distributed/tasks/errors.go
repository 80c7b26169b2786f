package tasks

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrOption is an option that makes no sense.
var ErrOption = errors.New("not a call that can be made")

// Why a call has no result. What [AsyncResult.Get] returns is a [*TaskError] that wraps one of these, or none if the function
// has returned an error.
var (
	ErrExpired   = errors.New("it expired before a worker began it")
	ErrRevoked   = errors.New("it was revoked")
	ErrSoftLimit = errors.New("the soft time limit is over")
	ErrHardLimit = errors.New("the hard time limit is over")
	ErrUnknown   = errors.New("the worker does not know this task; register it in the program of the worker, too")
	ErrMalformed = errors.New("the worker cannot read it")
	ErrLost      = errors.New("its workers died or stopped each time that it was begun")
)

// ErrIgnored is asking for a result that is not kept.
var ErrIgnored = errors.New("the result is not kept, because of WithIgnoreResult")

// ErrStopped is the cause with which the context of a function ends when its worker stops and does not wait any longer.
var ErrStopped = errors.New("the worker stops")

// kinds are the names that these errors have in a record.
func kinds() map[string]error {
	return map[string]error{"expired": ErrExpired, "revoked": ErrRevoked, "soft-limit": ErrSoftLimit, "hard-limit": ErrHardLimit,
		"unknown": ErrUnknown, "malformed": ErrMalformed, "lost": ErrLost}
}

func kindOf(err error) string {
	for kind, target := range kinds() {
		if errors.Is(err, target) {
			return kind
		}
	}
	return ""
}

// A TaskError is a call that has no result. Its text is the first line of the error that the function returned in the worker;
// the record has all of it, with the stack if the function has panicked.
type TaskError struct {
	ID     string
	Record Record
}

func (e *TaskError) Error() string {
	return fmt.Sprintf("%s [%s]: %s", e.Record.Task, e.ID, firstLine(e.Record.Error))
}

// firstLine is a text without the stack of a panic.
func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// Unwrap returns why, for errors.Is; nil if the function has returned an error of its own.
func (e *TaskError) Unwrap() error { return kinds()[e.Record.Kind] }

// malformedError is a message that cannot be read.
type malformedError struct{ err error }

func (e *malformedError) Error() string        { return e.err.Error() }
func (e *malformedError) Is(target error) bool { return target == ErrMalformed }

type permanentError struct{ error }

func (e *permanentError) Unwrap() error { return e.error }

// Permanent marks an error of a function as one that another try will not mend: the call has failed, whatever retries are
// left.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type retryError struct {
	error
	after time.Duration
}

func (e *retryError) Unwrap() error { return e.error }

// RetryIn marks an error of a function as one after which the call is tried again after that time, instead of the back-off, if
// retries are left. Celery: self.retry(countdown=…).
func RetryIn(after time.Duration, err error) error {
	if err == nil {
		return nil
	}
	return &retryError{err, max(after, 0)}
}
