// Package measure times pieces of work against each other on a machine that others use too.
package measure

import (
	"context"
	"slices"
	"time"
)

// Medians runs each work once to warm up, then all of them in turn, rounds times over, and returns the median time of
// each. Taking turns lets what disturbs the machine disturb all of them alike, and a median forgets a disturbed turn. Quote
// ratios of what it returns: the times themselves are this machine's, now.
//
// It returns context.Cause(ctx) as soon as a work has ended after ctx has, and the first error of a work. Rounds below 1
// count as 1. No time is below a nanosecond, so every ratio is a number, even where the clock stands still
// (testing/synctest) or is coarse.
func Medians(ctx context.Context, rounds int, works ...func() error) ([]time.Duration, error) {
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
	medians := make([]time.Duration, len(works))
	for i, t := range times {
		slices.Sort(t)
		medians[i] = t[len(t)/2]
	}
	return medians, nil
}
