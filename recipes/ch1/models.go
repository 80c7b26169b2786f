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

var models = catalog.Recipe{
	ID: "ch1.models", Section: "1.4", Title: "Count letters in four programming models",
	Python: "Lock, executor, Queue, Pool.map", Go: "mutex, errgroup, channels, slices",
	Measures: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		blocks := f.Int("blocks", 256, "blocks of text, of 4 KiB each")
		workers := f.Int("workers", 4, "goroutines that count")
		return func(ctx context.Context, out *transcript.Log) error {
			if *blocks < 1 || *blocks > 1<<16 || *workers < 1 || *workers > 1000 {
				return catalog.Usagef("--blocks %d --workers %d: want 1 to 65536 blocks and 1 to 1000 workers", *blocks, *workers)
			}
			return modelsCompare(ctx, out, *blocks, *workers)
		}
	},
}

const modelsBlock = 4 << 10 // bytes

// A modelsHistogram says how often each letter from a to z occurs.
type modelsHistogram [26]int

// A modelsModel counts the letters of all blocks.
type modelsModel func(ctx context.Context, blocks [][]byte, workers int) (modelsHistogram, error)

func (h *modelsHistogram) count(text []byte) {
	for _, c := range text {
		if c != ' ' {
			h[c-'a']++
		}
	}
}

func (h *modelsHistogram) add(other modelsHistogram) {
	for i, n := range other {
		h[i] += n
	}
}

func modelsCompare(ctx context.Context, out *transcript.Log, n, workers int) error {
	blocks, letters := modelsText(out.Rand(), n)
	models := []struct {
		name    string
		workers int
		count   modelsModel
	}{
		{"one worker", 1, modelsForkJoin},
		{"shared memory, a lock per word", workers, modelsShared(bytes.FieldsSeq)},
		{"shared memory, a lock per block", workers, modelsShared(modelsWhole)},
		{"fork-join, parts merged", workers, modelsForkJoin},
		{"message passing, one owner", workers, modelsMessages},
		{"data parallel, out[i] for block i", workers, modelsDataParallel},
	}
	results, works := make([]modelsHistogram, len(models)), make([]func() error, len(models))
	for i, model := range models {
		works[i] = func() (err error) { results[i], err = model.count(ctx, blocks, model.workers); return err }
	}
	times, err := measure.Medians(ctx, 7, works...)
	if err != nil {
		return err
	}
	out.Printf("%d blocks of 4 KiB, %d workers, %d processors", n, workers, runtime.GOMAXPROCS(0))
	out.Printf("%-34s %8s %6s %6s", "model", "ms", "MB/s", "ratio")
	for i, model := range models {
		out.Printf("%-34s %8.3f %6.0f %6.2f", model.name, 1000*times[i].Seconds(),
			float64(n*modelsBlock)/1e6/times[i].Seconds(), float64(times[0])/float64(times[i]))
	}
	out.Note("ratio: times as fast as one worker. What costs time is not the model but how often the workers wait for each other.")
	out.Check("different histograms, the writer's own included", len(slices.Compact(append(results, letters))), 1)
	return nil
}

// modelsText writes random letters and blanks, and counts the letters as it writes them.
func modelsText(rng *rand.Rand, n int) (blocks [][]byte, letters modelsHistogram) {
	const usual = "                  eeeeeeeeeeeetttttttttaaaaaaaaoooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddllllcccuuummmwwffggyyppbbvkjxqz"
	for range n {
		block := make([]byte, modelsBlock)
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

// modelsAtOnce starts the workers and returns when all have ended.
func modelsAtOnce(workers int, work func(worker int)) {
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() { work(worker) })
	}
	all.Wait()
}

// modelsShared has one histogram that all can reach. A worker holds the lock while it counts a piece: a word, or a block.
func modelsShared(pieces func(block []byte) iter.Seq[[]byte]) modelsModel {
	return func(_ context.Context, blocks [][]byte, workers int) (h modelsHistogram, err error) {
		var mu sync.Mutex
		modelsAtOnce(workers, func(worker int) {
			for i := worker; i < len(blocks); i += workers {
				for piece := range pieces(blocks[i]) {
					mu.Lock()
					h.count(piece)
					mu.Unlock()
				}
			}
		})
		return h, nil
	}
}

func modelsWhole(block []byte) iter.Seq[[]byte] { return slices.Values([][]byte{block}) }

// modelsForkJoin gives each worker a histogram of its own, and merges them when all have joined.
func modelsForkJoin(ctx context.Context, blocks [][]byte, workers int) (h modelsHistogram, err error) {
	partial := make([]modelsHistogram, workers)
	forked, ctx := errgroup.WithContext(ctx)
	for worker := range workers {
		forked.Go(func() error {
			for i := worker; i < len(blocks) && ctx.Err() == nil; i += workers {
				partial[worker].count(blocks[i])
			}
			return context.Cause(ctx)
		})
	}
	err = forked.Wait()
	for _, own := range partial {
		h.add(own)
	}
	return h, err
}

// modelsMessages has one owner of the histogram. The others send it what they have counted, block by block.
func modelsMessages(_ context.Context, blocks [][]byte, workers int) (h modelsHistogram, err error) {
	counted := make(chan modelsHistogram)
	go func() {
		modelsAtOnce(workers, func(worker int) {
			for i := worker; i < len(blocks); i += workers {
				var own modelsHistogram
				own.count(blocks[i])
				counted <- own // an array travels as a copy
			}
		})
		close(counted)
	}()
	for own := range counted {
		h.add(own)
	}
	return h, nil
}

// modelsDataParallel does the same for every i: out[i] becomes the histogram of blocks[i]. No two workers touch one element.
func modelsDataParallel(_ context.Context, blocks [][]byte, workers int) (h modelsHistogram, err error) {
	out := make([]modelsHistogram, len(blocks))
	modelsAtOnce(workers, func(worker int) {
		for i := worker; i < len(blocks); i += workers {
			out[i].count(blocks[i])
		}
	})
	for _, of := range out {
		h.add(of)
	}
	return h, nil
}
