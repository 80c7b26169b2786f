package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/explore"
)

// search runs a recipe in the orders that explore finds within the budget.
func search(e catalog.Entry, args []string, budget time.Duration, v *verdict) error {
	run, promise, err := e.Prepare(args...)
	if err != nil {
		return err
	}
	result, err := explore.Search(context.Background(), explore.Program{ID: e.ID, Run: run, Promise: promise}, explore.Options{Budget: budget})
	if err != nil {
		return err
	}
	v.Runs += result.Schedules
	if len(result.Faults) > 0 {
		v.Kill, v.Text = string(result.Faults[0].Kind), result.Faults[0].Text
	}
	if result.Verdict != explore.Complete {
		return nil // orders that did not come might come yet
	}
	for _, l := range result.Loose {
		v.Loose = append(v.Loose, fmt.Sprintf("%s line %d: %q could be %s", strings.Join(args, " "), l.Line, l.Text, l.Could))
	}
	return nil
}
