//go:build unix

package practice

import (
	"os/exec"
	"syscall"
	"time"

	"cookbook/internal/explore/apart"
)

// A group starts programs, each in a process group of its own, to which what it starts belongs as well.
type group struct {
	start apart.Command
	cmds  []*exec.Cmd
}

func (g *group) command() *exec.Cmd {
	cmd := g.start()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	g.cmds = append(g.cmds, cmd)
	return cmd
}

// end kills what the programs have left behind, and returns how many of them did. What is about to end is given a moment for it.
func (g *group) end() (left int) {
	const look, moment = 10 * time.Millisecond, time.Second
	for _, cmd := range g.cmds {
		if cmd.Process == nil {
			continue
		}
		for waited := time.Duration(0); ; waited += look {
			if syscall.Kill(-cmd.Process.Pid, 0) != nil {
				break
			}
			if waited >= moment {
				syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
				left++
				break
			}
			time.Sleep(look)
		}
	}
	g.cmds = nil
	return left
}
