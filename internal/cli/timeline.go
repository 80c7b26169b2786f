package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/svg"
	"cookbook/internal/terminal"
	"cookbook/internal/timeline/record"
	"cookbook/internal/transcript"
)

// checkPictures refuses flags for a timeline that make no sense, before anything has run.
func (o *runOptions) checkPictures() error {
	switch {
	case o.timeline.drawn() && (o.Plain || o.JSON):
		return usagef("--timeline draws below the transcript: leave out --plain and --json, or name a file, as in --timeline run.svg")
	case *o.trace != "" && samePlace(*o.trace, o.timeline.file()):
		return usagef("--timeline and --trace both write %s: name two files", *o.trace)
	case *o.trace != "" && o.schedule != "":
		return usagef("--schedule runs a recipe step by step, which Go's trace does not show: leave out --trace")
	}
	return errors.Join(o.timeline.check(), checkPlace("trace", *o.trace))
}

// recorded reports whether the run is recorded.
func (o *runOptions) recorded() bool { return o.timeline != "" || *o.trace != "" }

// record is supervise under Go's execution trace, with the picture of it below the transcript or in a file, however the run ends.
func (o *runOptions) record(a *app, ctx context.Context, title string, run catalog.Run, cfg transcript.Config) error {
	rec, err := record.Run(ctx, run, cfg, func(ctx context.Context, run catalog.Run, cfg transcript.Config) error {
		return command.Supervise(ctx, o.Timeout, run, cfg)
	})
	if rec == nil {
		return fmt.Errorf("--timeline and --trace need Go's execution trace: %w", err)
	}
	if usage := new(catalog.UsageError); errors.As(err, &usage) {
		return err // nothing ran
	}
	failed := o.timeline.draw(a, rec.Timeline, title)
	if *o.trace != "" {
		failed = errors.Join(failed, svg.WriteFile(*o.trace, rec.Trace))
	}
	if rec.Full && !o.Plain && !o.JSON {
		fmt.Fprintln(a.Out, a.Paint(terminal.Dim, fmt.Sprintf("  cut after %v, when the trace was %d MiB long", rec.Timeline.End.Round(time.Millisecond), record.Limit>>20)))
	}
	if err == nil && rec.Broken != nil {
		err = fmt.Errorf("the timeline is incomplete: %w", rec.Broken)
	}
	if failed != nil {
		return errors.Join(err, failed)
	}
	return err
}

// samePlace reports whether two names are those of one file, which need not be there yet.
func samePlace(a, b string) bool {
	place := func(name string) (file, folder string) {
		path, err := filepath.Abs(name)
		if err != nil {
			return name, ""
		}
		if real, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
			return filepath.Base(path), real
		}
		return filepath.Base(path), filepath.Dir(path)
	}
	fileA, folderA := place(a)
	fileB, folderB := place(b)
	return b != "" && fileA == fileB && folderA == folderB
}
