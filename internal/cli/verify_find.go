package cli

import (
	"context"
	"fmt"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/explore"
	"cookbook/internal/explore/apart"
	"cookbook/internal/terminal"
)

// findTime is how long a failure under stress is searched for.
const findTime = 2 * time.Second

// findAgain searches for the failure, so that it can be shown as a schedule with few preemptions, and replayed.
func (v *verdict) findAgain(ctx context.Context, a *app, e catalog.Entry) {
	s, err := newSubject(e, nil, nil, v.seed)
	if err != nil {
		return
	}
	v.found = &found{subject: s, err: searchable(e)}
	if v.found.err != nil {
		return
	}
	v.found.result, v.found.err = a.search(ctx, s, &apart.Question{Recipe: e.ID, Seed: v.seed, Budget: findTime}, func(apart.Answer) {})
	x := v.found.json()
	v.Explored = &x
}

// again is the fault that the search has found, nil if there is none.
func (v *verdict) again() *explore.Fault {
	if v.found == nil {
		return nil
	}
	if fault := v.found.fault(); fault != nil && fault.Kind != explore.Strayed {
		return fault
	}
	return nil
}

// replay is what one types to see it again, behind the failure; "" if it was not found.
func (v *verdict) replay() string {
	if fault := v.again(); fault != nil && fault.Token != "" {
		return "; replay: " + v.found.replay(fault)
	}
	return ""
}

// showFound shows what the search has found.
func (v *verdict) showFound(a *app) {
	if v.found == nil {
		return
	}
	if fault := v.again(); fault != nil {
		fmt.Fprintln(a.Out)
		a.showFault(v.found.subject, fault)
		return
	}
	text := fmt.Sprintf("A search of %v did not find it again.", findTime)
	if v.found.err != nil {
		text = "It could not be searched for: " + v.found.err.Error()
	}
	a.below(true, terminal.Dim, text)
}
