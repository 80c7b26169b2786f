package pool

import (
	"fmt"
	"io"
	"runtime"
	"testing"

	"cookbook/internal/process/proctest"
	"cookbook/internal/process/worker"
)

// BenchmarkPoolMap is 100,000 trivial tasks, beside the same loop here, and beside the same bytes there and back through
// bare pipes, one chunk after another.
func BenchmarkPoolMap(b *testing.B) {
	const n = 100_000
	args, workers := upTo(n), 4
	b.Run("map", func(b *testing.B) {
		p := newPool(b, workers)
		for b.Loop() {
			if got, err := Map(b.Context(), p, square, args); err != nil || got[n-1] != (n-1)*(n-1) {
				b.Fatal(err)
			}
		}
	})
	b.Run("limit loop", func(b *testing.B) {
		for b.Loop() {
			results := make([]int, n)
			for i, x := range args {
				results[i], _ = square(b.Context(), x)
			}
			if results[n-1] != (n-1)*(n-1) {
				b.Fatal(results[n-1])
			}
		}
	})
	b.Run("limit raw pipes", func(b *testing.B) {
		cmd, err := relay.Command(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		stdin, stdout, end := proctest.Relay(b, cmd, 8*maxChunk)
		defer end()
		buf := make([]byte, 8*maxChunk)
		for b.Loop() {
			for left := n; left > 0; left -= maxChunk {
				if _, err := stdin.Write(buf); err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(stdout, buf); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkChunk is 100,000 trivial tasks in chunks of several sizes.
func BenchmarkChunk(b *testing.B) {
	args, p := upTo(100_000), newPool(b, runtime.GOMAXPROCS(0))
	for _, size := range []int{1, 16, 256, 1024, 4096, 16384, 50_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for b.Loop() {
				if _, err := Map(b.Context(), p, square, args, WithChunkSize(size)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkApply is one call to a pool, beside one to a worker; BenchmarkRoundTrip has the limit of that.
func BenchmarkApply(b *testing.B) {
	b.Run("apply", func(b *testing.B) {
		p := newPool(b, 4)
		for b.Loop() {
			if got, err := Apply(b.Context(), p, twice, 4); err != nil || got != 8 {
				b.Fatal(got, err)
			}
		}
	})
	b.Run("limit Do", func(b *testing.B) {
		w, err := worker.Start(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		defer w.Close()
		for b.Loop() {
			if got, err := worker.Do(b.Context(), w, twice, 4); err != nil || got != 8 {
				b.Fatal(got, err)
			}
		}
	})
}

// BenchmarkPoolStart is a pool of two from its start to the first result, and to its end, beside two workers.
func BenchmarkPoolStart(b *testing.B) {
	b.Run("first result", func(b *testing.B) {
		for b.Loop() {
			p, err := New(b.Context(), 2)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := Apply(b.Context(), p, twice, 4); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			p.Terminate()
			b.StartTimer()
		}
	})
	b.Run("to its end", func(b *testing.B) {
		for b.Loop() {
			p, err := New(b.Context(), 2)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := Apply(b.Context(), p, twice, 4); err != nil {
				b.Fatal(err)
			}
			p.Close()
			if err := p.Join(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("limit call in a new process", func(b *testing.B) {
		for b.Loop() {
			if _, err := worker.Call(b.Context(), twice, 4); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// relay is the limit of a round trip: bare pipes.
var relay = worker.RegisterRole("test.relay", proctest.SendBack)
