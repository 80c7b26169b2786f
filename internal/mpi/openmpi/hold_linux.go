package openmpi

import (
	"time"

	"golang.org/x/sys/unix"
)

// A hold is on a process of this machine, which need not be a child of this one. It stays with that process, also when
// another one gets its number later.
type hold int

// holdProcess returns a hold on a process, and whether there is one.
func holdProcess(pid int) (hold, bool) {
	fd, err := unix.PidfdOpen(pid, 0)
	return hold(fd), err == nil
}

// ended waits for the process to have ended, until then at the longest, and reports whether it has.
func (h hold) ended(until time.Time) bool {
	for {
		left := max(time.Until(until), 0)
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(h), Events: unix.POLLIN}}, int(left/time.Millisecond)+1)
		if err != unix.EINTR {
			return err == nil && n > 0
		}
	}
}

func (h hold) kill() { unix.PidfdSendSignal(int(h), unix.SIGKILL, nil, 0) }

func (h hold) close() { unix.Close(int(h)) }
