package threading

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"cookbook/internal/waitfor"
)

// A place is a primitive as a report sees it: threads wait there.
type place interface {
	internal() *sync.Mutex
	// describe is called under the mutex. It says what the waiters in ln wait for, and which threads hold that. A nil holder
	// is an unknown goroutine. Without holders, any thread can end the wait.
	describe(ln *line) (what string, holders []*Thread)
}

func (ln *line) what() string {
	mu := ln.at.internal()
	mu.Lock()
	defer mu.Unlock()
	what, _ := ln.at.describe(ln)
	return what
}

// A sighting is what a thread was seen to wait for.
type sighting struct {
	turn    uint64
	bounded bool
	at      place
	what    string
	holders []*Thread
}

// see returns what each thread waits for, at the moment when see looks at its line.
func see(threads []*Thread) map[*Thread]sighting {
	seen := make(map[*Thread]sighting)
	done := make(map[*line]bool)
	for _, t := range threads {
		ln := t.self.line.Load()
		if ln == nil || done[ln] {
			continue
		}
		done[ln] = true
		mu := ln.at.internal()
		mu.Lock()
		what, holders := ln.at.describe(ln)
		for w := ln.first; w != nil; w = w.next {
			if w.thread != nil && w == &w.thread.self {
				seen[w.thread] = sighting{w.turn, w.bounded, ln.at, what, holders}
			}
		}
		mu.Unlock()
		slices.SortFunc(holders, func(a, b *Thread) int { return cmp.Compare(a.serialNumber(), b.serialNumber()) })
	}
	return seen
}

// waits says what each thread of the group waits for, in start order, without stopping any of them. It looks twice. It
// trusts a wait only if the thread did not move in between, and holders only if both looks show the same. So everything it
// returns was true at one moment, the one between the two looks. It costs about half a microsecond a thread.
func (g *group) waits() []waitfor.Wait {
	threads := g.alive()
	before, after := see(threads), see(threads)
	label := labels(g, threads)
	var waits []waitfor.Wait
	for _, t := range threads {
		s, ok := agreed(before, after, t)
		if !ok {
			continue
		}
		w := waitfor.Wait{Who: label(t), For: s.what, Bounded: s.bounded}
		if target, ok := s.at.(*Thread); ok {
			w.For = label(target)
		}
		for _, h := range slices.Compact(s.holders) {
			w.HeldBy = append(w.HeldBy, label(h))
		}
		waits = append(waits, w)
	}
	return waits
}

// agreed returns what both looks say of t; ok is false if t moved. Holders that changed are left out, as if any thread could
// end the wait.
func agreed(before, after map[*Thread]sighting, t *Thread) (s sighting, ok bool) {
	was, ok := before[t]
	is, still := after[t]
	if !ok || !still || is.turn != was.turn {
		return sighting{}, false
	}
	if slices.Equal(is.holders, was.holders) {
		is.holders = slices.Clone(is.holders)
	} else {
		is.holders = nil
	}
	return is, true
}

// labels gives each thread a name that no other one has.
func labels(g *group, threads []*Thread) func(*Thread) string {
	count := make(map[string]int, len(threads))
	for _, t := range threads {
		count[t.Name()]++
	}
	return func(t *Thread) string {
		switch {
		case t == nil:
			return "a goroutine without a thread"
		case t.group != g:
			return t.Name() + " of another group"
		case !t.IsAlive():
			return t.Name() + " (ended)"
		case count[t.Name()] > 1:
			return fmt.Sprintf("%s (thread %d)", t.Name(), t.serial)
		}
		return t.Name()
	}
}

// AwaitDeadlock blocks until threads of ctx's group wait for each other in a cycle that nothing can end, or until ctx ends;
// then the error wraps its cause. It does not poll: the wait that closes the cycle wakes it. While a thread is in
// AwaitDeadlock, every wait that begins in the group costs a look at all its threads. At other times it costs an atomic
// load.
//
// A thread holds what it has acquired. A wait with a time-out, by a …Timeout method or by a deadline of its own context, is
// not part of a deadlock. Nor is a wait that any thread could end: for an Event, a Condition, a Barrier, a Queue, or a
// Semaphore that was once released by a thread that did not hold it. A Join waits for the thread that it joins.
func AwaitDeadlock(ctx context.Context) (*waitfor.DeadlockError, error) {
	t := Current(ctx)
	if t == nil {
		return nil, failed("await", "a deadlock", ErrNoThread)
	}
	wake, stop := t.group.watch()
	defer stop()
	for {
		if cycle := waitfor.Cycle(t.group.waits()); cycle != nil {
			return &waitfor.DeadlockError{Cycle: cycle}, nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return nil, failed("await", "a deadlock", context.Cause(ctx))
		}
	}
}
