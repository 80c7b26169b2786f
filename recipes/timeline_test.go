package recipes

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
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

// timelineOf runs a recipe as run --timeline does, and draws it.
func timelineOf(t *testing.T, id string) timeline.Timeline {
	t.Helper()
	e, err := Catalog().Find(id)
	if err != nil {
		t.Fatal(err)
	}
	skipIfMissing(t, e)
	set := pflag.NewFlagSet(id, pflag.ContinueOnError)
	run := e.Declare(set)
	promise, err := e.Promise(set)
	if err != nil {
		t.Fatal(err)
	}
	cfg := transcript.Config{Recipe: id, Speed: 200, Seed: 1, Promise: promise}
	rec, err := record.Run(t.Context(), run, cfg, func(ctx context.Context, run catalog.Run, cfg transcript.Config) error {
		return command.Supervise(ctx, time.Minute, run, cfg)
	})
	if errors.Is(err, record.ErrNoTrace) {
		t.Skipf("no second trace in one process: %v", err)
	}
	if err != nil || rec.Broken != nil {
		t.Fatal(err, rec.Broken)
	}
	picture, err := rec.Timeline.SVG(timeline.Look{Title: e.Title})
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("the picture is no XML: %v", err)
		}
	}
	return rec.Timeline
}

// laneOf returns the lane of an actor.
func laneOf(t *testing.T, tl timeline.Timeline, name string) timeline.Lane {
	t.Helper()
	i := slices.IndexFunc(tl.Lanes, func(l timeline.Lane) bool { return l.Name == name })
	if i < 0 {
		var names []string
		for _, l := range tl.Lanes {
			names = append(names, l.Name)
		}
		t.Fatalf("no lane %q among %q", name, names)
	}
	return tl.Lanes[i]
}

// during returns the spans of a lane that overlap with a time.
func during(l timeline.Lane, from, to time.Duration) (all []timeline.Span) {
	for _, s := range l.Spans {
		if s.From < to && from < s.To {
			all = append(all, s)
		}
	}
	return all
}

func isSleeping(s timeline.Span) bool { return s.State == timeline.Sleeping }

// wantPauses says that an actor sleeps between any two of its lines but those that are said at once: so many times at least.
func wantPauses(t *testing.T, l timeline.Lane, least int) {
	t.Helper()
	pauses := 0
	for i := 1; i < len(l.Lines); i++ {
		if slices.ContainsFunc(during(l, l.Lines[i-1], l.Lines[i]), isSleeping) {
			pauses++
		}
	}
	if pauses < least {
		t.Errorf("%s sleeps between its lines %d times, want %d: %+v", l.Name, pauses, least, l)
	}
}

// holdsOf returns who held a lock and when, after a look that no two did at once.
func holdsOf(t *testing.T, tl timeline.Timeline, lock string) []timeline.Hold {
	t.Helper()
	i := slices.IndexFunc(tl.Things, func(h timeline.Thing) bool { return h.Name == lock })
	if i < 0 || tl.Things[i].Signal || len(tl.Things[i].Holds) == 0 {
		t.Fatalf("nobody holds %q in %+v", lock, tl.Things)
	}
	holds := tl.Things[i].Holds
	for i := 1; i < len(holds); i++ {
		if holds[i].From < holds[i-1].To {
			t.Errorf("%s is held by two at once: %+v and %+v", lock, holds[i-1], holds[i])
		}
	}
	return holds
}

// wantOneAtATime says that of some actors no two run at once.
func wantOneAtATime(t *testing.T, tl timeline.Timeline, names ...string) {
	t.Helper()
	for i, a := range names {
		for _, b := range names[i+1:] {
			for _, s := range laneOf(t, tl, a).Spans {
				other := during(laneOf(t, tl, b), s.From, s.To)
				if s.State == timeline.Running && slices.ContainsFunc(other, func(o timeline.Span) bool { return o.State == timeline.Running }) {
					t.Errorf("%s and %s run at the same time: %+v, %+v", a, b, s, other)
				}
			}
		}
	}
}

