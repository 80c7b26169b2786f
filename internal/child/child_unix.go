//go:build unix

package child

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup makes the child the first of a process group, which those it starts belong to as well. Ctrl-C at the terminal
// does not reach that group: this process passes it on. Where the system can do so, it tells the child to end when this
// process is gone.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(cmd.SysProcAttr)
}

// endGroup asks the group to end.
func endGroup(p *os.Process) error { return signalGroup(p, syscall.SIGTERM) }

// killGroup ends the group.
func killGroup(p *os.Process) { signalGroup(p, syscall.SIGKILL) }

func signalGroup(p *os.Process, s syscall.Signal) error {
	if err := syscall.Kill(-p.Pid, s); err == syscall.ESRCH {
		return os.ErrProcessDone
	} else if err != nil {
		return os.NewSyscallError("kill", err)
	}
	return nil
}
