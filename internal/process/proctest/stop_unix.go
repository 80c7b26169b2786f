//go:build unix

package proctest

import (
	"syscall"
	"testing"
)

// Stop makes a process stand still, and returns when it does.
func Stop(t testing.TB, pid int) {
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(pid, &status, syscall.WUNTRACED, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || !status.Stopped() {
			t.Fatalf("process %d does not stand still: %v", pid, err)
		}
		return
	}
}
