//go:build !unix

package child

import (
	"os"
	"os/exec"
)

// Without process groups only the child itself can be reached.

func ownGroup(*exec.Cmd) {}

func endGroup(p *os.Process) error { return p.Kill() }

func killGroup(p *os.Process) { p.Kill() }
