// Package futex lets threads of different processes wait for a word of memory that they share: futex(2). Linux only.
package futex

import (
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The operations, in the form that works between processes.
const (
	opWait = 0
	opWake = 1
)

// Wait sleeps while the word is val, until it is woken or d has passed. A signal makes it begin again. What it returns is no more
// than a hint: timedOut says that d has passed.
func Wait(word *atomic.Uint32, val uint32, d time.Duration) (timedOut bool) {
	t := unix.NsecToTimespec(int64(d))
	// Not raw: other goroutines need the processor meanwhile.
	errno := syscall.EINTR
	for errno == syscall.EINTR {
		_, _, errno = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), opWait, uintptr(val), uintptr(unsafe.Pointer(&t)), 0, 0)
	}
	return errno == syscall.ETIMEDOUT
}

// Wake wakes up to n of those who sleep at the word, in whichever process, and returns how many there were.
func Wake(word *atomic.Uint32, n int) int {
	// Raw: it does not block, and telling the scheduler would cost more than the call.
	woken, _, _ := unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), opWake, uintptr(n), 0, 0, 0)
	return int(woken)
}

// Yield lets another thread of the machine run.
func Yield() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }

// Monotonic is a clock in ns that all processes of the machine see alike.
func Monotonic() uint64 {
	var t unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
	return uint64(t.Nano())
}
