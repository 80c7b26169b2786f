//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// inGroup has a command run in a process group of its own, so that what it starts, such as mpirun, ends with it. The command's
// Cancel interrupts all of the group: benchmarks end, and Python ends its workers.
func inGroup(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error {
		if syscall.Kill(-c.Process.Pid, syscall.SIGINT) != nil {
			return os.ErrProcessDone
		}
		return nil
	}
}

// endGroup waits until nothing of a command's group is left, and kills what has not ended within a time.
func endGroup(c *exec.Cmd, within time.Duration) {
	if c.Process == nil {
		return
	}
	const step = 10 * time.Millisecond
	for ; syscall.Kill(-c.Process.Pid, 0) == nil; within -= step {
		if within <= 0 {
			_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
			return
		}
		time.Sleep(step)
	}
}
