//go:build !linux

package cpu

import "runtime"

// name returns the processor's kind; its name is not easily known here.
func name() string { return runtime.GOARCH + " processor" }

// memoryBytes is not known here.
func memoryBytes() int64 { return 0 }
