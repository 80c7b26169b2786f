package ch1

import (
	"bytes"
	"context"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"cookbook/internal/catalog"
	"cookbook/internal/measure"
	"cookbook/internal/transcript"
)

// The same work, counting letters, in four programming models.

// A countFunc counts the letters of all blocks.
type countFunc func(ctx context.Context, blocks [][]byte, workers int) (histogram, error)

// A histogram says how often each letter from a to z occurs.
type histogram [26]int

func (h *histogram) count(text []byte) {
	for _, c := range text {
		if c != ' ' {
			h[c-'a']++
		}
	}
}

func (h *histogram) add(others ...histogram) {
	for _, other := range others {
		for i, n := range other {
			h[i] += n
		}
	}
}

// # Shared memory

// sharedMemory has one histogram. A worker holds its lock while it counts a piece: a word, or a line (the whole block).
func sharedMemory(pieces func(block []byte) iter.Seq[[]byte]) countFunc {
	return func(_ context.Context, blocks [][]byte, workers int) (h histogram, err error) {
		var mu sync.Mutex
		runWorkers(workers, len(blocks), func(i int) {
			for piece := range pieces(blocks[i]) {
				mu.Lock()
				h.count(piece)
				mu.Unlock()
			}
		})
		return h, nil
	}
}

// runWorkers deals out the numbers of n blocks to the workers, and returns when all have ended.
func runWorkers(workers, n int, work func(i int)) {
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			for i := worker; i < n; i += workers {
				work(i)
			}
		})
	}
	all.Wait()
}

// # Fork–join

// forkJoin gives each worker a histogram of its own, and merges them when all have joined.
func forkJoin(ctx context.Context, blocks [][]byte, workers int) (h histogram, err error) {
	partial := make([]histogram, workers)
	forked, ctx := errgroup.WithContext(ctx)
	for worker := range workers {
		forked.Go(func() error {
			for i := worker; i < len(blocks) && ctx.Err() == nil; i += workers {
				partial[worker].count(blocks[i])
			}
			return context.Cause(ctx)
		})
	}
	if err := forked.Wait(); err != nil {
		return h, err
	}
	h.add(partial...)
	return h, nil
}

// # Message passing

// messagePassing has one owner of the histogram. The others send it what they have counted, block by block.
func messagePassing(_ context.Context, blocks [][]byte, workers int) (h histogram, err error) {
	counted := make(chan histogram)
	go func() {
		runWorkers(workers, len(blocks), func(i int) {
			var own histogram
			own.count(blocks[i])
			counted <- own // an array travels as a copy
		})
		close(counted)
	}()
	for own := range counted {
		h.add(own)
	}
	return h, nil
}

// # Data parallel

// dataParallel does the same for every i: out[i] becomes the histogram of blocks[i]. No two workers touch one element.
func dataParallel(_ context.Context, blocks [][]byte, workers int) (h histogram, err error) {
	out := make([]histogram, len(blocks))
	runWorkers(workers, len(blocks), func(i int) { out[i].count(blocks[i]) })
	h.add(out...)
	return h, nil
}

// # The run

func runModels(ctx context.Context, out *transcript.Log, n, workers int) error {
	blocks, letters := writeText(out.Rand(), n)
	models := []struct {
		name    string
		workers int
		count   countFunc
	}{
		{"one worker", 1, forkJoin},
		{"shared memory, a lock per word", workers, sharedMemory(bytes.FieldsSeq)},
		{"shared memory, a lock per block", workers, sharedMemory(bytes.Lines)},
		{"fork-join, parts merged", workers, forkJoin},
		{"message passing, one owner", workers, messagePassing},
		{"data parallel, out[i] for block i", workers, dataParallel},
	}
	results, works := make([]histogram, len(models)), make([]func() error, len(models))
	for i, model := range models {
		works[i] = func() (err error) { results[i], err = model.count(ctx, blocks, model.workers); return err }
	}
	times, err := measure.Medians(ctx, 5, works...)
	if err != nil {
		return err
	}
	out.Printf("%d blocks of 4 KiB, %d workers, %d processors", n, workers, runtime.GOMAXPROCS(0))
	out.Printf("%-34s %8s %6s %6s", "model", "ms", "MB/s", "ratio")
	for i, model := range models {
		out.Printf("%-34s %8.3f %6.0f %6.2f", model.name, 1000*times[i].Seconds(),
			float64(n*len(blocks[0]))/1e6/times[i].Seconds(), float64(times[0])/float64(times[i]))
	}
	out.Note("ratio: times as fast as one worker. Whatever the model, time is lost when workers wait for each other.")
	out.Check("different histograms, the writer's own included", len(slices.Compact(append(results, letters))), 1)
	return nil
}

// writeText writes random letters and blanks, and counts the letters as it writes them.
func writeText(rng *rand.Rand, n int) (blocks [][]byte, letters histogram) {
	const usual = "                  eeeeeeeeeeeetttttttttaaaaaaaaoooooooiiiiiiinnnnnnn" +
		"sssssshhhhhhrrrrrrddddllllcccuuummmwwffggyyppbbvkjxqz"
	for range n {
		block := make([]byte, 4<<10)
		for i := range block {
			c := usual[rng.IntN(len(usual))]
			if block[i] = c; c != ' ' {
				letters[c-'a']++
			}
		}
		blocks = append(blocks, block)
	}
	return blocks, letters
}

var models = catalog.Recipe{
	ID: "ch1.models", Section: "1.4", Title: "Count letters in four programming models",
	Python: "Lock, executor, Queue, Pool.map", Go: "mutex, errgroup, channels, slices", Measures: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		blocks := catalog.Int(f, "blocks", 256, 1, 1<<16, "blocks of text, of 4 KiB each")
		workers := catalog.Int(f, "workers", 4, 1, 1_000, "goroutines that count")
		return func(ctx context.Context, out *transcript.Log) error { return runModels(ctx, out, *blocks, *workers) }
	},
	Wrong: modelsWrong,
}
