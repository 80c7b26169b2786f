//go:build !unix && !windows

package process

import (
	"fmt"
	"os"

	"cookbook/internal/process/worker"
)

// No process is ever started here, so these are not called.

// terminate asks a process to end.
func terminate(*os.Process) error { return worker.ErrNoProcesses }

// exitCode returns the exit status of a process that has ended.
func exitCode(s *os.ProcessState, _ int) int { return s.ExitCode() }

// signalName returns the name of a signal.
func signalName(number int) string { return fmt.Sprintf("signal %d", number) }
