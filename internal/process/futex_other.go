//go:build !linux

package process

import (
	"runtime"
	"sync/atomic"
	"time"
)

// Without an arena there is nothing to wait at, so none of these is called.

func futexWait(_ *atomic.Uint32, _ uint32, d time.Duration) (timedOut bool) {
	time.Sleep(d)
	return true
}

func futexWake(*atomic.Uint32, int) int { return 0 }

func yield() { runtime.Gosched() }

func monotonic() uint64 { return 0 }

// gone reports whether a process has ended.
func gone(pid int, start uint64) bool { return false }

func startTime(pid int) uint64 { return 0 }
