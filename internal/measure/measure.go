// Package measure times pieces of work against each other on a machine that others use too.
package measure

import (
	"context"
	"slices"
	"time"
)

// Times is what one work took, over all rounds.
type Times struct{ Median, Least, Most time.Duration }

// InTurn runs each work once to warm up, then all of them in turn, rounds times over, and returns what each took. Taking turns
// lets what disturbs the machine disturb all of them alike, and a median forgets a disturbed turn. Quote ratios of what it
// returns: the times themselves are this machine's, now.
//
// It returns context.Cause(ctx) as soon as a work has ended after ctx has, and the first error of a work. Rounds below 1
// count as 1. No time is below a nanosecond, so every ratio is a number, even where the clock stands still
// (testing/synctest) or is coarse.
func InTurn(ctx context.Context, rounds int, works ...func() error) ([]Times, error) {
	times := make([][]time.Duration, len(works))
	for round := range max(rounds, 1) + 1 {
		for i, work := range works {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			begun := time.Now()
			if err := work(); err != nil {
				return nil, err
			}
			if round > 0 {
				times[i] = append(times[i], max(time.Since(begun), 1))
			}
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	all := make([]Times, len(works))
	for i, t := range times {
		slices.Sort(t)
		all[i] = Times{Median: t[len(t)/2], Least: t[0], Most: t[len(t)-1]}
	}
	return all, nil
}

// Medians is [InTurn] for a caller that wants the medians alone.
func Medians(ctx context.Context, rounds int, works ...func() error) ([]time.Duration, error) {
	times, err := InTurn(ctx, rounds, works...)
	if err != nil {
		return nil, err
	}
	medians := make([]time.Duration, len(times))
	for i, t := range times {
		medians[i] = t.Median
	}
	return medians, nil
}
