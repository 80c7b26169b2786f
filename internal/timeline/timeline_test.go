package timeline

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"net"
	"regexp"
	"runtime/trace"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cookbook/internal/golden"
	"cookbook/internal/terminal"
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

func TestOneWhoBlocksOnAHeldLockWaitsDuringTheHold(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context) {
		lock, held, letGo := make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
		var both sync.WaitGroup
		both.Go(func() {
			inTask(ctx, "holder", func(ctx context.Context) {
				lock <- struct{}{}
				trace.Log(ctx, waitfor.LogAcquire, "the lock")
				close(held)
				<-letGo
				trace.Log(ctx, waitfor.LogRelease, "the lock")
				<-lock
			})
		})
		<-held
		both.Go(func() {
			inTask(ctx, "waiter", func(ctx context.Context) {
				trace.WithRegion(ctx, waitfor.WaitRegion+"the lock", func() { lock <- struct{}{} })
				trace.Log(ctx, waitfor.LogAcquire, "the lock")
				trace.Log(ctx, waitfor.LogRelease, "the lock")
			})
		})
		synctest.Wait() // the waiter waits
		close(letGo)
		both.Wait()
	})
	wantNames(t, tl, mainName, "holder", "waiter")
	if len(tl.Things) != 1 || tl.Things[0].Name != "the lock" || len(tl.Things[0].Holds) != 2 {
		t.Fatalf("things %+v", tl.Things)
	}
	first, second := tl.Things[0].Holds[0], tl.Things[0].Holds[1]
	if first.By != "holder" || second.By != "waiter" || first.To > second.From {
		t.Errorf("held by %+v, then %+v", first, second)
	}
	waiter := lane(t, tl, "waiter")
	if !slices.ContainsFunc(waiter.Spans, func(s Span) bool {
		return s.State == Waiting && s.For == "the lock" && s.From < first.To && first.From < s.To
	}) {
		t.Errorf("no wait during the hold %+v in %+v", first, waiter.Spans)
	}
}

func TestATasksLaneIsOfTheGoroutineThatActsUnderIt(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context) {
		var all sync.WaitGroup
		for _, name := range []string{"ends it", "waits under it"} {
			ctx, task := trace.NewTask(ctx, name)
			all.Go(func() {
				if name == "ends it" {
					task.End()
					return
				}
				trace.WithRegion(ctx, waitfor.WaitRegion+"a moment", func() { time.Sleep(time.Second) })
			})
		}
		all.Wait()
	})
	wantNames(t, tl, mainName, "ends it", "waits under it")
	if !has(lane(t, tl, "waits under it"), Waiting, "a moment") || has(lane(t, tl, mainName), Waiting, "a moment") {
		t.Errorf("the wait is in the wrong lane: %+v", tl.Lanes)
	}
}

func TestTheFirstTaskStaysWithTheGoroutineThatBeganIt(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context) {
		var one sync.WaitGroup
		one.Go(func() {
			trace.Log(context.Background(), LogLine, "helper")
			trace.Log(ctx, waitfor.LogAcquire, "lock")
		})
		one.Wait()
	})
	wantNames(t, tl, mainName, "helper")
}

func TestThreadsOfOneNameShareALaneInTurn(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context) {
		start := func(wait chan struct{}) *sync.WaitGroup {
			var one sync.WaitGroup
			one.Go(func() {
				inTask(ctx, "producer", func(context.Context) { <-wait })
			})
			return &one
		}
		wait := make(chan struct{})
		close(wait)
		for range 2 {
			start(wait).Wait()
			synctest.Wait() // its goroutine has ended, too
		}
		wait = make(chan struct{})
		first, second := start(wait), start(wait)
		synctest.Wait()
		close(wait)
		first.Wait()
		second.Wait()
	})
	wantNames(t, tl, mainName, "producer", "producer")
}

func TestPausesAreSleepAndOtherWaitsHaveTheirType(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context) {
		transcript.New(transcript.Config{}).Sleep(ctx, time.Hour)
		var one sync.WaitGroup
		one.Go(func() { time.Sleep(time.Hour) })
		one.Wait()
	})
	wantNames(t, tl, mainName)
	for _, l := range []Lane{lane(t, tl, mainName), {Name: tl.Others.label(), Spans: tl.Others.Spans}} {
		if !has(l, Sleeping, "") {
			t.Errorf("%s never sleeps: %+v", l.Name, l.Spans)
		}
	}
	if !has(lane(t, tl, mainName), Waiting, "sync.WaitGroup") {
		t.Error("a wait outside of any region is not called by the type of package sync that it is for")
	}
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

