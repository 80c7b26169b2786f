package process

import (
	"fmt"
	"os"
)

// terminate ends a process: there is no asking here.
func terminate(p *os.Process) error { return p.Kill() }

// exitCode returns the exit status of a process that has ended. One that was killed has 1.
func exitCode(s *os.ProcessState) int { return s.ExitCode() }

// signalName returns the name of a signal.
func signalName(number int) string { return fmt.Sprintf("signal %d", number) }
