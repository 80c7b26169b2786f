package cli

import (
	"context"
	"errors"
	"fmt"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	nats "cookbook/internal/distributed/engine"
	"cookbook/internal/machine"
	"cookbook/internal/mpi"
)

// The exit codes. A command that another signal than Ctrl-C ended has 128 and the number of the signal.
const (
	exitOK          = command.ExitOK
	exitFailed      = command.ExitFailed
	exitUsage       = command.ExitUsage
	exitMissing     = command.ExitMissing
	exitTimeout     = command.ExitTimeout
	exitInterrupted = command.ExitInterrupted
)

// Errors that decide the exit code.
type (
	// usageError is a command line that makes no sense.
	usageError struct{ err error }
	// missingError is a recipe whose needs this machine lacks.
	missingError struct {
		recipe string
		need   catalog.Need
		err    error
	}
	// silentError fails the command; all there is to say has been said.
	silentError struct{ error }
)

func (e usageError) Error() string   { return e.err.Error() }
func (e usageError) Unwrap() error   { return e.err }
func (e silentError) Error() string  { return "" }
func (e silentError) Unwrap() error  { return e.error }
func (e missingError) Missing() bool { return true }
func (e missingError) Error() string {
	if e.need == catalog.NATS { // whose errors say themselves what to do
		return fmt.Sprintf("%s: %v", e.recipe, e.err)
	}
	return fmt.Sprintf("%s needs %s: %v; see: cookbook doctor", e.recipe, e.need, e.err)
}

// lacks is the error of something that needs what is not here; if ctx has ended, that is why it was not found.
func lacks(ctx context.Context, what string, need catalog.Need, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return missingError{what, need, err}
}

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func exitCode(err error) int {
	var (
		usage     usageError
		unknown   *catalog.UnknownError
		ambiguous *catalog.AmbiguousError
		notThere  *catalog.PlaceError
		childLate *machine.ChildTimeoutError
		tooOld    *nats.TooOldError
	)
	switch code := command.ExitCode(err); {
	case errors.As(err, &childLate):
		return exitTimeout
	case code != exitUsage && code != exitFailed:
		return code
	case errors.Is(err, mpi.ErrEngine), errors.As(err, &tooOld), errors.Is(err, nats.ErrNoServer),
		errors.Is(err, nats.ErrRefused), errors.Is(err, nats.ErrUntrusted), errors.Is(err, nats.ErrNoJetStream):
		return exitMissing
	case errors.As(err, &usage), errors.As(err, &unknown), errors.As(err, &ambiguous), errors.As(err, &notThere):
		return exitUsage
	default:
		return code
	}
}