func TestGoroutinesThatSpeakAsOneActorShareItsLane(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context) {
		say(mainName)
		worker := func() {
			say("worker")
			time.Sleep(time.Second)
		}
		atOnce(worker)
		atOnce(worker, worker, func() { time.Sleep(time.Minute) })
	})
	wantNames(t, tl, mainName, "worker")
	if l := lane(t, tl, "worker"); len(l.Lines) != 3 || !has(l, Sleeping, "") {
		t.Errorf("the worker said %d lines, want 3, and sleeps: %+v", len(l.Lines), l.Spans)
	}
	if tl.Others.N != 1 {
		t.Errorf("%d others, want the silent one", tl.Others.N)
	}
}

func TestEveryActorThatSpeaksHasALane(t *testing.T) {
	thread := func(ctx context.Context, name string, actors ...string) func() {
		return func() {
			inTask(ctx, name, func(context.Context) {
				for _, a := range actors {
					say(a)
				}
				time.Sleep(time.Second)
			})
		}
	}
	type lines map[string]int
	for _, tt := range []struct {
		name string
		run  func(ctx context.Context)
		want []string
		said lines
	}{
		{"main speaks for others", func(context.Context) { say("a"); say("b"); say("a") }, []string{mainName, "a", "b"}, lines{"a": 2, "b": 1}},
		{"a thread that speaks as another is that one", func(ctx context.Context) { atOnce(thread(ctx, "Thread-1", "a", "a")) }, []string{mainName, "a"}, lines{"a": 2}},
		{"a thread that speaks as several is none of them", func(ctx context.Context) { atOnce(thread(ctx, "Thread-1", "a", "b")) },
			[]string{mainName, "a", "b", "Thread-1"}, lines{"a": 1, "b": 1, "Thread-1": 0}},
		{"two threads that speak as one are both themselves", func(ctx context.Context) {
			atOnce(thread(ctx, "Thread-1", "a"), func() { time.Sleep(time.Millisecond); thread(ctx, "Thread-2", "a")() })
		},
			[]string{mainName, "a", "Thread-1", "Thread-2"}, lines{"a": 2}},
		{"one after the other they are the one", func(ctx context.Context) {
			atOnce(thread(ctx, "Thread-1", "a"))
			atOnce(thread(ctx, "Thread-2", "a"))
		}, []string{mainName, "a"}, lines{"a": 2}},
		{"a thread keeps its name from others", func(ctx context.Context) { atOnce(thread(ctx, "a", "a"), func() { say("a") }) }, []string{mainName, "a"}, lines{"a": 2}},
		{"those that speak come first", func(ctx context.Context) {
			atOnce(thread(ctx, "silent"))
			atOnce(func() { say("b") })
			atOnce(thread(ctx, "a", "a"))
		}, []string{mainName, "b", "a", "silent"}, lines{"a": 1, "b": 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tl := timelineOf(t, tt.run)
			wantNames(t, tl, tt.want...)
			for name, n := range tt.said {
				if l := lane(t, tl, name); len(l.Lines) != n {
					t.Errorf("%s said %d lines, want %d", name, len(l.Lines), n)
				}
			}
		})
	}
}

func TestWhatAThreadIsCalledIsSoEverywhere(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context) {
		trace.WithRegion(ctx, waitfor.WaitRegion+"Thread-1", func() {
			atOnce(func() {
				inTask(ctx, "Thread-1", func(ctx context.Context) {
					say("reader")
					trace.Log(ctx, waitfor.LogAcquire, "lock")
					time.Sleep(time.Second)
					trace.Log(ctx, waitfor.LogRelease, "lock")
				})
			})
		})
	})
	wantNames(t, tl, mainName, "reader")
	if by := tl.Things[0].Holds[0].By; by != "reader" {
		t.Errorf("the lock is held by %q", by)
	}
	if !has(lane(t, tl, mainName), Waiting, "reader") {
		t.Errorf("main does not wait for the reader: %+v", lane(t, tl, mainName).Spans)
	}
}

