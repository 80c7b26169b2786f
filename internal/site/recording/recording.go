// Package recording keeps a run of each recipe, so that the site can show what it says without running it.
//
// [Record] runs a recipe and returns what it said and what its actors did. [Read] returns the run of a recipe that this program has
// brought along: recordings.zip, which make recordings writes anew.
//
//	recording.go  Recording, Record
//	store.go      Read, and the files of the archive
package recording

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/timeline"
	"cookbook/internal/timeline/record"
	"cookbook/internal/transcript"
)

// Recording is one run of a recipe without arguments.
type Recording struct {
	Events   []transcript.Event // without those of progress
	Timeline timeline.Timeline  // without what no picture shows
	About    About
}

// About says where and when a recording was made.
type About struct {
	Go     string `json:"go"`     // version, as in go1.26.8
	System string `json:"system"` // as in linux/amd64
	Cores  int    `json:"cores"`
	Date   string `json:"date"` // as in 2026-11-29
}

// Here describes a recording that this program makes now.
func Here() About {
	return About{Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(), Date: time.Now().UTC().Format(time.DateOnly)}
}

const timeout = time.Minute // for one run; the longest takes about two seconds

// Record runs a recipe as cookbook run does, and returns the run, which has kept its promise. The recipe's child processes are started
// from this program, which has to serve them. A process records one run at a time: another one at the same time is an error.
func Record(ctx context.Context, e catalog.Entry) (Recording, error) {
	run, promise, err := e.Prepare()
	if err != nil {
		return Recording{}, err
	}
	r := Recording{About: Here()}
	keep := transcript.SinkFunc(func(e transcript.Event) {
		if e.Kind != transcript.Progress {
			r.Events = append(r.Events, e)
		}
	})
	cfg := transcript.Config{Recipe: e.ID, Speed: transcript.DefaultSpeed, Promise: promise, Sink: keep}
	traced, err := record.Run(ctx, run, cfg, func(ctx context.Context, run catalog.Run, cfg transcript.Config) error {
		return command.Supervise(ctx, timeout, run, cfg)
	})
	if err == nil {
		err = traced.Broken
	}
	if err != nil {
		return Recording{}, fmt.Errorf("record %s: %w", e.ID, err)
	}
	r.Timeline = folded(traced.Timeline)
	return r, nil
}

// folded is a timeline without what no picture shows. A picture draws the end of a run larger, so that keeps more.
func folded(t timeline.Timeline) timeline.Timeline {
	return t.Fold(func(at time.Duration) time.Duration {
		if at > t.End-t.End/50 {
			return t.End / 200_000
		}
		return t.End / 4000
	})
}
