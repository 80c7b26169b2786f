package timeline

import (
	"bytes"
	"context"
	"runtime/trace"
	"strings"
	"sync"
	"testing"
	"time"

	"cookbook/internal/waitfor"
)

// family returns the traces of a process and of its child, which were recorded one after the other.
func family(t testing.TB) (root, child []byte) {
	root = traced(t, func() {
		inTask(context.Background(), mainName, func(ctx context.Context) {
			trace.Log(ctx, waitfor.LogSpawn, "1-1")
			trace.WithRegion(ctx, waitfor.ProcessRegion+"Process-1", func() {
				trace.Log(ctx, waitfor.LogChild, "1-1")
				trace.Log(ctx, waitfor.LogSend, "a item 1")
				time.Sleep(time.Millisecond)
				trace.Log(ctx, waitfor.LogReceive, "b")
			})
		})
	})
	child = traced(t, func() {
		inTask(context.Background(), waitfor.ProcessTask, func(ctx context.Context) {
			trace.Log(ctx, waitfor.LogReceive, "a")
			trace.Log(ctx, waitfor.LogTake, "the lock")
			var one sync.WaitGroup
			one.Go(func() {
				inTask(ctx, "feeder", func(ctx context.Context) { trace.Log(ctx, waitfor.LogAcquire, "its own") })
			})
			one.Wait()
			trace.Log(ctx, waitfor.LogSay, "Process-1")
			trace.Log(ctx, waitfor.LogHeard, "Process-1")
			trace.WithRegion(ctx, waitfor.PollRegion+"nothing", func() { time.Sleep(time.Microsecond) })
			trace.Log(ctx, waitfor.LogGive, "the lock")
			trace.Log(ctx, waitfor.LogSend, "b item 2")
		})
		trace.Log(context.Background(), waitfor.LogEnd, "1-1")
	})
	return root, child
}

func TestAChildIsALaneThatShowsWhatItDid(t *testing.T) {
	root, child := family(t)
	tl, err := ReadTraces(bytes.NewReader(root), []Part{{"1-1", bytes.NewReader(child)}})
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, tl, mainName, "Process-1", "Process-1/feeder")
	if len(tl.Cut) > 0 || len(tl.Things) != 2 || tl.Things[0].Holds[0].By != "Process-1/feeder" && tl.Things[1].Holds[0].By != "Process-1" {
		t.Errorf("cut %q, things %+v", tl.Cut, tl.Things)
	}
	if len(tl.Messages) != 2 || tl.Messages[0].Text != "item 1" || tl.Messages[0].To != "Process-1" || tl.Messages[1].From != "Process-1" {
		t.Errorf("messages %+v", tl.Messages)
	}
	if c := tl.Clocks; c.Processes != 2 || c.Wrong == 0 || !strings.Contains(c.String(), "do not agree") { // it was recorded later
		t.Errorf("clocks %+v: %v", c, c)
	}
}

func TestAChildWhosePartIsCutIsSaidSo(t *testing.T) {
	root, child := family(t)
	for name, part := range map[string][]byte{"empty": nil, "no trace": []byte("hello"), "cut": child[:len(child)-1], "half": child[:len(child)/2]} {
		tl, err := ReadTraces(bytes.NewReader(root), []Part{{"1-1", bytes.NewReader(part)}, {"unknown", bytes.NewReader(part)}})
		if err != nil || len(tl.Cut) == 0 || tl.Cut[0] != "Process-1" {
			t.Errorf("%s: error %v, cut %q", name, err, tl.Cut)
		}
	}
	if tl, err := ReadTrace(bytes.NewReader(root)); err != nil || len(tl.Cut) != 1 {
		t.Errorf("no part at all: error %v, cut %q", err, tl.Cut)
	}
}

func TestATraceThatIsCutAnywhereIsRead(t *testing.T) {
	root, child := family(t)
	for part := range 40 {
		at := len(child) * part / 40
		if tl, err := ReadTraces(bytes.NewReader(root), []Part{{"1-1", bytes.NewReader(child[:at])}}); err != nil || len(tl.Cut) != 1 {
			t.Errorf("child cut at %d: error %v, cut %q", at, err, tl.Cut)
		}
		at = len(root) * part / 40
		if _, err := ReadTraces(bytes.NewReader(root[:at]), []Part{{"1-1", bytes.NewReader(child)}}); err == nil {
			t.Errorf("root cut at %d: no error", at)
		}
	}
}

func TestClocksAreBoundedByCauses(t *testing.T) {
	root, a, b := &process{seen: true}, &process{seen: true}, &process{seen: true}
	a.parent = root
	var c clocks
	c.line(a, sentLine{line: line{at: 10}, heard: 30}, line{at: 20})
	c.message(a, b, 40, 45)
	c.message(b, a, 50, 53)
	got := c.settle([]*process{root, a, b}, 1000)
	if want := (Clocks{Processes: 3, Skew: 15, Checks: 3}); got != want { // root and b: by way of a
		t.Errorf("clocks %+v, want %+v", got, want)
	}
	if got := c.settle([]*process{root, a, b}, 14); got.Skew != 0 || !strings.Contains(got.String(), "not known") {
		t.Errorf("clocks %v with a bound above the length of the run", got)
	}
	c.message(b, a, 60, 55)
	if got := c.settle([]*process{root, a, b}, 1000); got.Wrong != 1 {
		t.Errorf("clocks %+v, and a message came before it was sent", got)
	}
	if got := c.settle([]*process{root, {}}, 1000); got != (Clocks{}) || got.String() != "" {
		t.Errorf("one process has clocks %+v", got)
	}
}

func FuzzReadTraces(f *testing.F) {
	root, child := family(f)
	f.Add(root, child)
	f.Add(root, child[:len(child)/2])
	f.Add(root[:len(root)/2], child)
	f.Add(child, root)
	f.Add(root, root)
	f.Fuzz(func(t *testing.T, root, child []byte) {
		tl, _ := ReadTraces(bytes.NewReader(root), []Part{{"1-1", bytes.NewReader(child)}, {"1-1", bytes.NewReader(child)}})
		for _, l := range tl.Lanes {
			for i, s := range l.Spans {
				if s.From >= s.To || i > 0 && s.From < l.Spans[i-1].To || s.To > tl.End {
					t.Fatalf("%s: span %d of %+v", l.Name, i, l.Spans)
				}
			}
		}
		for _, m := range tl.Messages {
			if m.Sent < 0 || m.Received > tl.End {
				t.Fatalf("message %+v", m)
			}
		}
	})
}
