package csp

import (
	"context"
	"fmt"
	"reflect"
)

// An Alternation waits for the first of several guards and does what that one stands for, and nothing else. It belongs to
// one process.
//
// Go's select does the same for guards that stand in the program's text. It takes any of those that are ready, and has no
// order of preference.
type Alternation struct {
	guards []Guard
	off    []bool
	next   int // where FairSelect begins
}

// Alternate makes an alternation of guards. They are known by their numbers from 0. An end can be in one guard of each
// alternation.
func Alternate(guards ...Guard) *Alternation {
	return &Alternation{guards: guards, off: make([]bool, len(guards))}
}

// Enable switches a guard on or off, as a condition before the guard does in occam, and a nil channel in Go's select.
func (a *Alternation) Enable(i int, on bool) { a.off[i] = !on }

// PriSelect takes the first guard, in their order, that is ready. If none is, it waits until one is. It returns the guard's
// number. If the guard's channel has ended, the error wraps [ErrPoisoned], [ErrRetired] or [ErrLost]. A channel that is
// poisoned goes before all guards that are ready. If ctx ends first, the number is -1 and the error wraps its cause. If no
// guard is on, nothing but the end of ctx ends the wait.
func (a *Alternation) PriSelect(ctx context.Context) (int, error) { return a.choose(ctx, 0) }

// FairSelect is PriSelect with another order each time: that which was taken last becomes the last. So, with n guards, one
// that stays ready is taken within n calls.
func (a *Alternation) FairSelect(ctx context.Context) (int, error) {
	i, err := a.choose(ctx, a.next)
	if i >= 0 {
		a.next = (i + 1) % len(a.guards)
	}
	return i, err
}

func (a *Alternation) choose(ctx context.Context, first int) (int, error) {
	for i, g := range a.guards {
		if !a.off[i] {
			g.enter()
			defer g.exit()
		}
	}
	for {
		if i, ready, err := a.try(first); ready {
			return i, err
		}
		if i, ready, err := a.wait(ctx); ready {
			return i, err
		}
	}
}

// try takes the first guard that is ready, beginning with the one of this number.
func (a *Alternation) try(first int) (i int, ready bool, err error) {
	for i, g := range a.guards {
		if !a.off[i] {
			if err := g.ended(); err != nil {
				return i, true, err
			}
		}
	}
	for k := range a.guards {
		i := (first + k) % len(a.guards)
		if a.off[i] {
			continue
		}
		if ready, err := a.guards[i].try(); ready {
			return i, true, err
		}
	}
	return -1, false, nil
}

// wait waits for one guard, whichever comes first.
func (a *Alternation) wait(ctx context.Context) (i int, ready bool, err error) {
	cases := []reflect.SelectCase{receive(ctx.Done())}
	type place struct{ guard, which int }
	places := []place{{-1, 0}}
	for i, g := range a.guards {
		if a.off[i] {
			continue
		}
		for which, c := range g.cases() {
			cases = append(cases, c)
			places = append(places, place{i, which})
		}
	}
	chosen, v, _ := reflect.Select(cases)
	if chosen == 0 {
		return -1, true, fmt.Errorf("wait for one of %d guards: %w", len(a.guards), context.Cause(ctx))
	}
	at := places[chosen]
	ready, err = a.guards[at.guard].took(at.which, v)
	return at.guard, ready, err
}
