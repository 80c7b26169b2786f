//go:build !linux

package futex

import (
	"runtime"
	"sync/atomic"
	"time"
)

// Without shared memory there is nothing to wait at, so none of these is called.

var began = time.Now()

// Wait sleeps for d.
func Wait(_ *atomic.Uint32, _ uint32, d time.Duration) (timedOut bool) {
	time.Sleep(d)
	return true
}

// Wake wakes nobody.
func Wake(*atomic.Uint32, int) int { return 0 }

// Yield lets another goroutine run.
func Yield() { runtime.Gosched() }

// Monotonic is a clock in ns, of this process alone.
func Monotonic() uint64 { return uint64(time.Since(began)) }
