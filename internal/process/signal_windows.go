package process

import (
	"fmt"
	"os"
)

// terminate ends a process: here it cannot be asked.
func terminate(p *os.Process) error { return p.Kill() }

// exitCode returns the exit status of a process that has ended. One that was killed has 1, and counts as ended by the signal
// that it would have got elsewhere.
func exitCode(s *os.ProcessState, sent int) int {
	if code := s.ExitCode(); code != 1 || sent == 0 {
		return code
	}
	return -sent
}

// signalName returns the name of a signal.
func signalName(number int) string {
	switch number {
	case sigterm:
		return "SIGTERM"
	case sigkill:
		return "SIGKILL"
	}
	return fmt.Sprintf("signal %d", number)
}
