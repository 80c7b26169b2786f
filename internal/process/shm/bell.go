package shm

import (
	"math"
	"sync/atomic"

	"cookbook/internal/futex"
)

// A bell wakes those who wait for a word to change, at no cost as long as nobody does.
type bell struct {
	rung   atomic.Uint32 // waits sleep here
	sleeps atomic.Uint32 // how many times a process was about to sleep
	served atomic.Uint32 // that number when last no process slept any longer
	_      [cacheLine - 12]byte
}

// ring wakes n of the waits that sleep, if there are any.
func (b *bell) ring(n int) {
	if sleeps := b.sleeps.Load(); sleeps != b.served.Load() {
		b.rung.Add(1)
		if futex.Wake(&b.rung, n) == 0 {
			b.served.Store(sleeps)
		}
	}
}

// shake wakes all, and those that are about to sleep.
func (b *bell) shake() {
	b.rung.Add(1)
	futex.Wake(&b.rung, math.MaxInt32)
}

// await waits until the end of a ring is perhaps no longer where it was, or the bell was rung again: rung was read before the
// end, and before whatever else could be a reason not to wait. The first time it looks for a moment before it sleeps.
func await(w *wait, b *bell, rung uint32, end *atomic.Uint64, was uint64, spun *bool) error {
	if err := w.begin(); err != nil {
		return err
	}
	if !*spun {
		*spun = true
		for i := range looks {
			if i > 0 {
				futex.Yield()
			}
			for range looksAtAWord {
				if end.Load() != was {
					return nil
				}
			}
		}
	}
	b.sleeps.Add(1)
	if end.Load() != was {
		return nil
	}
	err := w.sleep(&b.rung, rung)
	if err != nil && end.Load() != was {
		b.ring(1) // the wake may have been meant for this one
	}
	return err
}
