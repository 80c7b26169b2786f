package timeline

import (
	"context"
	"net"
	"runtime/trace"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cookbook/internal/transcript"
	"cookbook/internal/waitfor"
)

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
	wantNames(t, tl, mainName, "producer #1", "producer #2")
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

// serve lets a child process say a line as each of the actors.
func serve(t *testing.T, actors ...string) {
	mark := transcript.SinkFunc(func(e transcript.Event) { say(e.Actor) })
	parent, child := net.Pipe()
	atOnce(func() {
		if err := transcript.New(transcript.Config{Sink: mark}).Serve("child", parent); err != nil {
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
