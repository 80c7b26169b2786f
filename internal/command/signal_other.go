//go:build !unix

package command

import (
	"os"
	"syscall"
)

// endSignals are the signals that tell a command to end.
func endSignals() []os.Signal { return []os.Signal{syscall.SIGINT, syscall.SIGTERM} }

// brokenPipe is the signal of a write to a pipe that nobody reads, which comes on no such system; its number gives the exit code.
const brokenPipe = syscall.Signal(13)
