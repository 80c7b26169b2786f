package explore

import (
	"bytes"
	"runtime"
	"runtime/metrics"
	"time"
)

// A quietness tells when no other goroutine of this process can run.
type quietness struct {
	samples []metrics.Sample
	outside uint64 // goroutines that are in system calls all the time
	others  *others
	sleep   int // goroutines that sleep or wait for the network all the time
}

// newQuietness looks at what goes on now. clock: a run may wait for the clock.
func newQuietness(clock bool) *quietness {
	q := &quietness{others: newOthers(), samples: []metrics.Sample{{Name: "/sched/goroutines/runnable:goroutines"}, {Name: "/sched/goroutines/not-in-go:goroutines"}}}
	for range 100 {
		runtime.Gosched()
	}
	metrics.Read(q.samples)
	q.outside = q.samples[1].Value.Uint64()
	if clock {
		q.sleep = sleepers()
	}
	return q
}

// wait gives way until nothing else can run. It reports false if that has not come after the time, which is far longer than any
// recipe computes between two calls.
func (q *quietness) wait(most time.Duration) bool {
	var start time.Time
	for n := 1; ; n++ {
		runtime.Gosched()
		metrics.Read(q.samples)
		if q.samples[0].Value.Uint64() == 0 && (q.inside() && !q.others.met || q.settled()) {
			return true
		}
		switch {
		case n%1024 != 0:
		case start.IsZero():
			start = time.Now()
		case time.Since(start) > most:
			return false
		}
	}
}

// inside reports whether no new goroutine was in a system call when the samples were taken.
func (q *quietness) inside() bool { return q.samples[1].Value.Uint64() <= q.outside }

// settled is the rest of wait where there may be other processes, for which goroutines wait outside and in pipes.
func (q *quietness) settled() bool {
	if !q.others.still() {
		return false
	}
	metrics.Read(q.samples)
	return q.samples[0].Value.Uint64() == 0 && (q.others.some || q.inside())
}

// sleepers counts the goroutines that sleep or wait for the network. A select may do either, and does not show.
func sleepers() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return bytes.Count(stacks, []byte(" [sleep")) + bytes.Count(stacks, []byte(" [IO wait"))
}
