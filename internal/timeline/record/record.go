// Package record runs a recipe under Go's execution trace and returns its timeline.
//
//	rec, err := record.Run(ctx, run, cfg, func(ctx context.Context, run catalog.Run, cfg transcript.Config) error {
//		return command.Supervise(ctx, timeout, run, cfg)
//	})
//	if rec != nil {
//		rec.Timeline.Draw(os.Stdout, style)
//	}
package record

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/trace"

	"cookbook/internal/catalog"
	"cookbook/internal/timeline"
	"cookbook/internal/timeline/children"
	"cookbook/internal/transcript"
)

// Limit is how much of a run is traced in a process, in bytes: about a million acquisitions of a lock, which take a second to read.
const Limit = 32 << 20

// ErrNoTrace is that nothing can be recorded, and nothing ran: this process is traced already.
var ErrNoTrace = errors.New("a process has only one execution trace")

// A Recording is what is known of a run that has ended, in whatever way.
type Recording struct {
	Timeline timeline.Timeline
	Trace    []byte // as runtime/trace wrote it, in this process; go tool trace reads it
	Full     bool   // the trace ended before the run, at Limit; so does the timeline
	Broken   error  // why the timeline is incomplete; nil if it is not
}

// Run has supervise run a recipe, and records it. What supervise is given is run and cfg, with what it takes to have the lines in the
// timeline; ctx tells the processes that the recipe starts to record, too.
//
// The error is that of supervise. If nothing could be recorded it wraps [ErrNoTrace], and the recording is nil.
func Run(
	ctx context.Context, run catalog.Run, cfg transcript.Config,
	supervise func(ctx context.Context, run catalog.Run, cfg transcript.Config) error,
) (*Recording, error) {
	return record(ctx, Limit, run, cfg, supervise)
}

func record(
	ctx context.Context, limit int, run catalog.Run, cfg transcript.Config,
	supervise func(ctx context.Context, run catalog.Run, cfg transcript.Config) error,
) (*Recording, error) {
	t, err := start(limit)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoTrace, err)
	}
	defer t.stop() // supervise may panic
	var folder children.Folder
	defer folder.Remove()
	s := &sink{next: cfg.Sink, said: map[string][]string{}}
	if cfg.Sink == nil {
		s.next = transcript.SinkFunc(func(transcript.Event) {})
	}
	cfg.Sink = s
	failed := supervise(folder.NewContext(ctx), asTask(run), cfg)
	s.close()
	r := &Recording{Trace: t.stop(), Full: t.full.Load()}
	parts, unread := openParts(&folder)
	defer closeParts(parts)
	r.Timeline, r.Broken = timeline.ReadTraces(bytes.NewReader(r.Trace), parts)
	r.Broken = cmp.Or(r.Broken, unread)
	r.Timeline.Actors = cfg.Promise.Actors()
	r.Timeline.Tell(s.said)
	return r, failed
}

// asTask makes the goroutine that runs a recipe known to the trace. The timeline begins here.
func asTask(run catalog.Run) catalog.Run {
	return func(ctx context.Context, out *transcript.Log) error {
		ctx, task := trace.NewTask(ctx, transcript.Main)
		defer task.End()
		return run(ctx, out)
	}
}
