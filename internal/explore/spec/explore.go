package spec

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"cookbook/internal/explore"
)

// EveryVariable is the environment variable that has Explore take longer, with all operations of the alphabet. As long as it is
// empty, programs are made from the first three, and under the race detector, where they are shorter, from the first four.
const EveryVariable = "COOKBOOK_EVERY_ORDER"

// So many letters of an alphabet are tried. Four of them make some 3,000 long programs, which have some 100,000 orders, which take some 3 s.
const (
	few       = 3
	fewRather = 4 // of short programs
)

// sizes are the sizes of programs and of their alphabet, by threads.
func sizes() []Size {
	switch {
	case raced, testing.Short():
		return []Size{{2, 2, fewRather}, {3, 1, fewRather}}
	case os.Getenv(EveryVariable) == "":
		return []Size{{2, 3, few}, {3, 2, few}}
	}
	return []Size{{2, 3, all}, {3, 2, all}}
}

// budget is far longer than the search of any program takes.
const budget = time.Hour

// Explore runs all programs of two threads with three operations each, and of three threads with two, in every order of their
// operations. It fails the test if the specification of the primitive does not allow what comes of one of them, and prints the
// shortest such program. With -short, and under the race detector, which takes ten times as long, the threads have one operation
// less.
func Explore[S comparable](t *testing.T, p *Primitive[S]) {
	t.Helper()
	for _, size := range sizes() {
		tried, schedules := 0, 0
		for program := range size.programs(p.Ops) {
			n, v := p.search(t.Context(), program)
			tried, schedules = tried+1, schedules+n
			if v != nil {
				t.Fatal(p.Shortest(t.Context(), size))
			}
		}
		t.Logf("%d programs of %d threads with %d operations each: all %d orders", tried, size.Threads, size.Operations, schedules)
	}
}

// Shortest returns a run of the shortest program of at most that size that the specification does not allow, nil if there is none.
func (p *Primitive[S]) Shortest(ctx context.Context, size Size) *Violation {
	for program := range size.smaller(p.Ops) {
		if _, v := p.search(ctx, program); v != nil {
			return v
		}
	}
	return nil
}

// search runs the program in every order and returns in how many, and the first run that the specification does not allow. A
// search that fails in another way, or is not complete, is a panic.
func (p *Primitive[S]) search(ctx context.Context, program Program) (schedules int, v *Violation) {
	r, err := explore.Search(ctx, explore.Program{ID: p.Name, Run: p.run(program, p.model(), true, &v)}, explore.Options{
		Budget: budget, Exact: true, Unordered: true,
	})
	switch {
	case err != nil:
		panic(err)
	case v != nil:
	case len(r.Faults) > 0:
		panic(fmt.Sprintf("%s: %s: %s\n%s", p.Name, r.Faults[0].Kind, r.Faults[0].Text, program))
	case r.Verdict != explore.Complete:
		panic(fmt.Sprintf("%s: %s, %s\n%s", p.Name, r.Verdict, r.Bound, program))
	}
	return r.Schedules, v
}
