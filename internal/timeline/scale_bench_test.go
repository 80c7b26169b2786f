package timeline

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime/trace"
	"sync"
	"testing"

	"cookbook/internal/measure/growth"
	"cookbook/internal/terminal"
	"cookbook/internal/waitfor"
)

// BenchmarkScale is how a timeline, read and drawn, grows with its threads and with what they do.
func BenchmarkScale(b *testing.B) {
	// work says lines, one each time that it holds the lock.
	work := func(ctx context.Context, name string, lines int) {
		inTask(ctx, name, func(ctx context.Context) {
			for range lines {
				trace.Log(ctx, waitfor.LogAcquire, "the lock")
				say(name)
				trace.Log(ctx, waitfor.LogRelease, "the lock")
			}
		})
	}
	picture := func(b *testing.B, program func(ctx context.Context)) {
		data := traced(b, func() { inTask(context.Background(), "recipe", program) })
		for b.Loop() {
			t, err := ReadTrace(bytes.NewReader(data))
			if err != nil {
				b.Fatal(err)
			}
			for _, l := range t.Lanes {
				t.Actors = append(t.Actors, l.Name)
			}
			t.Draw(io.Discard, terminal.Style{Width: 100, Color: true})
		}
	}
	growth.Run(b, "lines of 4 threads", "lines", growth.Tens(100_000), func(b *testing.B, n int) {
		picture(b, func(ctx context.Context) {
			for i := range 4 {
				work(ctx, fmt.Sprint("worker ", i), n/4)
			}
		})
	})
	growth.Run(b, "threads", "threads", growth.Tens(10_000), func(b *testing.B, n int) {
		picture(b, func(ctx context.Context) {
			var all sync.WaitGroup
			for i := range n {
				all.Go(func() { work(ctx, fmt.Sprint("worker ", i), 1) })
			}
			all.Wait()
		})
	})
}
