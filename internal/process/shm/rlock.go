package shm

import (
	"context"
	"fmt"
	"runtime"
	"runtime/trace"
	"sync/atomic"
	"time"

	"cookbook/internal/process/failure"
)

// An RLock is a lock that its holder may acquire again, and has to release as many times. The holder is a process, because
// goroutines have no identity: all goroutines of a process share it. To keep those apart take a sync.Mutex as well. In all
// other ways it is like a [Lock].
//
// Python: multiprocessing.RLock, whose holder is a thread of a process.
type RLock struct {
	object
	s *rlockState
}

// An rlockState is a re-entrant lock in memory. depth is 0 while the lock changes hands; then it is not re-entered.
type rlockState struct {
	m     mutex
	depth atomic.Uint32
}

// NewRLock returns a free re-entrant lock. The name appears in errors.
func NewRLock(in *Space, name string) (*RLock, error) {
	l := new(RLock)
	var err error
	if l.s, err = makeObject[rlockState](&l.object, in, name, kindRLock, nil); err != nil {
		return nil, err
	}
	l.learnName()
	return l, nil
}

func (l *RLock) title() string { return title(l.name, kindRLock) }

// Acquire returns at once if this process holds the lock. Otherwise it blocks as [Lock.Acquire] does, with the same
// errors.
//
// Python: rlock.acquire().
func (l *RLock) Acquire(ctx context.Context) error {
	if l.TryAcquire() {
		return nil
	}
	return l.acquire(l.wait(ctx, noLimit))
}

// AcquireTimeout is Acquire, but [failure.ErrTimeout] if the lock is not to be had within d.
//
// Python: rlock.acquire(timeout=d).
func (l *RLock) AcquireTimeout(ctx context.Context, d time.Duration) error {
	return l.acquire(l.wait(ctx, max(d, 0)))
}

func (l *RLock) acquire(w wait) error {
	if l.TryAcquire() {
		return nil
	}
	w.lock = l.at
	died, err := l.regain(&w, 1)
	w.noteEnd()
	runtime.KeepAlive(l)
	if died {
		err = failure.ErrOwnerDied
	}
	if err != nil {
		return failure.Of("acquire", l.title(), err)
	}
	return nil
}

// TryAcquire takes the lock if it is free or this process's, and reports whether it did. It never blocks.
//
// Python: rlock.acquire(block=False).
func (l *RLock) TryAcquire() bool {
	got := l.s.try(l.me)
	l.raceAcquire(0)
	if got && trace.IsEnabled() {
		l.took()
	}
	runtime.KeepAlive(l)
	return got
}

func (s *rlockState) try(me uint32) bool {
	if s.m.word.Load()&owners == me {
		for d := s.depth.Load(); d > 0; d = s.depth.Load() {
			if s.depth.CompareAndSwap(d, d+1) {
				return true
			}
		}
	}
	if !s.m.try(me) {
		return false
	}
	s.depth.Store(1)
	return true
}

// Release undoes one Acquire. It is [failure.ErrNotLocked] if the lock is free and [failure.ErrNotOwner] if another process
// holds it, or has held it and died.
//
// Python: rlock.release().
func (l *RLock) Release() error {
	defer runtime.KeepAlive(l)
	l.raceRelease(0)
	if !l.mine() {
		err := failure.ErrNotOwner
		if !l.Locked() {
			err = failure.ErrNotLocked
		}
		return failure.Of("release", l.title(), err)
	}
	if trace.IsEnabled() && l.s.depth.Load() > 0 {
		l.gives()
	}
	for d := l.s.depth.Load(); d > 0; d = l.s.depth.Load() {
		if l.s.depth.CompareAndSwap(d, d-1) {
			if d == 1 {
				l.s.m.done(l.me)
			}
			return nil
		}
	}
	return failure.Of("release", l.title(), failure.ErrNotLocked)
}

func (l *RLock) mine() bool { return l.s.m.word.Load()&owners == l.me }

func (l *RLock) drop() (depth uint32) {
	l.raceRelease(0)
	depth = l.s.depth.Swap(0)
	if trace.IsEnabled() {
		for range depth {
			l.gives()
		}
	}
	l.s.m.done(l.me)
	return depth
}

func (l *RLock) regain(w *wait, depth uint32) (died bool, err error) {
	died, err = l.s.m.lock(l.me, w)
	if err == nil {
		l.s.depth.Store(depth)
		if trace.IsEnabled() {
			for range depth {
				l.took()
			}
		}
	}
	l.raceAcquire(0)
	return died, err
}

// Locked reports whether the lock is held at this moment.
func (l *RLock) Locked() bool {
	owner := l.s.m.word.Load() & owners
	runtime.KeepAlive(l)
	return owner != 0 && owner != promised
}

// Depth returns how many times this process has acquired the lock and not released it.
func (l *RLock) Depth() int {
	defer runtime.KeepAlive(l)
	if !l.mine() {
		return 0
	}
	return int(l.s.depth.Load())
}

// String says the name and whether the lock is held.
func (l *RLock) String() string {
	switch d := l.Depth(); {
	case d > 0:
		return fmt.Sprintf("%s (held here, %d deep)", l.title(), d)
	case l.Locked():
		return l.title() + " (held)"
	}
	return l.title() + " (free)"
}

// MarshalBinary says which lock of which group it is.
func (l *RLock) MarshalBinary() ([]byte, error) { return l.marshal(kindRLock) }

// UnmarshalBinary finds the lock that another process of this group has sent; otherwise the error wraps [ErrNotHere].
func (l *RLock) UnmarshalBinary(data []byte) error {
	s, err := findObject[rlockState](&l.object, data, kindRLock)
	if err == nil {
		l.s = s
		l.learnName()
	}
	return err
}
