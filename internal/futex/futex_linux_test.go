package futex

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestWaitReturnsWhenTheWordIsAnotherOrTimeIsOver(t *testing.T) {
	var word atomic.Uint32
	if timedOut := Wait(&word, 1, time.Hour); timedOut {
		t.Error("the word is not what was waited at, and that took an hour")
	}
	if timedOut := Wait(&word, 0, time.Millisecond); !timedOut {
		t.Error("nobody woke it, and no time-out is reported")
	}
}

func TestWakeWakesWhoSleeps(t *testing.T) {
	var word atomic.Uint32
	if n := Wake(&word, 1); n != 0 {
		t.Errorf("%d were woken where nobody sleeps", n)
	}
	const sleepers = 3
	var all sync.WaitGroup
	for range sleepers {
		all.Go(func() {
			if Wait(&word, 0, time.Hour) {
				t.Error("slept for an hour")
			}
		})
	}
	for woken := 0; woken < sleepers; Yield() { // the word remains as it is, so each has to be woken
		woken += Wake(&word, 1)
	}
	all.Wait()
}

func TestMonotonicDoesNotGoBack(t *testing.T) {
	for last := Monotonic(); ; {
		now := Monotonic()
		if now < last {
			t.Fatalf("%d after %d", now, last)
		}
		if now > last {
			return
		}
	}
}
