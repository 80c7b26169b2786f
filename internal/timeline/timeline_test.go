package timeline

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"runtime/trace"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cookbook/internal/transcript"
	"cookbook/internal/waitfor"
)

// traced runs a program, in a bubble of synctest, with the trace on.
func traced(t testing.TB, program func()) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := trace.Start(&buf); err != nil {
		t.Skipf("no second trace in one process: %v", err)
	}
	defer trace.Stop()
	program()
	trace.Stop()
	return buf.Bytes()
}

// inTask does what a thread does under trace.
func inTask(ctx context.Context, name string, do func(ctx context.Context)) {
	ctx, task := trace.NewTask(ctx, name)
	defer task.End()
	do(ctx)
}

// timelineOf reads the trace of a program whose first task is main.
func timelineOf(t *testing.T, main func(ctx context.Context)) Timeline {
	t.Helper()
	data := traced(t, func() {
		synctest.Test(t, func(*testing.T) { inTask(context.Background(), mainName, main) })
	})
	tl, err := ReadTrace(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for _, lane := range tl.Lanes {
		at := time.Duration(0)
		for _, s := range lane.Spans {
			if s.From < at || s.To <= s.From || s.To > tl.End {
				t.Errorf("%s: span %v to %v of %v after %v", lane.Name, s.From, s.To, tl.End, at)
			}
			at = s.To
		}
	}
	return tl
}

func names(tl Timeline) []string {
	var all []string
	for _, l := range tl.Lanes {
		all = append(all, l.Name)
	}
	return all
}

func wantNames(t *testing.T, tl Timeline, want ...string) {
	t.Helper()
	if got := names(tl); !slices.Equal(got, want) {
		t.Fatalf("lanes %q, want %q", got, want)
	}
}

func lane(t *testing.T, tl Timeline, name string) Lane {
	t.Helper()
	i := slices.IndexFunc(tl.Lanes, func(l Lane) bool { return l.Name == name })
	if i < 0 {
		t.Fatalf("no lane %q among %q", name, names(tl))
	}
	return tl.Lanes[i]
}

func has(l Lane, state State, on string) bool {
	return slices.ContainsFunc(l.Spans, func(s Span) bool { return s.State == state && s.For == on })
}

// say does what the log does under trace.
func say(actor string) { trace.Log(context.Background(), LogLine, actor) }

// atOnce runs functions at the same time, to the end.
func atOnce(all ...func()) {
	var running sync.WaitGroup
	for _, f := range all {
		running.Go(f)
	}
	running.Wait()
	synctest.Wait() // their goroutines have ended, too
}

func TestTheRecipesLaneHasTheNameOfItsActor(t *testing.T) {
	if mainName != transcript.Main {
		t.Errorf("the lane is %q and the actor %q", mainName, transcript.Main)
	}
}

func TestWhatIsSilentInAProcessStandsBelowIt(t *testing.T) {
	line := []time.Duration{0}
	tl := Timeline{Actors: []string{"main", "worker 1", "worker 2"}, Lanes: []Lane{
		{Name: "worker 1/calls"}, {Name: "idle"}, {Name: "worker 2/calls"}, {Name: "worker 2", Lines: line}, {Name: "worker 1/calls"},
		{Name: "gone/calls"}, {Name: "worker 1", Lines: line}, {Name: "main"}, {Name: "worker 2/says", Lines: line},
	}}
	tl.order()
	var got []string
	for _, l := range tl.Lanes {
		got = append(got, l.Name)
	}
	want := []string{"main", "worker 1", "worker 1/calls", "worker 1/calls", "worker 2", "worker 2/calls", "worker 2/says", "idle", "gone/calls"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A message is shown in the lane of the goroutine that sent it, of several of one name in the right one.
func TestWhoseLanesAMessageIsShownIn(t *testing.T) {
	send := func(key string) { trace.Log(context.Background(), waitfor.LogSend, key+" from "+key) }
	receive := func(key string) { trace.Log(context.Background(), waitfor.LogReceive, key) }
	tl := timelineOf(t, func(ctx context.Context) {
		var all sync.WaitGroup
		for _, name := range []string{"first", "second"} {
			all.Go(func() {
				inTask(ctx, "worker", func(ctx context.Context) {
					time.Sleep(time.Millisecond)
					send(name)
					time.Sleep(time.Millisecond)
				})
			})
			time.Sleep(time.Microsecond)
		}
		passed := make(chan bool)
		all.Go(func() { send("helper to helper"); close(passed) })
		all.Go(func() { <-passed; receive("helper to helper") })
		all.Go(func() {
			trace.Log(ctx, waitfor.LogLine, "a speaker")
			send("speaker")
		})
		all.Wait()
		receive("first")
		receive("second")
		receive("speaker")
		send("itself")
		receive("itself")
	})
	wantNames(t, tl, mainName, "a speaker", "worker #1", "worker #2")
	at := placesOf(tl.Lanes)
	got := map[string]string{}
	for _, m := range tl.Messages {
		from, to := at.ends(m)
		got[m.Text] = fmt.Sprint(from, "→", to)
	}
	if want := map[string]string{"from first": "2→0", "from second": "3→0", "from speaker": "1→0", "from itself": "0→0"}; !maps.Equal(got, want) {
		t.Errorf("messages %v, want %v", got, want)
	}
}

// Those that live one after the other share a name, and a lane.
func TestSilentProcessesOfOneNameHaveNumbers(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context) {
		for _, together := range [][]string{{"worker", "worker", "other"}, {"worker", "other"}} {
			var all sync.WaitGroup
			for _, name := range together {
				all.Go(func() {
					trace.WithRegion(ctx, waitfor.ProcessRegion+name, func() { time.Sleep(time.Millisecond) })
				})
				time.Sleep(time.Microsecond)
			}
			all.Wait()
		}
	})
	wantNames(t, tl, mainName, "worker #1", "worker #2", "other")
	for i, l := range tl.Lanes {
		if n := len(l.Spans); l.Process != (i > 0) || i > 0 && n != map[string]int{"worker #1": 2, "worker #2": 1, "other": 2}[l.Name] {
			t.Errorf("%s is a process: %v, with %d times", l.Name, l.Process, n)
		}
	}
}

// A task whose goroutine has long been there does not share a lane with one that goes on, and any lane that is free is taken.
func TestTasksTakeLanesThatAreFree(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context) {
		var all sync.WaitGroup
		work := func(wait, work time.Duration) {
			all.Go(func() {
				time.Sleep(wait)
				inTask(ctx, "call", func(context.Context) { time.Sleep(work) })
			})
			time.Sleep(time.Microsecond)
		}
		work(0, 10*time.Millisecond)
		work(0, 50*time.Millisecond)
		time.Sleep(20 * time.Millisecond)
		work(0, 10*time.Millisecond)                  // where the first was
		work(5*time.Millisecond, 10*time.Millisecond) // beside both, since its goroutine is there already
		time.Sleep(40 * time.Millisecond)
		work(0, time.Millisecond)
		all.Wait()
	})
	wantNames(t, tl, mainName, "call #1", "call #2", "call #3")
	for _, l := range tl.Lanes {
		for i := 1; i < len(l.Spans); i++ {
			if l.Spans[i].From < l.Spans[i-1].To {
				t.Errorf("%s: %+v overlaps %+v", l.Name, l.Spans[i], l.Spans[i-1])
			}
		}
	}
}
