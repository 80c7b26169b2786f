package recipes

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/process"
	"cookbook/internal/timeline"
	"cookbook/internal/timeline/record"
	"cookbook/internal/transcript"
)

// recordRun runs something as run --timeline does, and sees to it that nothing of it is left on the disk.
func recordRun(t *testing.T, ctx context.Context, timeout time.Duration, run catalog.Run, cfg transcript.Config) (*record.Recording, error) {
	t.Helper()
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	defer func() {
		if left, _ := filepath.Glob(filepath.Join(tmp, "cookbook-timeline-*")); len(left) > 0 {
			t.Errorf("%v are left", left)
		}
	}()
	rec, err := record.Run(ctx, run, cfg, func(ctx context.Context, run catalog.Run, cfg transcript.Config) error {
		return command.Supervise(ctx, timeout, run, cfg)
	})
	if errors.Is(err, record.ErrNoTrace) {
		t.Skipf("no second trace in one process: %v", err)
	}
	return rec, err
}

// recordRecipe records a recipe with these flags.
func recordRecipe(t *testing.T, id string, flags ...string) timeline.Timeline {
	t.Helper()
	e, err := Catalog().Find(id)
	if err != nil {
		t.Fatal(err)
	}
	skipIfMissing(t, e)
	set := pflag.NewFlagSet(id, pflag.ContinueOnError)
	run := e.Declare(set)
	if err := set.Parse(flags); err != nil {
		t.Fatal(err)
	}
	promise, err := e.Promise(set)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := recordRun(t, t.Context(), time.Minute, run, transcript.Config{Recipe: id, Speed: 1000, Seed: 1, Promise: promise})
	if err != nil || rec.Broken != nil {
		t.Fatal(err, rec.Broken)
	}
	return rec.Timeline
}

func TestEveryMessageIsAnArrow(t *testing.T) {
	for _, tt := range []struct {
		id    string
		flags []string
		want  map[string]int
	}{
		{"ch3.queue", []string{"--items", "7"}, map[string]int{"producer-1 → consumer-2": 7, "main → clerk": 1, "clerk → main": 1}},
		{"ch3.pipe", []string{"--items", "6"}, map[string]int{"create_items → multiply_items": 6, "multiply_items → main": 6}},
		{"ch3.point-to-point", nil, map[string]int{"rank 0 → rank 4": 3, "rank 1 → rank 8": 1}},
		{"ch3.topology", []string{"--steps", "5"}, map[string]int{
			"rank 0 → rank 1": 5, "rank 0 → rank 2": 5, "rank 1 → rank 0": 5, "rank 1 → rank 3": 5,
			"rank 2 → rank 0": 5, "rank 2 → rank 3": 5, "rank 3 → rank 1": 5, "rank 3 → rank 2": 5,
		}},
		{"ch3.deadlock", []string{"--ranks", "6"}, map[string]int{"rank 1 → rank 5": 4, "rank 5 → rank 1": 4}},
		{"ch3.gather", []string{"--ranks", "3"}, map[string]int{ // Gather and Gatherv, and Allgather twice
			"rank 1 → rank 0": 6, "rank 2 → rank 0": 6, "rank 0 → rank 1": 2, "rank 0 → rank 2": 2, "rank 1 → rank 2": 2, "rank 2 → rank 1": 2,
		}},
		{"ch3.alltoall", []string{"--ranks", "3"}, map[string]int{ // Alltoall 3, Alltoallv 2, Allgather and Allgatherv 1 each
			"rank 0 → rank 1": 7, "rank 0 → rank 2": 7, "rank 1 → rank 0": 7, "rank 1 → rank 2": 7, "rank 2 → rank 0": 7, "rank 2 → rank 1": 7,
		}},
	} {
		t.Run(tt.id, func(t *testing.T) {
			tl := recordRecipe(t, tt.id, tt.flags...)
			got := map[string]int{}
			for _, m := range tl.Messages {
				if m.Received < m.Sent-tl.Clocks.Skew {
					t.Errorf("%+v was received before it was sent", m)
				}
				if !slices.Contains(tl.Cut, m.From) && !slices.Contains(tl.Cut, m.To) { // what was killed need not have noted all
					got[m.From+" → "+m.To]++
				}
			}
			if !maps.Equal(got, tt.want) {
				t.Errorf("arrows %v, want %v", got, tt.want)
			}
			if c := tl.Clocks; c.Wrong > 0 || c.Processes < 3 || c.Checks < len(tt.want) {
				t.Errorf("%v", c)
			}
		})
	}
}

func TestWhatIsAskedOfAManagerIsArrows(t *testing.T) {
	tl := recordRecipe(t, "ch3.manager", "--workers", "3")
	asked, answered := map[string]int{}, map[string]int{}
	for _, m := range tl.Messages {
		if m.Received < m.Sent-tl.Clocks.Skew {
			t.Errorf("%+v was received before it was sent", m)
		}
		switch {
		case strings.HasPrefix(m.From, "worker #") && m.To == "manager":
			asked[m.Text]++
		case m.From == "manager" && strings.HasPrefix(m.To, "worker #"):
			answered[strings.TrimPrefix(m.Text, "answer to ")]++
		}
	}
	if asked["append"] != 3 || asked["acquire"] < 100 {
		t.Errorf("asked %v; want 3 to append, and 5 × 20 to acquire", asked)
	}
	for what, n := range asked {
		if lost := n - answered[what]; lost < 0 || lost > len(tl.Cut) { // what was killed need not have noted that the answer came
			t.Errorf("asked %d times to %s, answered %d", n, what, answered[what])
		}
	}
	busy := 0
	for _, s := range laneOf(t, tl, "manager").Spans {
		if s.State == timeline.Running {
			busy++
		}
	}
	if busy < 10 {
		t.Errorf("the manager runs %d times", busy)
	}
	if c := tl.Clocks; c.Wrong > 0 || c.Checks < len(tl.Messages)/2 {
		t.Errorf("%v, with %d messages", c, len(tl.Messages))
	}
}