func TestTheTimelineOfALock(t *testing.T) {
	tl := timelineOf(t, "ch2.lock")
	holds := holdsOf(t, tl, "lock")
	if len(holds) != 2 || holds[0].By != "adder" || holds[1].By != "subtracter" {
		t.Fatalf("the lock is held by %+v", holds)
	}
	for _, h := range holds {
		if !slices.ContainsFunc(during(laneOf(t, tl, h.By), h.From, h.To), isSleeping) {
			t.Errorf("%s does not sleep while it holds the lock", h.By)
		}
	}
	for _, s := range during(laneOf(t, tl, "subtracter"), holds[0].To-1, holds[0].To) { // it waits for the lock, or has not come so far
		if s.State == timeline.Waiting && s.For == "lock" || s.State == timeline.Ready || s.State == timeline.Running {
			continue
		}
		t.Errorf("the subtracter does not wait while the adder holds the lock: %+v", laneOf(t, tl, "subtracter").Spans)
	}
	laneOf(t, tl, "addAndSubtractLocked 2")
	if len(tl.Lanes) > 9 {
		t.Errorf("%d lanes", len(tl.Lanes))
	}
}

func TestTheTimelineOfADeadlock(t *testing.T) {
	tl := timelineOf(t, "ch2.deadlock")
	first, second := holdsOf(t, tl, "lock 1"), holdsOf(t, tl, "lock 2")
	stuck := false // Thread-A waits for what Thread-B holds, and the other way round
	for _, a := range first {
		for _, b := range second {
			from, to := max(a.From, b.From), min(a.To, b.To)
			waits := func(name, lock string) bool {
				return slices.ContainsFunc(during(laneOf(t, tl, name), from, to), func(s timeline.Span) bool { return s.State == timeline.Waiting && s.For == lock })
			}
			stuck = stuck || a.By == "Thread-A" && b.By == "Thread-B" && from < to && waits("Thread-A", "lock 2") && waits("Thread-B", "lock 1")
		}
	}
	if !stuck {
		t.Errorf("no deadlock: %+v, %+v", first, second)
	}
	if len(tl.Lanes) > 4 {
		t.Errorf("%d lanes", len(tl.Lanes))
	}
}

func TestTheTimelineOfACondition(t *testing.T) {
	tl := timelineOf(t, "ch2.condition")
	holds := holdsOf(t, tl, "buffer")
	for _, name := range []string{"consumer 1", "consumer 2"} {
		laneOf(t, tl, name)
		if !slices.ContainsFunc(holds, func(h timeline.Hold) bool { return h.By == name }) {
			t.Errorf("%s never holds the buffer: %+v", name, holds)
		}
	}
	wantPauses(t, laneOf(t, tl, "producer"), 10)
	wantPauses(t, laneOf(t, tl, "consumer"), 10)
	if len(tl.Lanes) > 6 {
		t.Errorf("%d lanes", len(tl.Lanes))
	}
}

func TestTheTimelineOfTheAsynchronousModel(t *testing.T) {
	tl := timelineOf(t, "ch4.async-model")
	laneOf(t, tl, "A, B, C")
	wantOneAtATime(t, tl, "A", "B", "C")
	ready := 0
	for _, name := range []string{"A", "B", "C"} {
		for _, s := range laneOf(t, tl, name).Spans {
			if s.State == timeline.Ready {
				ready++
			}
		}
	}
	if ready == 0 {
		t.Error("no task ever waits for its turn")
	}
	for i := range 3 {
		laneOf(t, tl, "runInThreads "+string(rune('1'+i)))
	}
}

func TestTheTimelineOfTasks(t *testing.T) {
	tl := timelineOf(t, "ch4.tasks")
	names := []string{"factorial", "fibonacci", "binomial"}
	wantOneAtATime(t, tl, names...)
	for _, name := range names {
		wantPauses(t, laneOf(t, tl, name), 8)
	}
	if len(tl.Lanes) > 5 {
		t.Errorf("%d lanes", len(tl.Lanes))
	}
}