func TestATaskOfALoopIsReadyUntilItHasItsTurn(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context) {
		under, task := trace.NewTask(context.Background(), "task")
		next, stop := iter.Pull(func(yield func(int) bool) {
			defer task.End()
			defer trace.StartRegion(under, "task").End()
			yield(1) // waits for its turn
			trace.WithRegion(under, waitfor.SleepRegion, func() { yield(2) })
			trace.WithRegion(under, waitfor.WaitRegion+"a future", func() { yield(3) })
		})
		defer stop()
		trace.WithRegion(ctx, waitfor.WaitRegion+"its tasks", func() {
			for range 4 {
				time.Sleep(time.Second)
				trace.Log(under, waitfor.LogReady, "")
				time.Sleep(time.Second)
				next()
			}
		})
	})
	wantNames(t, tl, mainName, "task")
	var got []string
	for _, s := range lane(t, tl, "task").Spans {
		if s.State != Running {
			got = append(got, strings.TrimSpace([]string{"runs", "ready", "waits", "sleeps"}[s.State]+" "+s.For))
		}
	}
	want := []string{"ready", "ready", "sleeps", "ready", "waits a future", "ready"}
	if !slices.Equal(got, want) {
		t.Errorf("the task %q, want %q", got, want)
	}
	if !has(lane(t, tl, mainName), Waiting, "its tasks") {
		t.Errorf("the loop does not wait for its tasks: %+v", lane(t, tl, mainName).Spans)
	}
}

func TestWhatIsReleasedByOthersIsASignal(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context) {
		trace.Log(ctx, waitfor.LogAcquire, "box") // as one re-enters
		trace.Log(ctx, waitfor.LogAcquire, "box")
		trace.Log(ctx, waitfor.LogRelease, "ready")
		trace.Log(ctx, waitfor.LogRelease, "box")
		trace.Log(ctx, waitfor.LogRelease, "box")
		trace.Log(ctx, waitfor.LogAcquire, "kept")
		inTask(ctx, "other", func(ctx context.Context) { trace.Log(ctx, waitfor.LogAcquire, "ready") })
	})
	if len(tl.Things) != 3 {
		t.Fatalf("things %+v", tl.Things)
	}
	box, kept, ready := tl.Things[0], tl.Things[1], tl.Things[2]
	if box.Signal || len(box.Holds) != 1 {
		t.Errorf("acquired twice by one, released twice: %+v, want one hold", box)
	}
	if len(kept.Holds) != 1 || kept.Holds[0].To != tl.End {
		t.Errorf("never released: %+v, want a hold until %v", kept, tl.End)
	}
	if !ready.Signal || len(ready.Holds) != 0 || len(ready.Given) != 1 || len(ready.Taken) != 1 {
		t.Errorf("released by one, acquired by another: %+v, want a signal", ready)
	}
}

// serve lets a child process say a line as each of the actors.
func serve(t *testing.T, actors ...string) {
	mark := transcript.SinkFunc(func(e transcript.Event) { say(e.Actor) })
	parent, child := net.Pipe()
	atOnce(func() {
		if err := transcript.New(transcript.Config{Sink: mark}).Serve(parent); err != nil {
			t.Error(err)
		}
	}, func() {
		defer child.Close()
		l, err := transcript.Dial(child)
		if err != nil {
			t.Error(err)
			return
		}
		for _, a := range actors {
			l.Actor(a).Printf("hello")
		}
	})
}

func TestWhoSpeaksForAnotherProcessHasALaneOfLinesAlone(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context) { serve(t, "rank 1", "rank 2") })
	for _, name := range []string{"rank 1", "rank 2"} {
		if l := lane(t, tl, name); len(l.Lines) != 1 || len(l.Spans) != 0 {
			t.Errorf("lane %+v", l)
		}
	}
}

func TestOfAProcessTheLifeAndTheLinesAreKnown(t *testing.T) {
	attend := func(name string, actors ...string) func() {
		return func() {
			trace.WithRegion(context.Background(), waitfor.ProcessRegion+name, func() { serve(t, actors...) })
		}
	}
	for _, tt := range []struct {
		name  string
		run   func()
		want  []string
		lines int // of the first of them
	}{
		{"by its own name", func() { atOnce(attend("rank 0", "rank 0")) }, []string{"rank 0"}, 1},
		{"silent", func() { atOnce(attend("rank 0")) }, []string{"rank 0"}, 0},
		{"by the name of the actor", func() { atOnce(attend("Process-1", "foo")) }, []string{"foo"}, 1},
		{"one after the other", func() { atOnce(attend("rank 0", "rank 0")); atOnce(attend("rank 0", "rank 0")) }, []string{"rank 0"}, 2},
		{"and silent the second time", func() { atOnce(attend("p1 - test", "p1")); atOnce(attend("p1 - test")) }, []string{"p1"}, 1},
		{"as several actors", func() { atOnce(attend("Process-1", "a", "b")) }, []string{"a", "b", "Process-1"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tl := timelineOf(t, func(context.Context) { tt.run() })
			wantNames(t, tl, append([]string{mainName}, tt.want...)...)
			if n := len(lane(t, tl, tt.want[0]).Lines); n != tt.lines {
				t.Errorf("%d lines, want %d", n, tt.lines)
			}
			lives := lane(t, tl, tt.want[len(tt.want)-1])
			if len(lives.Spans) == 0 || slices.ContainsFunc(lives.Spans, func(s Span) bool { return s.State != Apart }) {
				t.Errorf("spans %+v, want that it lives and no more", lives.Spans)
			}
		})
	}
}

