//go:build !unix

package main

import (
	"os"
	"os/exec"
	"time"
)

// inGroup has a command interrupted by its Cancel. There are no process groups here.
func inGroup(c *exec.Cmd) { c.Cancel = func() error { return c.Process.Signal(os.Interrupt) } }

func endGroup(*exec.Cmd, time.Duration) {}
