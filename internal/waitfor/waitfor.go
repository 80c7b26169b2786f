// Package waitfor says who waits for what, and whether that can ever end.
//
// A [Wait] is one party — a thread, a process, a rank, a task — that waits
// for one thing held by others. Parties that wait only for each other are
// deadlocked: [Cycle] finds them, [Report] says it in sentences and
// [DeadlockError] carries it as an error. A [Board] in the context collects
// the waits of everything that runs below it, so that a program about to be
// stopped by a time-out can say what it was waiting for.
//
//	ctx, board := waitfor.NewContext(ctx)
//	…
//	for _, line := range waitfor.Report(board.Waits()) {
//		fmt.Fprintln(os.Stderr, line)
//	}
package waitfor

import (
	"errors"
	"slices"
	"strings"
)

// A Wait is one party that waits. A party is known by its name: two
// different parties must not share one.
type Wait struct {
	Who string // the party
	For string // what it waits for: a lock, a message, or another party

	// HeldBy are the parties of which any one can end the wait. If it is empty, any party can. To wait for a party to end,
	// set For and HeldBy to its name.
	HeldBy []string

	// Bounded: the wait has a time-out of its own, so it ends whatever the
	// others do.
	Bounded bool
}

// String is one line: "Thread-A waits for lock 2, held by Thread-B".
func (w Wait) String() string {
	s := w.Who + " waits for " + w.For
	if !w.forParty() && len(w.HeldBy) > 0 {
		s += ", held by " + w.holders()
	}
	if w.Bounded {
		s += " (with a time-out)"
	}
	return s
}

// forParty reports whether what is waited for is a party, not a thing it holds.
func (w Wait) forParty() bool { return len(w.HeldBy) == 1 && w.HeldBy[0] == w.For }

func (w Wait) holders() string {
	if len(w.HeldBy) == 1 && w.HeldBy[0] == w.Who {
		return "itself"
	}
	return list(w.HeldBy)
}

// Cycle returns waits that can never end because each is for something held
// by the next, the last for something held by the first; nil if there are
// none. It starts with the wait that stands first in waits.
//
// A wait is alive, that is, it can end, if it is bounded, if HeldBy is empty, or if one of the holders is alive. A holder
// that waits for nothing is alive. So a wait for a semaphore is dead only if all its holders are. The cost is O(waits² ·
// holders) at worst.
func Cycle(waits []Wait) []Wait {
	dead := stuck(waits)
	first := slices.Index(dead, true)
	if first < 0 {
		return nil
	}
	// Each dead wait leads to a dead holder. So the path from holder to holder, begun at any of them, leads into the cycle.
	next := func(i int) int {
		return slices.IndexFunc(waits, func(w Wait) bool { return w.Who == waits[i].HeldBy[0] })
	}
	var path []int
	for at := first; ; at = next(at) {
		if start := slices.Index(path, at); start >= 0 {
			path = path[start:]
			break
		}
		path = append(path, at)
	}
	start := slices.Index(path, slices.Min(path))
	cycle := make([]Wait, 0, len(path))
	for i := range path {
		cycle = append(cycle, waits[path[(start+i)%len(path)]])
	}
	return cycle
}

// stuck says of each wait whether it can never end. It strikes out waits that are alive until it finds no more of them.
func stuck(waits []Wait) []bool {
	dead := make([]bool, len(waits))
	byName := make(map[string][]int, len(waits))
	for i, w := range waits {
		dead[i] = !w.Bounded && len(w.HeldBy) > 0
		byName[w.Who] = append(byName[w.Who], i)
	}
	alive := func(name string) bool {
		own := byName[name]
		return len(own) == 0 || slices.ContainsFunc(own, func(i int) bool { return !dead[i] })
	}
	for changed := true; changed; {
		changed = false
		for i, w := range waits {
			if dead[i] && slices.ContainsFunc(w.HeldBy, alive) {
				dead[i] = false
				changed = true
			}
		}
	}
	return dead
}

// Report is for people, a line each: first the deadlock, if there is one, in the order of the cycle — "Thread-A holds lock
// 1, waits for lock 2 (held by Thread-B)" — then the other waits. What a party holds is known only if another party waits
// for it.
func Report(waits []Wait) []string {
	cycle := Cycle(waits)
	var lines []string
	for _, w := range cycle {
		line := w.Who + holds(waits, w.Who) + " waits for " + w.For
		if !w.forParty() {
			line += " (held by " + w.holders() + ")"
		}
		lines = append(lines, line)
	}
	for _, w := range waits {
		if !slices.ContainsFunc(cycle, func(c Wait) bool { return c.Who == w.Who && c.For == w.For }) {
			lines = append(lines, w.String())
		}
	}
	return lines
}

// holds is " holds lock 1 and lock 2," or nothing.
func holds(waits []Wait, who string) string {
	var things []string
	for _, w := range waits {
		if slices.Contains(w.HeldBy, who) && !w.forParty() && !slices.Contains(things, w.For) {
			things = append(things, w.For)
		}
	}
	if len(things) == 0 {
		return ""
	}
	return " holds " + list(things) + ","
}

// ErrDeadlock is what every error that tells of a deadlock is, in the sense of
// errors.Is: a *[DeadlockError], and that of ranks that wait for each other.
var ErrDeadlock = errors.New("deadlock")

// A DeadlockError says that parties wait for each other and none can go on.
type DeadlockError struct {
	Cycle []Wait // each waits for what the next one holds; see the function [Cycle]
}

// Error is one line: "deadlock: Thread-A holds lock 1, waits for lock 2, held
// by Thread-B; Thread-B holds lock 2, waits for lock 1, held by Thread-A".
func (e *DeadlockError) Error() string {
	parts := make([]string, len(e.Cycle))
	for i, w := range e.Cycle {
		parts[i] = w.Who + holds(e.Cycle, w.Who) + strings.TrimPrefix(w.String(), w.Who)
	}
	return "deadlock: " + strings.Join(parts, "; ")
}

// Is reports whether the target is [ErrDeadlock].
func (e *DeadlockError) Is(target error) bool { return target == ErrDeadlock }

// list is "a", "a and b" or "a, b and c".
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
