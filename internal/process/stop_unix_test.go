//go:build unix

package process

import (
	"syscall"
	"testing"
)

// stop makes a process stand still.
func stop(t *testing.T, pid int) {
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
}
