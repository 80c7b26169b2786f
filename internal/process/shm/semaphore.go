package shm

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"runtime/trace"
	"time"

	"cookbook/internal/process/failure"
)

// A Semaphore is a counter that cannot fall below zero: Acquire takes one and waits while there is none, Release puts one
// back.
//
// What a process has acquired comes back when the process ends, however it ends. But a semaphore can be a signal as well:
// one process waits for what another reports. What was waited for then has no owner. So a semaphore that was
// ever released by a process that held none of it does not give back anything from then on. Nor does one of which a process
// held more than 2 million at a time.
//
// Like a [Lock] it is not strictly first come, first served, but a process that has waited for 2 ms is next. Acquire and
// Release cost what two compare-and-swaps do as long as one process after the other uses it for a while; a change of process
// costs three more.
//
// Python: multiprocessing.Semaphore.
type Semaphore struct {
	object
	s *semaphoreState
}

// NewSemaphore returns a semaphore of value n, which may be 0; a negative one is [failure.ErrNegative]. The name appears in
// errors.
//
// Python: multiprocessing.Semaphore(n).
func NewSemaphore(in *Space, name string, n int) (*Semaphore, error) {
	return newSemaphore(in, name, n, 0)
}

// NewBoundedSemaphore returns a semaphore whose value cannot rise above n: the Release that would raise it is
// [ErrTooManyReleases].
//
// Python: multiprocessing.BoundedSemaphore(n).
func NewBoundedSemaphore(in *Space, name string, n int) (*Semaphore, error) {
	return newSemaphore(in, name, n, 1)
}

func newSemaphore(in *Space, name string, n int, bounded uint32) (*Semaphore, error) {
	if n < 0 || n > math.MaxInt32 {
		err := failure.ErrNegative
		if n > 0 {
			err = ErrNoRoom
		}
		return nil, failure.Of("make", title(name, kindSemaphore), fmt.Errorf("initial value %d: %w", n, err))
	}
	x := new(Semaphore)
	var err error
	x.s, err = makeObject(&x.object, in, name, kindSemaphore, func(s *semaphoreState) {
		s.initial, s.bounded = uint32(n), bounded
		s.word.Store(uint64(n))
	})
	if err != nil {
		return nil, err
	}
	return x, nil
}

func (x *Semaphore) title() string { return title(x.name, kindSemaphore) }

// Acquire takes one, and blocks while there is none, or until ctx ends; then the error wraps its cause and none was taken.
// If there is one it is taken without a look at whether ctx has ended.
//
// Python: semaphore.acquire().
func (x *Semaphore) Acquire(ctx context.Context) error {
	if x.s.take(x.me) {
		x.raceAcquire(0)
		if trace.IsEnabled() {
			x.took()
		}
		runtime.KeepAlive(x)
		return nil
	}
	return x.acquire(x.wait(ctx, noLimit))
}

// AcquireTimeout is Acquire, but [failure.ErrTimeout] if there is none within d. It tries before it waits, so d ≤ 0 is a try.
//
// Python: semaphore.acquire(timeout=d).
func (x *Semaphore) AcquireTimeout(ctx context.Context, d time.Duration) error {
	return x.acquire(x.wait(ctx, max(d, 0)))
}

func (x *Semaphore) acquire(w wait) error {
	err := x.s.acquire(x.me, &w)
	x.raceAcquire(0)
	runtime.KeepAlive(x)
	if err == nil && trace.IsEnabled() {
		x.took()
	}
	if err != nil {
		return failure.Of("acquire", x.title(), err)
	}
	return nil
}

// TryAcquire takes one if there is one, that nobody waits for, and reports whether it did.
//
// Python: semaphore.acquire(block=False).
func (x *Semaphore) TryAcquire() bool {
	if x.Value() == 0 {
		return false
	}
	return x.acquire(x.tryWait()) == nil
}

// tryWait is the wait of what does not wait: it has a moment to get past the guard.
func (o *object) tryWait() wait { return wait{a: o.space.arena, group: o.space.ctx, d: noLimit} }

// Release puts one back. Any process may call it, whether it has acquired or not. It is [ErrTooManyReleases] if the
// semaphore is bounded and has its initial value.
//
// Python: semaphore.release().
func (x *Semaphore) Release() error { return x.ReleaseN(1) }

// ReleaseN puts n back, or none of them if that is an error.
func (x *Semaphore) ReleaseN(n int) error {
	x.raceRelease(0)
	if trace.IsEnabled() && x.hasRoom(n) {
		for range min(n, 64) {
			x.gives()
		}
	}
	if x.s.give(x.me, n) {
		runtime.KeepAlive(x)
		return nil
	}
	w := x.tryWait()
	err := x.s.release(x.me, n, &w)
	runtime.KeepAlive(x)
	if err != nil {
		return failure.Of("release", x.title(), err)
	}
	return nil
}

// hasRoom reports whether n can be put back at this moment.
func (x *Semaphore) hasRoom(n int) bool {
	return n > 0 && (x.s.bounded == 0 || x.Value()+n <= int(x.s.initial))
}

// Value returns how often Acquire would not block at this moment.
func (x *Semaphore) Value() int {
	n := x.s.word.Load() & semaphoreValue
	runtime.KeepAlive(x)
	return int(n)
}

// String says the name and the value.
func (x *Semaphore) String() string { return fmt.Sprintf("%s (value %d)", x.title(), x.Value()) }

// MarshalBinary says which semaphore of which group it is.
func (x *Semaphore) MarshalBinary() ([]byte, error) { return x.marshal(kindSemaphore) }

// UnmarshalBinary finds the semaphore that another process of this group has sent; otherwise the error wraps [ErrNotHere].
func (x *Semaphore) UnmarshalBinary(data []byte) error {
	s, err := findObject[semaphoreState](&x.object, data, kindSemaphore)
	if err == nil {
		x.s = s
	}
	return err
}
