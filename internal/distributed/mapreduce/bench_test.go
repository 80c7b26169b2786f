package mapreduce

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
)

// corpus is a generated text.
func corpus(tb testing.TB, size int64) (text []byte) {
	tb.Helper()
	for source := range Generate(1, size) {
		r, err := source.Open()
		if err == nil {
			text, err = io.ReadAll(r)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	return text
}

const benchSize = 50 << 20

// BenchmarkWordCount counts the words of 50 MiB: with goroutines and maps in this process, which is the limit, and with
// mappers and two reducers in processes of their own.
func BenchmarkWordCount(b *testing.B) {
	text := corpus(b, benchSize)
	b.Run("goroutines", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			countHere(text)
		}
	})
	for _, mappers := range []int{1, 2} {
		b.Run(fmt.Sprintf("mappers=%d", mappers), func(b *testing.B) {
			e := enginetest.Open(b)
			conn := enginetest.Conn(b, e)
			g := group(b)
			for range mappers {
				start(b, g, serveArgs{At: e.Address(), Role: Mapper})
			}
			for range 2 {
				start(b, g, serveArgs{At: e.Address(), Role: Reducer})
			}
			await(b, conn, mappers, 2)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := Run(context.Background(), conn, words, Reader("corpus", bytes.NewReader(text))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// await returns when at least so many mappers and reducers wait for work.
func await(t testing.TB, conn *engine.Conn, mappers, reducers int) {
	t.Helper()
	for {
		_, m, r, err := workers(t.Context(), conn)
		switch {
		case err != nil:
			t.Fatal(err)
		case m >= mappers && r >= reducers:
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// countHere counts words as a Go program does that has one process: a map for each goroutine, and their sum.
func countHere(text []byte) map[string]int {
	pieces := make(chan []byte)
	var mu sync.Mutex
	sum := map[string]int{}
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			counts := map[string]int{}
			for piece := range pieces {
				for word := range fields(piece) {
					counts[string(word)]++
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for word, n := range counts {
				sum[word] += n
			}
		})
	}
	eachSplit(context.Background(), Reader("", bytes.NewReader(text)), 1<<20, 2<<20, func(s Split) error {
		pieces <- bytes.Clone(s.Data)
		return nil
	})
	close(pieces)
	workers.Wait()
	return sum
}

func BenchmarkMapSplit(b *testing.B) {
	text := corpus(b, 1<<20)
	b.SetBytes(int64(len(text)))
	j, _ := jobs.Find("test.words")
	for b.Loop() {
		made, err := j.mapSplit(context.Background(), Split{Data: text}, 2, 1<<20)
		if err != nil {
			b.Fatal(err)
		}
		if b.N == 1 {
			b.Log(len(made[0][0]), len(made[1][0]))
		}
	}
}
