package command

import (
	"errors"

	"cookbook/internal/catalog"
)

// The exit codes. A command that another signal than Ctrl-C ended has 128 and the number of the signal.
const (
	ExitOK          = 0
	ExitFailed      = 1   // the recipe failed, a promise broke, nothing was found, or the output could not be written
	ExitUsage       = 2   // what was typed makes no sense
	ExitMissing     = 3   // what it needs is not here
	ExitTimeout     = 124 // --timeout ran out
	ExitInterrupted = 130 // Ctrl-C
)

// ExitCode is the exit code of a command that ended with err: because it was told to, or because this machine lacks something, which is
// what an error says that has a method Missing that returns true, or because of what was typed. All other errors are ExitFailed.
func ExitCode(err error) int {
	var (
		timeout     *TimeoutError
		interrupted InterruptedError
		missing     interface{ Missing() bool }
		usage       *catalog.UsageError
	)
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &timeout):
		return ExitTimeout
	case errors.As(err, &interrupted):
		return interrupted.Code()
	case errors.As(err, &missing) && missing.Missing():
		return ExitMissing
	case errors.As(err, &usage):
		return ExitUsage
	}
	return ExitFailed
}
