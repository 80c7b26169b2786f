package main

import (
	"context"
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
	return nil
}