func TestABrokenTraceIsAnError(t *testing.T) {
	whole := traced(t, func() {
		inTask(context.Background(), mainName, func(ctx context.Context) { trace.Log(ctx, LogLine, mainName) })
	})
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "want a trace of Go 1.22 or later"},
		{"no trace", []byte("hello, this is something else"), "want a trace of Go 1.22 or later"},
		{"of long ago", []byte("go 1.11 trace\x00\x00\x00"), "want a trace of Go 1.22 or later"},
		{"of the future", []byte("go 1.98 trace\x00\x00\x00"), "read a trace: unknown"},
		{"cut", whole[:len(whole)-len(whole)/3], "read a trace: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ReadTrace(bytes.NewReader(tt.data)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzReadTrace(f *testing.F) {
	whole := traced(f, func() {
		inTask(context.Background(), mainName, func(ctx context.Context) {
			var one sync.WaitGroup
			one.Go(func() {
				inTask(ctx, "thread", func(ctx context.Context) {
					trace.Log(ctx, waitfor.LogAcquire, "lock")
					trace.WithRegion(ctx, waitfor.WaitRegion+"lock", func() { time.Sleep(time.Microsecond) })
					trace.Log(ctx, waitfor.LogRelease, "lock")
				})
			})
			one.Wait()
		})
	})
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		tl, _ := ReadTrace(bytes.NewReader(data))
		tl.Draw(new(strings.Builder), terminal.Style{Width: 80, Color: true})
	})
}

func TestThinnedSpansCoverTheSameTime(t *testing.T) {
	g := &goroutine{}
	const many = 5 * maxSpans
	for i := range many {
		at := time.Duration(i)
		if n := len(g.spans); n > 0 {
			g.spans[n-1].To = at
		}
		g.add(Span{From: at, State: State(i % 2)})
	}
	g.spans[len(g.spans)-1].To = many
	if n := len(g.spans); n > maxSpans {
		t.Errorf("%d spans, want at most %d", n, maxSpans)
	}
	at := time.Duration(0)
	for _, s := range g.spans {
		if s.From != at {
			t.Fatalf("a gap: %v after %v", s.From, at)
		}
		at = s.To
	}
	if at != many {
		t.Errorf("they end at %v, want %v", at, many)
	}

	h := &thing{}
	for i := range many {
		h.acquire(time.Duration(2*i), "a")
		h.release(time.Duration(2*i+1), "a")
	}
	if n := len(h.Holds); n > maxSpans || h.Holds[0].From != 0 || h.Holds[n-1].To != 2*many-1 {
		t.Errorf("%d holds from %v to %v", n, h.Holds[0].From, h.Holds[n-1].To)
	}
}

const msec = time.Millisecond

