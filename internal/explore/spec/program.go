package spec

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// A Program is the operations of its threads.
type Program [][]string

// String has a line for each thread: "thread 1: acquire, release".
func (p Program) String() string {
	var b strings.Builder
	for i, ops := range p {
		fmt.Fprintf(&b, "  thread %d: %s\n", i+1, strings.Join(ops, ", "))
	}
	return b.String()
}

// Size says which programs are made: with so many threads, of so many operations each, from the first Letters ones of an alphabet.
type Size struct{ Threads, Operations, Letters int }

// all letters of an alphabet.
const all = 1 << 10

// programs yields all programs of that size. Two that differ only in the order of their threads are one.
func (s Size) programs(alphabet []string) iter.Seq[Program] {
	return func(yield func(Program) bool) {
		combine(lists(alphabet[:min(s.Letters, len(alphabet))], s.Operations), s.Threads, nil, yield)
	}
}

// smaller yields all programs of at most that size, the shortest first: those with the fewest operations in all, and of these
// those with the fewest threads.
func (s Size) smaller(alphabet []string) iter.Seq[Program] {
	var every [][]string
	for n := range s.Operations {
		every = append(every, lists(alphabet[:min(s.Letters, len(alphabet))], n+1)...)
	}
	return func(yield func(Program) bool) {
		for total := 1; total <= s.Threads*s.Operations; total++ {
			for threads := 1; threads <= s.Threads; threads++ {
				fits := func(p Program) bool { return len(slices.Concat(p...)) != total || yield(p) }
				if !combine(every, threads, nil, fits) {
					return
				}
			}
		}
	}
}

// lists returns all lists of n operations.
func lists(ops []string, n int) [][]string {
	every := [][]string{nil}
	for range n {
		var longer [][]string
		for _, l := range every {
			for _, op := range ops {
				longer = append(longer, append(slices.Clip(l), op))
			}
		}
		every = longer
	}
	return every
}

// combine yields each choice of n lists, in their order, each any number of times. It is false if yield was.
func combine(lists [][]string, n int, chosen Program, yield func(Program) bool) bool {
	if n == 0 {
		return yield(slices.Clone(chosen))
	}
	for i := range lists {
		if !combine(lists[i:], n-1, append(slices.Clip(chosen), lists[i]), yield) {
			return false
		}
	}
	return true
}
