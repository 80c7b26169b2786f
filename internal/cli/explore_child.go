package cli

import (
	"context"
	"errors"

	"cookbook/internal/catalog"
	"cookbook/internal/explore"
	"cookbook/internal/explore/child"
	"cookbook/internal/machine"
)

// search has this program, started again, explore a recipe: see package child.
func (a *app) search(ctx context.Context, s *subject, q *child.Question, hear func(child.Answer)) (*explore.Result, error) {
	if err := machine.Check(ctx, catalog.Processes); err != nil {
		return nil, lacks(ctx, exploreName, catalog.Processes, err)
	}
	result, err := child.Search(ctx, a.Exe, s.program, q, hear)
	if start := new(child.StartError); errors.As(err, &start) {
		err = missingError{exploreName, catalog.Processes, start.Err}
	}
	return result, err
}

// searchFor is what the child does in place of a command: it answers the question on its standard input.
func (a *app) searchFor(secret string) error {
	err := child.Serve(secret, a.In, func(recipe string, args []string) (*child.Subject, error) {
		e, err := a.catalog.Find(recipe)
		if err != nil {
			return nil, err
		}
		run, promise, err := e.Prepare(args...)
		if err != nil {
			return nil, err
		}
		text, err := fileOf(e, catalog.Promise)
		return &child.Subject{Run: run, Promise: promise, Command: (&subject{Entry: e, args: args}).command(), Text: string(text)}, err
	})
	switch {
	case errors.Is(err, child.ErrNotAsked):
		return usageError{err}
	case err != nil:
		return silentError{err}
	}
	return nil
}
