// Package child runs another program so that it ends together with all that it has started.
package child

import (
	"os/exec"
	"runtime"
	"time"
)

// grace is how long a child that was told to end may take to do so.
const grace = 2 * time.Second

// Run starts a command that exec.CommandContext has made, and returns when it and its pipes are gone, with the error of its Wait. When the
// context ends, the child and (on Unix) all it started are told to end, killed if they have not ended two seconds later, and waited for.
// What a child that failed has left behind is killed, too. On Linux the child is told to end if this process is killed meanwhile.
func Run(cmd *exec.Cmd) error {
	var force *time.Timer
	ownGroup(cmd)
	cmd.Cancel = func() error {
		force = time.AfterFunc(grace, func() { killGroup(cmd.Process) })
		return endGroup(cmd.Process)
	}
	cmd.WaitDelay = grace + time.Second
	runtime.LockOSThread() // the kernel takes the end of the thread for that of the process
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return err
	}
	err := cmd.Wait()
	if force != nil {
		force.Stop()
	}
	if err != nil {
		killGroup(cmd.Process) // what it left behind
	}
	return err
}
