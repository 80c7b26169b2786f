package shm

import (
	"context"
	"math"
	"runtime"
	"sync/atomic"
	"time"

	"cookbook/internal/futex"
	"cookbook/internal/process/failure"
)

// An Event is a flag that processes can wait for: set by one, it lets all go on, until it is cleared.
//
// A Set reaches all processes that wait at that moment, even if Clear follows at once. An event has no holder, so it does
// not matter which process dies.
//
// Python: multiprocessing.Event.
type Event struct {
	object
	s *eventState
}

// An eventState is an event in memory. flag counts the changes: odd is set. So a wait sees that there was a
// change, even if it was undone.
type eventState struct {
	flag     atomic.Uint32
	sleeping atomic.Uint32 // 1: a process may sleep
}

// NewEvent returns a cleared event. The name appears in errors.
func NewEvent(in *Space, name string) (*Event, error) {
	e := new(Event)
	var err error
	if e.s, err = makeObject[eventState](&e.object, in, name, kindEvent, nil); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *Event) title() string { return title(e.name, kindEvent) }

// Set sets the flag and wakes all processes that wait. It never blocks.
//
// Python: event.set().
func (e *Event) Set() { e.change(0) }

// Clear clears the flag. It never blocks.
//
// Python: event.clear().
func (e *Event) Clear() { e.change(1) }

// change changes the flag if it is from.
func (e *Event) change(from uint32) {
	e.raceRelease(0)
	for v := e.s.flag.Load(); v&1 == from; v = e.s.flag.Load() {
		if e.s.flag.CompareAndSwap(v, v+1) {
			wakeAll(&e.s.flag, &e.s.sleeping)
			break
		}
	}
	runtime.KeepAlive(e)
}

// wakeAll wakes all who sleep at a word that has changed, if there are any.
func wakeAll(word, sleeping *atomic.Uint32) {
	if sleeping.Load() != 0 && sleeping.Swap(0) != 0 {
		futex.Wake(word, math.MaxInt32)
	}
}

// IsSet reports whether the flag is set at this moment.
//
// Python: event.is_set().
func (e *Event) IsSet() bool {
	v := e.s.flag.Load()
	e.raceAcquire(0)
	runtime.KeepAlive(e)
	return v&1 == 1
}

// Wait returns at once if the flag is set; otherwise it blocks until the next Set, or until ctx ends; then the error wraps
// its cause.
//
// Python: event.wait().
func (e *Event) Wait(ctx context.Context) error { return e.await(e.wait(ctx, noLimit)) }

// WaitTimeout is Wait, but [failure.ErrTimeout] if there was no Set within d.
//
// Python: event.wait(d), which returns False after a time-out.
func (e *Event) WaitTimeout(ctx context.Context, d time.Duration) error {
	return e.await(e.wait(ctx, max(d, 0)))
}

func (e *Event) await(w wait) error {
	v := e.s.flag.Load()
	if v&1 == 0 {
		if err := w.until(&e.s.flag, v, &e.s.sleeping); err != nil {
			return failure.Of("wait for", e.title(), err)
		}
	}
	e.raceAcquire(0)
	runtime.KeepAlive(e)
	return nil
}

// until waits until the word is no longer val. What changes the word must call wakeAll.
func (w *wait) until(word *atomic.Uint32, val uint32, sleeping *atomic.Uint32) error {
	if err := w.begin(); err != nil {
		return err
	}
	if spin(word, val) {
		return nil
	}
	for {
		sleeping.Store(1)
		err := w.sleep(word, val)
		if word.Load() != val {
			return nil // it wins against a time-out at the same moment
		}
		if err != nil {
			return err
		}
	}
}

// String says the name and the flag.
func (e *Event) String() string {
	if e.IsSet() {
		return e.title() + " (set)"
	}
	return e.title() + " (cleared)"
}

// MarshalBinary says which event of which group it is.
func (e *Event) MarshalBinary() ([]byte, error) { return e.marshal(kindEvent) }

// UnmarshalBinary finds the event that another process of this group has sent; otherwise the error wraps [ErrNotHere].
func (e *Event) UnmarshalBinary(data []byte) error {
	s, err := findObject[eventState](&e.object, data, kindEvent)
	if err == nil {
		e.s = s
	}
	return err
}
