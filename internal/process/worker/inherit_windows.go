package worker

import (
	"fmt"
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
	cmd.SysProcAttr = new(syscall.SysProcAttr)
	for i, f := range files {
		handle := syscall.Handle(f.Fd())
		if err := syscall.SetHandleInformation(handle, syscall.HANDLE_FLAG_INHERIT, syscall.HANDLE_FLAG_INHERIT); err != nil {
			return nil, fmt.Errorf("hand a pipe down: %w", err)
		}
		cmd.SysProcAttr.AdditionalInheritedHandles = append(cmd.SysProcAttr.AdditionalInheritedHandles, handle)
		numbers[i] = strconv.FormatUint(uint64(handle), 10)
	}
	return numbers, nil
}

// inherit opens a file that was handed down. What this process starts does not get it in turn: that the last copy of a
// pipe's end is closed has to mean that this process is gone.
func inherit(number uintptr) *os.File {
	syscall.SetHandleInformation(syscall.Handle(number), syscall.HANDLE_FLAG_INHERIT, 0) // fails if there is no such file, and so does reading it
	return os.NewFile(number, "inherited")
}

// pollable returns a file that is read without a thread that blocks; here every thread does.
func pollable(f *os.File) *os.File { return f }
