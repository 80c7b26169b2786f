//go:build !unix

package openmpi

import (
	"os"
	"os/exec"
)

// Elsewhere Open MPI does not run; a process can only be killed there.

func ownGroup(*exec.Cmd) {}

func terminate(p *os.Process) { p.Kill() }

func killGroup(p *os.Process) { p.Kill() }
