package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/terminal"
	"cookbook/internal/timeline/record"
	"cookbook/internal/transcript"
)

// withTimeline is supervise under Go's execution trace, with the picture of it below the transcript, however the run ends.
func withTimeline(a *app, ctx context.Context, timeout time.Duration, run catalog.Run, cfg transcript.Config) error {
	rec, err := record.Run(ctx, run, cfg, func(ctx context.Context, run catalog.Run, cfg transcript.Config) error {
		return command.Supervise(ctx, timeout, run, cfg)
	})
	if rec == nil {
		return fmt.Errorf("--timeline needs Go's execution trace: %w", err)
	}
	if usage := new(catalog.UsageError); errors.As(err, &usage) {
		return err // nothing ran
	}
	rec.Timeline.Draw(a.Out, a.Style())
	if rec.Full {
		fmt.Fprintln(a.Out, a.Paint(terminal.Dim, fmt.Sprintf("  cut after %v, when the trace was %d MiB long", rec.Timeline.End.Round(time.Millisecond), record.Limit>>20)))
	}
	if err == nil && rec.Broken != nil {
		return fmt.Errorf("the timeline is incomplete: %w", rec.Broken)
	}
	return err
}
