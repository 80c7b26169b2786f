//go:build unix

package command

import (
	"os"
	"os/signal"
	"syscall"
)

// endSignals are the signals that tell a command to end. SIGHUP is left alone where it is ignored, which is how nohup works.
func endSignals() []os.Signal {
	signals := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// brokenPipe is the signal of a write to a pipe that nobody reads.
const brokenPipe = syscall.SIGPIPE
