package mapreduce

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"cookbook/internal/distributed/engine/enginetest"
)

// corpus is a text of about n bytes whose words come as often as those of a language do.
func corpus(n int, seed uint64) []byte {
	random := rand.New(rand.NewPCG(seed, 0))
	ranks := rand.NewZipf(random, 1.1, 2, 50_000)
	var text bytes.Buffer
	text.Grow(n + 200)
	for text.Len() < n {
		for range 12 {
			word := ranks.Uint64()
			for {
				text.WriteByte('a' + byte(word%26))
				if word /= 26; word == 0 {
					break
				}
			}
			text.WriteString("es ")
		}
		text.WriteByte('\n')
	}
	return text.Bytes()
}

const benchSize = 50 << 20

// BenchmarkWordCount counts the words of 50 MiB: with goroutines and maps in this process, which is the limit, and with
// mappers and two reducers in processes of their own.
func BenchmarkWordCount(b *testing.B) {
	text := corpus(benchSize, 1)
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
			if err := Await(b.Context(), conn, mappers, 2); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := Run(context.Background(), conn, words, Reader("corpus", bytes.NewReader(text))); err != nil {
					b.Fatal(err)
				}
			}
		})
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
	text := corpus(1<<20, 1)
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
