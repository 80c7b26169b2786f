package gpu_test

import (
	"bytes"
	"context"
	"runtime/trace"
	"slices"
	"testing"

	"cookbook/internal/gpu"
	"cookbook/internal/timeline"
)

// traced runs f under an execution trace, as the actor main, and returns the timeline.
func traced(t testing.TB, f func(ctx context.Context)) timeline.Timeline {
	t.Helper()
	var data bytes.Buffer
	if err := trace.Start(&data); err != nil {
		t.Skipf("no second trace in one process: %v", err)
	}
	defer trace.Stop()
	ctx, task := trace.NewTask(t.Context(), "main")
	f(ctx)
	task.End()
	trace.Stop()
	tl, err := timeline.ReadTrace(&data)
	if err != nil {
		t.Fatal(err)
	}
	return tl
}

func TestAQueueHasALaneInATrace(t *testing.T) {
	onEach(t, func(t *testing.T, d *gpu.Device) {
		kernel, err := d.Kernel(files, saxpy)
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float32, 1<<20)
		var q *gpu.Queue
		tl := traced(t, func(ctx context.Context) {
			if q, err = d.NewQueue(); err != nil {
				t.Fatal(err)
			}
			bx, err := gpu.Alloc[float32](d, len(x))
			if err != nil {
				t.Fatal(err)
			}
			defer bx.Free()
			if _, err := bx.Write(q, 0, x); err != nil {
				t.Fatal(err)
			}
			e, err := kernel.LaunchOn(ctx, q, gpu.Shape{}, float32(2), bx, bx)
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Wait(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := bx.Read(q, 0, x); err != nil {
				t.Fatal(err)
			}
			if err := q.Close(); err != nil {
				t.Fatal(err)
			}
		})
		i := slices.IndexFunc(tl.Lanes, func(l timeline.Lane) bool { return l.Name == "queue 2" })
		if i < 0 {
			t.Fatalf("no lane of the queue: %+v", tl.Lanes)
		}
		var did []string
		for _, s := range tl.Lanes[i].Spans {
			did = append(did, s.For)
		}
		if want := []string{"write", "saxpy", "read"}; !slices.Equal(did, want) {
			t.Errorf("the queue did %q, want %q", did, want)
		}
		if !slices.ContainsFunc(tl.Lanes[0].Spans, func(s timeline.Span) bool { return s.State == timeline.Waiting && s.For == "queue 2" }) {
			t.Errorf("main does not wait for the queue: %+v", tl.Lanes[0].Spans)
		}
	})
}

// BenchmarkCommand is a small write: what a command costs, without a trace and with one.
func BenchmarkCommand(b *testing.B) {
	write := func(b *testing.B) {
		d, err := gpu.Open(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		defer d.Close()
		x, err := gpu.Upload(d, make([]float32, 16))
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := x.Write(d.Queue(), 0, []float32{1}); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("off", write)
	b.Run("on", func(b *testing.B) { traced(b, func(context.Context) { write(b) }) })
}
