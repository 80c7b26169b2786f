package timeline

import (
	"bytes"
	"context"
	"iter"
	"runtime/trace"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
	"cookbook/internal/waitfor"
)

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
			one.Go(func() {
				trace.WithRegion(ctx, waitfor.ProcessRegion+"child", func() { say("child") })
			})
			one.Go(func() { say("speaker") })
			one.Go(func() {})
			one.Wait()
			under, task := trace.NewTask(ctx, "of a loop")
			next, stop := iter.Pull(func(yield func(int) bool) {
				defer task.End()
				trace.WithRegion(under, waitfor.SleepRegion, func() { yield(1) })
			})
			next()
			trace.Log(under, waitfor.LogReady, "")
			stop()
		})
	})
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		tl, _ := ReadTrace(bytes.NewReader(data))
		tl.Draw(new(strings.Builder), terminal.Style{Width: 80, Color: true})
	})
}