// dining is a timeline with everything in it.
var dining = Timeline{
	End: 47 * msec,
	Lanes: []Lane{
		{mainName, []Span{{0, msec, Running, ""}, {msec, 31 * msec, Waiting, "Thread-A"}, {31 * msec, 44 * msec, Waiting, "Thread-B"}, {44 * msec, 47 * msec, Running, ""}},
			[]time.Duration{0, 45 * msec}},
		{"Thread-A", []Span{{msec, 2 * msec, Running, ""}, {2 * msec, 12 * msec, Sleeping, ""}, {12 * msec, 20 * msec, Waiting, "lock 2"}, {20 * msec, 31 * msec, Running, ""}},
			[]time.Duration{2 * msec}},
		{"Thread-B", []Span{{msec, 4 * msec, Ready, ""}, {4 * msec, 8 * msec, Running, ""}, {8 * msec, 20 * msec, Sleeping, ""}, {20 * msec, 31 * msec, Waiting, "lock 1"}, {31 * msec, 44 * msec, Sleeping, ""}},
			[]time.Duration{4 * msec, 43 * msec}},
		{"a child", []Span{{6 * msec, 25 * msec, Apart, ""}}, []time.Duration{15 * msec, 25 * msec}},
		{"a collector of 並行", []Span{{5 * msec, 28 * msec, Waiting, "a notification on the 並行 box"}, {28 * msec, 40 * msec, Waiting, "slots"}}, nil},
	},
	Others: Crowd{12, []Span{{2 * msec, 9 * msec, Waiting, ""}, {9 * msec, 21 * msec, Running, ""}}},
	Things: []Thing{
		{Name: "lock 1", Holds: []Hold{{2 * msec, 31 * msec, "Thread-A"}, {31 * msec, 44 * msec, "Thread-B"}}},
		{Name: "lock 2", Holds: []Hold{{5 * msec, 20 * msec, "Thread-B"}, {20 * msec, 30 * msec, "Thread-A"}}},
		{Name: "items", Signal: true, Given: []time.Duration{3 * msec, 9 * msec, 9 * msec, 31 * msec}, Taken: []time.Duration{9 * msec, 20 * msec}},
		{Name: "slots", Holds: []Hold{{2 * msec, 12 * msec, "Thread-A"}, {5 * msec, 8 * msec, "Thread-B"}, {14 * msec, 14*msec + 1, "main"}, {22 * msec, 44 * msec, "Thread-B"}, {22 * msec, 30 * msec, "a stranger"}}},
		{Name: "turns", Holds: []Hold{{3 * msec, 3*msec + 1, "Thread-A"}, {3*msec + 2, 3*msec + 3, "Thread-B"}, {20 * msec, 20*msec + 1, "Thread-B"}, {20*msec + 2, 20*msec + 3, "Thread-B"}}},
	},
}

func draw(tl Timeline, s terminal.Style) string {
	var b strings.Builder
	tl.Draw(&b, s)
	return b.String()
}

func TestATimelineLooksAsItShould(t *testing.T) {
	for _, width := range []int{60, 80, 140} {
		golden.Compare(t, fmt.Sprintf("%d.txt", width), draw(dining, terminal.Style{Width: width}))
	}
	golden.Compare(t, "80-color.txt", draw(dining, terminal.Style{Width: 80, Color: true}))
}

func TestTheAxisHasRoundTicks(t *testing.T) {
	for end, want := range map[time.Duration]string{
		30 * time.Microsecond: "0 ms 0.005 0.010 0.015 0.020 0.025",
		5 * time.Millisecond:  "0 ms 1 2 3 4",
		700 * msec:            "0 ms 100 200 300 400 500 600",
		time.Second:           "0 s 0.2 0.4 0.6 0.8",
		60 * time.Second:      "0 s 10 20 30 40 50",
		time.Hour:             "0 s 500 1000 1500 2000 2500 3000",
	} {
		tl := Timeline{End: end, Lanes: []Lane{{Name: mainName, Spans: []Span{{0, end, Running, ""}}}}}
		got := strings.Join(strings.Fields(strings.Split(draw(tl, terminal.Style{Width: 80}), "\n")[1]), " ")
		if got != want {
			t.Errorf("%v: axis %q, want %q", end, got, want)
		}
	}
}

func TestWhatThereIsNoRoomForIsCounted(t *testing.T) {
	all := []Span{{0, time.Second, Running, ""}}
	tl := Timeline{End: time.Second, Others: Crowd{7, []Span{{0, time.Second, Waiting, ""}}}}
	for i := range maxLanes + 8 {
		tl.Lanes = append(tl.Lanes, Lane{Name: fmt.Sprint("thread ", i), Spans: all})
	}
	for i := range maxThings + 1 {
		tl.Things = append(tl.Things, Thing{Name: fmt.Sprint("lock ", i), Holds: []Hold{{0, time.Second, "thread 39"}}})
	}
	got := draw(tl, terminal.Style{})
	for _, want := range []string{"\n    15 goroutines  ████", "  15 goroutines: all others, as one", "not drawn: 1 more lock"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "thread 32 ") {
		t.Errorf("more than %d lanes in\n%s", maxLanes, got)
	}
	for i := range tl.Lanes {
		tl.Lanes[i].Lines = []time.Duration{0}
	}
	got = draw(tl, terminal.Style{})
	if !strings.Contains(got, "thread 39 ") || !strings.Contains(got, "not drawn: 1 more lock and 7 goroutines more") {
		t.Errorf("want all those that speak, and no row of those that only wait:\n%s", got)
	}
}