func TestTheTimelineOfATaskQueue(t *testing.T) {
	tl := timelineOf(t, "ch5.celery-task")
	for _, name := range []string{"worker 1", "worker 2", "worker 3"} {
		laneOf(t, tl, name)
	}
	did := map[string]bool{}
	for _, s := range laneOf(t, tl, "worker 1/calls").Spans {
		if s.State == timeline.Running {
			did[s.For] = true
		}
	}
	for _, name := range []string{"ch5.add", "ch5.twice", "ch5.total", "ch5.flaky", "ch5.lingering"} {
		if !did[name] {
			t.Errorf("worker 1 never runs %s, but %v", name, did)
		}
	}
	sent := map[string]int{}
	for _, m := range tl.Messages {
		if m.Received < m.Sent-tl.Clocks.Skew {
			t.Errorf("received before it was sent: %+v, with a skew of %v", m, tl.Clocks.Skew)
		}
		from, to := strings.TrimSuffix(m.From, "/calls"), strings.TrimSuffix(m.To, "/calls")
		sent[from+" "+m.Text+" "+to]++
	}
	for what, n := range map[string]int{
		"main ch5.add worker 1":               5, // one, that of the chain, three of the group
		"main ch5.flaky worker 1":             1,
		"worker 1 ch5.flaky again worker 1":   2,
		"main ch5.lingering worker 1":         1,
		"worker 1 result of ch5.add main":     2, // of the first call, which is asked for twice
		"worker 1 result of ch5.total main":   1,
		"worker 3 result of ch5.holding main": 1,
	} {
		if sent[what] != n {
			t.Errorf("%d messages %s, want %d, of %v", sent[what], what, n, sent)
		}
	}
}

func TestTheTimelineOfChannels(t *testing.T) {
	tl := recordRecipe(t, "ch5.pycsp", "--count", "4", "--each", "2")
	sent := map[string]int{}
	for _, m := range tl.Messages {
		if m.Received < m.Sent-tl.Clocks.Skew {
			t.Errorf("received before it was sent: %+v, with a skew of %v", m, tl.Clocks.Skew)
		}
		sent[m.From+" "+m.Text+" "+m.To]++
	}
	for what, n := range map[string]int{
		"communicate 1 A: 3 printer": 1, // the book's counter, which says nothing
		"exchange ×32 all: 1 main":   8, // of one, one, three and three writers
		"counter A: 2 squares":       2, // in this process, and in another one
		"squares B: 4 printer":       2,
	} {
		if sent[what] != n {
			t.Errorf("%d messages %s, want %d, of %v", sent[what], what, n, sent)
		}
	}
}

func TestTheTimelineOfADevice(t *testing.T) {
	tl := timelineOf(t, "ch6.opencl-test")
	commands := laneOf(t, tl, "queue 1").Spans
	for i := 1; i < len(commands); i++ {
		if commands[i].From < commands[i-1].To {
			t.Errorf("two commands of one queue at once: %+v, %+v", commands[i-1], commands[i])
		}
	}
	var did []string
	for _, s := range commands {
		did = append(did, s.For)
	}
	if text := strings.Join(did, " "); strings.Count(text, "addOften read") < 10 || strings.Count(text, "write addOften") < 10 {
		t.Errorf("the queue did %s", text)
	}
	if !slices.ContainsFunc(laneOf(t, tl, "main").Spans, func(s timeline.Span) bool { return s.State == timeline.Waiting && s.For == "queue 1" }) {
		t.Error("main never waits for the queue")
	}
	if len(tl.Lanes) > 3 {
		t.Errorf("%d lanes", len(tl.Lanes))
	}
}

func TestTheTimelineOfAQueue(t *testing.T) {
	tl := timelineOf(t, "ch2.queue")
	sent := map[string]int{}
	for _, m := range tl.Messages {
		if m.From == "Thread-1" && strings.HasPrefix(m.Text, "queue: ") {
			sent[m.To]++
		}
		if m.Received < m.Sent {
			t.Errorf("received before it was sent: %+v", m)
		}
	}
	if n := sent["Thread-2"] + sent["Thread-3"] + sent["Thread-4"]; n != 10 || len(sent) > 3 {
		t.Errorf("the producer's items went to %v, want 10 to the consumers", sent)
	}
}
