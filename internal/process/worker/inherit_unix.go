//go:build unix

package worker

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// haveProcesses is whether this system can start processes.
const haveProcesses = true

// bequeath hands files down to a child, and returns the numbers under which it finds them.
func bequeath(cmd *exec.Cmd, files []*os.File) ([]string, error) {
	numbers := make([]string, len(files))
	for i := range files {
		numbers[i] = strconv.Itoa(3 + i) // behind the three standard streams
	}
	cmd.ExtraFiles = files
	return numbers, nil
}

// inherit opens a file that was handed down. What this process starts does not get it in turn: that the last copy of a
// pipe's end is closed has to mean that this process is gone.
func inherit(number uintptr) *os.File {
	syscall.CloseOnExec(int(number))
	return os.NewFile(number, "inherited")
}

// pollable returns a file that is read without a thread that blocks. Both share one descriptor, which f must not close meanwhile.
func pollable(f *os.File) *os.File {
	fd := f.Fd()
	if syscall.SetNonblock(int(fd), true) != nil {
		return f
	}
	return os.NewFile(fd, f.Name())
}
