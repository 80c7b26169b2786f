package timeline

import (
	"bytes"
	"context"
	"runtime/trace"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cookbook/internal/terminal"
	"cookbook/internal/waitfor"
)

func TestWhatNoGoroutineDoesHasALane(t *testing.T) {
	data := traced(t, func() {
		inTask(context.Background(), mainName, func(ctx context.Context) {
			queue, task := trace.NewTask(context.Background(), "queue 1")
			trace.WithRegion(ctx, waitfor.WaitRegion+"queue 1", func() { time.Sleep(time.Millisecond) })
			for _, did := range []string{
				waitfor.Did(30_000, 20_000, "second"), waitfor.Did(500_000, 30_000, "first"), waitfor.Did(10_000, 0, "\x1b third"), // told in another order
				"", "1", "1 2", "x 2 a", "2 3 ends before it begins", "3 -1 ends later",
			} {
				trace.Log(queue, waitfor.LogDid, did)
			}
			task.End()
			trace.Log(ctx, waitfor.LogDid, waitfor.Did(2, 1, "by a goroutine"))
		})
	})
	tl, err := ReadTrace(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, tl, mainName, "queue 1")
	var did []string
	for _, s := range lane(t, tl, "queue 1").Spans {
		if s.State != Running {
			t.Errorf("span %+v", s)
		}
		did = append(did, s.For)
	}
	if want := []string{"first", "second", terminal.Safe("\x1b third")}; !slices.Equal(did, want) {
		t.Errorf("it did %q, want %q", did, want)
	}
	if has(lane(t, tl, mainName), Running, "by a goroutine") {
		t.Error("main has a lane of its own, and another's span in it")
	}
}

func TestARunningGoroutineSaysWhatItDoes(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context) {
		time.Sleep(time.Second)
		trace.WithRegion(ctx, waitfor.DoRegion+"add", func() {
			trace.WithRegion(ctx, waitfor.DoRegion+"part", func() { time.Sleep(time.Second) })
			var one sync.WaitGroup
			one.Go(func() { time.Sleep(time.Second) })
			one.Wait()
		})
		time.Sleep(time.Second)
	})
	var did []string
	for _, s := range tl.Lanes[0].Spans {
		if s.State == Running && (len(did) == 0 || did[len(did)-1] != s.For) {
			did = append(did, s.For)
		}
	}
	if !has(tl.Lanes[0], Waiting, "add: sync.WaitGroup") {
		t.Errorf("main does not say in what it waits: %+v", tl.Lanes[0].Spans)
	}
	if got := strings.Join(did, ","); got != ",add,part,add," {
		t.Errorf("main does %q in turn", did)
	}
}
