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
	// open reports whether other threads than the holders may end the wait, too. It is called under the mutex.
	open() bool
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
	open    bool
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
		open := ln.at.open()
		for w := ln.first; w != nil; w = w.next {
			if w.thread != nil && w == &w.thread.self {
				seen[w.thread] = sighting{w.turn, w.bounded, ln.at, what, holders, open}
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
	waits, _ := g.look(threads, labels(g, threads))
	return waits
}

// look is waits of these threads. Open says of each wait whether other threads than the holders may end it.
func (g *group) look(threads []*Thread, label func(*Thread) string) (waits []waitfor.Wait, open []bool) {
	before, after := see(threads), see(threads)
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
		waits, open = append(waits, w), append(open, s.open)
	}
	return waits, open
}

// deadlock returns waits of the group that nothing can end, each for something held by the next; nil if there are none. A
// wait that any thread may end, as one for a Lock, is one of them only if all threads are stuck, or in AwaitDeadlock.
func (g *group) deadlock() []waitfor.Wait {
	const others = "any other thread"
	watching, threads := g.inAwaitDeadlock(), g.alive()
	label := labels(g, threads)
	waits, open := g.look(threads, label)
	still := g.inAwaitDeadlock()
	strict := slices.Clone(waits)
	for i, w := range waits {
		if open[i] && len(w.HeldBy) > 0 {
			strict[i].HeldBy = append(slices.Clone(w.HeldBy), others)
		}
	}
	all := waitfor.Wait{Who: others, For: others}
	if g.fresh.Load() > 0 {
		all.HeldBy = append(all.HeldBy, "a thread that is yet to start")
	}
	for _, t := range g.alive() {
		switch {
		case len(threads) == 0 || t.serial > threads[len(threads)-1].serial:
			return nil // it was started meanwhile, and announces its waits
		case !slices.Contains(watching, t) || !slices.Contains(still, t):
			all.HeldBy = append(all.HeldBy, label(t))
		}
	}
	cycle := waitfor.Cycle(append(strict, all))
	for i, c := range cycle {
		at := slices.IndexFunc(waits, func(w waitfor.Wait) bool { return w.Who == c.Who })
		cycle[i] = waits[at]
	}
	return cycle
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
// then the error wraps its cause. It does not poll: the wait that closes the cycle wakes it, or the end of a thread. While a
// thread is in AwaitDeadlock, every wait that begins in the group costs a look at all its threads. At other times it costs an
// atomic load.
//
// A thread holds what it has acquired. Only the holder can release an RLock, and a Join waits for the thread that it joins. So
// a cycle of these is reported at once. A Lock and a Semaphore can be released by any thread. So a cycle with one of them is
// reported only when no thread of the group is left that could do it: each was started, and waits for ever or is in
// AwaitDeadlock. A thread that runs, sleeps or waits with a time-out could. Goroutines without a thread, and other groups, are
// not seen: do not have them release what a thread of this group holds.
//
// A wait with a time-out, by a …Timeout method or by a deadline of its own context, is not part of a deadlock. Nor is a wait
// for an Event, a Condition, a Barrier, a Queue, or a Semaphore that was once released by a thread that did not hold it: for
// these nobody knows which thread is to end the wait.
func AwaitDeadlock(ctx context.Context) (*waitfor.DeadlockError, error) {
	t := Current(ctx)
	if t == nil {
		return nil, failed("await", "a deadlock", ErrNoThread)
	}
	wake, stop := t.group.watch(t)
	defer stop()
	for {
		if cycle := t.group.deadlock(); cycle != nil {
			return &waitfor.DeadlockError{Cycle: cycle}, nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return nil, failed("await", "a deadlock", context.Cause(ctx))
		}
	}
}