func TestLanesComeInTheOrderOfTheTranscriptsActors(t *testing.T) {
	spoke := []time.Duration{0}
	tl := Timeline{End: time.Second, Actors: []string{"b", "a", "silent"}, Lanes: []Lane{
		{"stranger", nil, spoke}, {"other", nil, nil}, {"a", nil, spoke}, {"silent", nil, nil}, {"b", nil, spoke}, {mainName, nil, nil},
	}}
	var got []string
	for _, l := range strings.Split(draw(tl, terminal.Style{}), "\n")[3:9] {
		got = append(got, strings.Fields(l)[0])
	}
	if want := []string{mainName, "b", "a", "stranger", "other", "silent"}; !slices.Equal(got, want) {
		t.Errorf("lanes %q, want %q", got, want)
	}
	if tl.Lanes[0].Name != "stranger" {
		t.Error("to draw it changes the timeline")
	}
}

func TestMergedSpansShowAtEachMomentTheStateThatComesFirst(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	first := []State{Running, Ready, Sleeping, Waiting, Apart}
	for range 300 {
		var all [][]Span
		for range r.IntN(5) {
			var spans []Span
			for at := r.IntN(5); at < 30; {
				to := at + 1 + r.IntN(6)
				spans = append(spans, Span{time.Duration(at), time.Duration(to), State(r.IntN(states)), ""})
				at = to + r.IntN(3)
			}
			all = append(all, spans)
		}
		at := func(spans []Span, moment time.Duration) State {
			for _, s := range spans {
				if s.From <= moment && moment < s.To {
					return s.State
				}
			}
			return states
		}
		merged := merge(all)
		for moment := range time.Duration(40) {
			want := State(states)
			for _, spans := range all {
				if s := at(spans, moment); s < states && (want == states || slices.Index(first, s) < slices.Index(first, want)) {
					want = s
				}
			}
			if got := at(merged, moment); got != want {
				t.Fatalf("at %d: state %d, want %d, of %v: %v", moment, got, want, all, merged)
			}
		}
	}
}

func TestNothingIsDrawnOfNothing(t *testing.T) {
	if got := draw(Timeline{}, terminal.Style{}); got != "" {
		t.Errorf("drew %q", got)
	}
}

func TestNoLineIsWiderThanTheTerminalWhateverHappened(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	codes := regexp.MustCompile("\x1b\\[[0-9;]*m")
	someName := func() string { return strings.Repeat("並x", r.IntN(9)) }
	for range 300 {
		tl := Timeline{End: time.Duration(1 + r.Int64N(1<<r.IntN(50)))}
		when := func() time.Duration { return time.Duration(r.Int64N(int64(tl.End) + 1)) }
		for range 1 + r.IntN(6) {
			l := Lane{Name: someName()}
			for from := when(); from < tl.End && len(l.Spans) < 50; from = l.Spans[len(l.Spans)-1].To {
				l.Spans = append(l.Spans, Span{from, from + 1 + when()/8, State(r.IntN(states)), someName()})
			}
			l.Lines = append(l.Lines, when(), tl.End)
			tl.Lanes = append(tl.Lanes, l)
		}
		for range r.IntN(4) {
			h := Thing{Name: someName(), Signal: r.IntN(3) == 0, Given: []time.Duration{when()}, Taken: []time.Duration{when()}}
			for range r.IntN(20) {
				from := when()
				h.Holds = append(h.Holds, Hold{from, max(from, when()), tl.Lanes[r.IntN(len(tl.Lanes))].Name})
			}
			tl.Things = append(tl.Things, h)
		}
		width := 40 + r.IntN(150)
		plain, coloured := draw(tl, terminal.Style{Width: width}), draw(tl, terminal.Style{Width: width, Color: true})
		for _, line := range strings.Split(plain, "\n") {
			if terminal.Width(line) > width {
				t.Fatalf("%d columns of %d: %q", terminal.Width(line), width, line)
			}
		}
		legend := strings.Index(plain, "\n  ●") // which says more in colour
		if bare := codes.ReplaceAllString(coloured, ""); strings.ReplaceAll(bare[:legend], " \n", "\n") != plain[:legend] {
			t.Fatalf("colour changes more than colours:\n%s\n%s", plain, bare)
		}
	}
}

func TestTheRecipesLaneHasTheNameOfItsActor(t *testing.T) {
	if mainName != transcript.Main {
		t.Errorf("the lane is %q and the actor %q", mainName, transcript.Main)
	}
}
