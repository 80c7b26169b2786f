//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// inGroup has a command run in a process group of its own, which ends with it: a recipe may start processes.
func inGroup(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
}
