//go:build !unix

package practice

import (
	"os/exec"

	"cookbook/internal/explore/apart"
)

// A group starts programs. Without process groups what they leave behind is not known.
type group struct{ start apart.Command }

func (g *group) command() *exec.Cmd { return g.start() }

func (g *group) end() (left int) { return 0 }