func TestProcessesHoldALockOneAtATime(t *testing.T) {
	tl := recordRecipe(t, "ch3.sync", "--rounds", "2")
	holds := holdsOf(t, tl, "serializer")
	if len(holds) != 2 || holds[0].By == holds[1].By || holds[0].To > holds[1].From {
		t.Errorf("holds %+v, want one of p1 and one of p2, one after the other", holds)
	}
	for _, name := range []string{"p1", "p2", "p3", "p4"} {
		l := laneOf(t, tl, name)
		if !slices.ContainsFunc(l.Spans, func(s timeline.Span) bool { return s.State == timeline.Running }) {
			t.Errorf("%s never runs: %+v", name, l.Spans)
		}
	}
}

// chatter says lines until it is killed, and holds a lock.
var chatter = process.Register("recipes.test.chatter", func(ctx context.Context, l *process.Lock) (struct{}, error) {
	if err := l.Acquire(ctx); err != nil {
		return struct{}{}, err
	}
	for me := process.Log(ctx).Actor("chatter"); ctx.Err() == nil; time.Sleep(time.Millisecond) {
		me.Printf("on")
	}
	return struct{}{}, nil
})

// startChatter starts one, and returns when it has said many lines.
func startChatter(ctx context.Context, out *transcript.Log, lines <-chan struct{}) (*process.Group, *process.Process, error) {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return nil, nil, err
	}
	l, err := process.NewLock(g, "the lock")
	if err != nil {
		return g, nil, err
	}
	p := process.New(g, chatter, l, process.WithName("talker"))
	if err := p.Start(); err != nil {
		return g, nil, err
	}
	for range 200 {
		select {
		case <-lines:
		case <-ctx.Done():
			return g, p, context.Cause(ctx)
		}
	}
	return g, p, nil
}

// counting is a sink that tells of each line.
func counting() (transcript.Sink, <-chan struct{}) {
	lines := make(chan struct{}, 1<<16)
	return transcript.SinkFunc(func(e transcript.Event) {
		if e.Kind == transcript.Line {
			lines <- struct{}{}
		}
	}), lines
}

func TestAKilledChildLeavesWhatItHadWritten(t *testing.T) {
	sink, lines := counting()
	rec, err := recordRun(t, t.Context(), time.Minute, func(ctx context.Context, out *transcript.Log) error {
		g, p, err := startChatter(ctx, out, lines)
		if g != nil {
			defer g.Close()
		}
		if err != nil {
			return err
		}
		return errors.Join(p.Kill(), p.Join(ctx))
	}, transcript.Config{Recipe: "ch9.x", Sink: sink})
	if errors.Is(err, process.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil || rec.Broken != nil {
		t.Fatal(err, rec.Broken)
	}
	tl := rec.Timeline
	l := laneOf(t, tl, "chatter")
	if !slices.Equal(tl.Cut, []string{"chatter"}) || len(l.Lines) < 200 || len(l.Spans) < 10 || l.Spans[len(l.Spans)-1].State != timeline.Apart {
		t.Errorf("cut %q, %d lines, %d spans, the last %+v", tl.Cut, len(l.Lines), len(l.Spans), l.Spans[len(l.Spans)-1])
	}
	if holds := holdsOf(t, tl, "the lock"); len(holds) != 1 || holds[0].By != "chatter" {
		t.Errorf("holds %+v", holds)
	}
}

func TestTheFolderOfTracesIsRemovedHoweverARunEnds(t *testing.T) {
	told := errors.New("told to end")
	for name, end := range map[string]func(context.CancelCauseFunc) error{
		"with an error":   func(context.CancelCauseFunc) error { return told },
		"by a panic":      func(context.CancelCauseFunc) error { panic(told) },
		"at the time-out": func(context.CancelCauseFunc) error { return nil },
		"by Ctrl-C":       func(cancel context.CancelCauseFunc) error { cancel(told); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			timeout := time.Minute
			if strings.Contains(name, "time-out") {
				timeout = 2 * time.Second
			}
			sink, lines := counting()
			rec, err := recordRun(t, ctx, timeout, func(ctx context.Context, out *transcript.Log) error {
				g, p, err := startChatter(ctx, out, lines)
				if g != nil {
					defer g.Close()
				}
				if err != nil {
					return err
				}
				if err := end(cancel); err != nil {
					return err
				}
				return p.Join(ctx)
			}, transcript.Config{Recipe: "ch9.x", Sink: sink})
			if errors.Is(err, process.ErrUnsupported) {
				t.Skip(err)
			}
			if err == nil || rec == nil || rec.Broken != nil {
				t.Fatalf("error %v, recording %+v", err, rec)
			}
		})
	}
}
