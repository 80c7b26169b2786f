package cli

import (
	"context"
	"errors"
	"os/exec"

	"cookbook/internal/catalog"
	"cookbook/internal/explore"
	"cookbook/internal/explore/apart"
	"cookbook/internal/machine"
)

// search has this program, started again, explore a recipe: see package apart.
func (a *app) search(ctx context.Context, s *subject, q *apart.Question, hear func(apart.Answer)) (*explore.Result, error) {
	if err := machine.Check(ctx, catalog.Processes); err != nil {
		return nil, lacks(ctx, exploreName, catalog.Processes, err)
	}
	start := func() *exec.Cmd {
		cmd := exec.Command(a.Exe)
		cmd.Args = []string{"cookbook"}
		return cmd
	}
	result, err := apart.Search(ctx, start, s.program, q, hear)
	if failed := new(apart.StartError); errors.As(err, &failed) {
		err = missingError{exploreName, catalog.Processes, failed.Err}
	}
	return result, err
}

// searchFor is what the child does in place of a command: it answers the question on its standard input.
func (a *app) searchFor(secret string) error {
	err := apart.Serve(secret, a.In, func(recipe string, args []string) (*apart.Subject, error) {
		e, err := a.catalog.Find(recipe)
		if err != nil {
			return nil, err
		}
		run, promise, err := e.Prepare(args...)
		if err != nil {
			return nil, err
		}
		text, err := e.File(catalog.Promise)
		return &apart.Subject{Run: run, Promise: promise, Command: (&subject{Entry: e, args: args}).command(), Text: string(text)}, err
	})
	switch {
	case errors.Is(err, apart.ErrNotAsked):
		return usageError{err}
	case err != nil:
		return silentError{err}
	}
	return nil
}
