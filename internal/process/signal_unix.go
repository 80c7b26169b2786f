//go:build unix

package process

import (
	"fmt"
	"os"
	"syscall"
)

// terminate asks a process to end.
func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// exitCode returns the exit status of a process that has ended, or less than 0, the number of the signal that ended it.
func exitCode(s *os.ProcessState, _ int) int {
	if status, ok := s.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return -int(status.Signal())
	}
	return s.ExitCode()
}

// signalName returns the name of a signal.
func signalName(number int) string {
	switch s := syscall.Signal(number); s {
	case syscall.SIGTERM:
		return "SIGTERM"
	case syscall.SIGKILL:
		return "SIGKILL"
	case syscall.SIGSEGV:
		return "SIGSEGV"
	case syscall.SIGABRT:
		return "SIGABRT"
	case syscall.SIGHUP:
		return "SIGHUP"
	case syscall.SIGINT:
		return "SIGINT"
	case syscall.SIGQUIT:
		return "SIGQUIT"
	}
	return fmt.Sprintf("signal %d", number)
}
