package cli

import (
	"context"
	"errors"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/explore"
	"cookbook/internal/transcript"
)

// checkSchedule refuses what does not go with --schedule.
func (o *runOptions) checkSchedule(e catalog.Entry, flags *pflag.FlagSet, g *choice) error {
	if o.schedule == "" {
		return usagef("--schedule: it is empty; want a token that cookbook explore has printed")
	}
	for _, name := range []string{"speed", "engine", command.Device} {
		if flags.Changed(name) {
			return usagef("--schedule says when each line comes, and where: leave out --%s", name)
		}
	}
	return g.world.refuse(e.ID+" --schedule", "cookbook run "+e.ID)
}

// replay runs the recipe by --schedule. Its times are numbers of steps, so that each run has the same output.
func (o *runOptions) replay(ctx context.Context, a *app, s *subject, cfg transcript.Config) error {
	schedule, err := explore.ParseToken(o.schedule, s.program)
	if err != nil {
		return usagef("--%w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, o.Timeout, &command.TimeoutError{Recipe: s.ID, After: o.Timeout})
	defer cancel()
	trace, err := explore.Replay(ctx, s.program, schedule, cfg)
	if strayed := new(explore.StrayedError); errors.As(err, &strayed) {
		return errors.New(s.command() + " --schedule " + o.schedule + ": " + strayed.Error())
	}
	return errors.Join(err, a.drawTrace(trace, o.timeline, s.ID+" · "+s.Title))
}
