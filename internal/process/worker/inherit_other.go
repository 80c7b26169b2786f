//go:build !unix && !windows

package worker

import (
	"os"
	"os/exec"
)

// haveProcesses is whether this system can start processes.
const haveProcesses = false

// bequeath hands files down to a child: here are none.
func bequeath(*exec.Cmd, []*os.File) ([]string, error) { return nil, ErrNoProcesses }

// inherit opens a file that was handed down.
func inherit(number uintptr) *os.File { return os.NewFile(number, "inherited") }

// pollable returns a file that is read without a thread that blocks; here every thread does.
func pollable(f *os.File) *os.File { return f }
