package recipes

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/timeline"
	"cookbook/internal/timeline/record"
	"cookbook/internal/transcript"
)

// recorded runs a recipe as run --timeline does, and returns what was recorded. Nothing is left of it on the disk.
func recorded(t *testing.T, ctx context.Context, id string, timeout time.Duration, flags ...string) (*record.Recording, error) {
	t.Helper()
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	e, err := Catalog().Find(id)
	if err != nil {
		t.Fatal(err)
	}
	set := pflag.NewFlagSet(id, pflag.ContinueOnError)
	run := e.Declare(set)
	if err := set.Parse(flags); err != nil {
		t.Fatal(err)
	}
	promise, err := e.Promise(set)
	if err != nil {
		t.Fatal(err)
	}
	cfg := transcript.Config{Recipe: id, Speed: 1000, Seed: 1, Promise: promise}
	rec, failed := record.Run(ctx, run, cfg, func(ctx context.Context, run catalog.Run, cfg transcript.Config) error {
		return command.Supervise(ctx, timeout, run, cfg)
	})
	if left, _ := filepath.Glob(filepath.Join(tmp, "cookbook-timeline-*")); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	if rec == nil {
		t.Fatal(failed)
	}
	return rec, failed
}

// arrows counts the messages from lane to lane.
func arrows(tl timeline.Timeline) map[string]int {
	all := map[string]int{}
	for _, m := range tl.Messages {
		all[m.From+" → "+m.To]++
	}
	return all
}

func dump(t *testing.T, tl timeline.Timeline) {
	var b strings.Builder
	for _, l := range tl.Lanes {
		fmt.Fprintf(&b, "%s: %d spans %d lines\n", l.Name, len(l.Spans), len(l.Lines))
	}
	for _, h := range tl.Things {
		fmt.Fprintf(&b, "%s: %d holds signal %v\n", h.Name, len(h.Holds), h.Signal)
	}
	t.Logf("%s%v\n%s\ncut %q", &b, arrows(tl), tl.Clocks, tl.Cut)
	_ = os.Stderr
	_ = errors.Is
	_ = slices.Sort[[]int]
}

func TestExploring(t *testing.T) {
	for _, id := range strings.Fields(os.Getenv("IDS")) {
		rec, err := recorded(t, t.Context(), id, time.Minute)
		t.Log(id, err, rec.Broken)
		dump(t, rec.Timeline)
	}
}
