//go:build !unix

package cli

import (
	"os"
	"syscall"
)

// endSignals are the signals that tell a command to end.
func endSignals() []os.Signal { return []os.Signal{syscall.SIGINT, syscall.SIGTERM} }
