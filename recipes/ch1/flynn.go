package ch1

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/spf13/pflag"
	"gonum.org/v1/gonum/floats"

	"cookbook/internal/catalog"
	"cookbook/internal/measure"
	"cookbook/internal/transcript"
)

// One sum, a·x+y, and three programs that read its data, in Flynn's four classes.

// # One or several data: SISD, SIMD

// A kernelFunc computes z = a·x+y and returns z.
type kernelFunc func(z, y []float64, a float64, x []float64) []float64

// axpyLoop works on one element after another: Go's compiler does not turn it into vector instructions.
func axpyLoop(z, y []float64, a float64, x []float64) []float64 {
	for i := range z {
		z[i] = a*x[i] + y[i]
	}
	return z
}

// # Several programs: MISD, MIMD

// programs returns three programs. Each takes what it has found so far and the next block of its data.
func programs() [3]func(found float64, block []float64) float64 {
	sum := func(found float64, block []float64) float64 {
		for _, v := range block {
			found += v
		}
		return found
	}
	maximum := func(found float64, block []float64) float64 {
		for _, v := range block {
			if v > found {
				found = v
			}
		}
		return found
	}
	squares := func(found float64, block []float64) float64 {
		for _, v := range block {
			found += v * v
		}
		return found
	}
	return [...]func(float64, []float64) float64{sum, maximum, squares}
}

// A figures is the sum of one vector, the maximum of another and the sum of the squares of a third.
type figures [3]int

func runInTurn(data ...[]float64) (r figures) {
	for i, program := range programs() {
		r[i] = int(program(0, data[i]))
	}
	return r
}

// runOnOneStream sends each block to all programs, so that they read the same data at about the same time.
func runOnOneStream(data []float64) (r figures) {
	var streams [3]chan []float64
	var all sync.WaitGroup
	for i, program := range programs() {
		streams[i] = make(chan []float64, 8)
		all.Go(func() {
			found := 0.0
			for block := range streams[i] {
				found = program(found, block)
			}
			r[i] = int(found)
		})
	}
	for block := range slices.Chunk(data, 1<<16) {
		for _, stream := range streams {
			stream <- block
		}
	}
	for _, stream := range streams {
		close(stream)
	}
	all.Wait()
	return r
}

func runOnOwnData(data ...[]float64) (r figures) {
	var all sync.WaitGroup
	for i, program := range programs() {
		all.Go(func() { r[i] = int(program(0, data[i])) })
	}
	all.Wait()
	return r
}

// # The run

const factor = 3

func compareClasses(ctx context.Context, out *transcript.Log, n, rounds int) error {
	// Small whole numbers: every sum is exact in a float64, in whatever order the additions are made.
	x, y := make([]float64, n), make([]float64, n)
	var ofZ, ofEach figures // computed here in ints, to check against
	for i := range n {
		xi, yi := i%1000, i%77
		zi := factor*xi + yi
		x[i], y[i] = float64(xi), float64(yi)
		ofZ = figures{ofZ[0] + zi, max(ofZ[1], zi), ofZ[2] + zi*zi}
		ofEach = figures{ofEach[0] + xi, max(ofEach[1], yi), ofEach[2] + zi*zi}
	}
	z, zSIMD := make([]float64, n), make([]float64, n)
	var inTurn, atOnce, eachInTurn, eachAtOnce figures
	// over calls a kernel for n elements in all: once for whole vectors, or again and again for their first part.
	over := func(kernel kernelFunc, z []float64, part int) func() {
		return func() {
			for range n / part {
				kernel(z[:part], y[:part], factor, x[:part])
			}
		}
	}
	cached := min(n, 512) // three vectors of this length fit into any first-level cache
	rows := []struct {
		class, about string
		elements     int // that the programs work on, together
		bytes        int // that they read and write for one element
		work         func()
	}{
		{"SISD", "a·x+y, loop", n, 24, over(axpyLoop, z, n)},
		{"SIMD", "a·x+y, vector kernel", n, 24, over(floats.AddScaledTo, zSIMD, n)},
		{"SISD", "the same in cache, loop", n - n%cached, 24, over(axpyLoop, z, cached)},
		{"SIMD", "the same in cache, kernel", n - n%cached, 24, over(floats.AddScaledTo, zSIMD, cached)},
		{"SISD", "3 programs on z, in turn", 3 * n, 8, func() { inTurn = runInTurn(z, z, z) }},
		{"MISD", "3 programs on z, at once", 3 * n, 8, func() { atOnce = runOnOneStream(z) }},
		{"SISD", "3 on x, y and z, in turn", 3 * n, 8, func() { eachInTurn = runInTurn(x, y, z) }},
		{"MIMD", "3 on x, y and z, at once", 3 * n, 8, func() { eachAtOnce = runOnOwnData(x, y, z) }},
	}
	works := make([]func() error, len(rows))
	for i, row := range rows {
		works[i] = func() error { row.work(); return nil }
	}
	times, err := measure.Medians(ctx, rounds, works...)
	if err != nil {
		return err
	}
	out.Printf("z = a·x+y: %d elements, %d processors, median of %d", n, runtime.GOMAXPROCS(0), rounds)
	out.Note("SI, MI: one or several instruction streams; SD, MD: one or several data streams.")
	out.Printf("%-31s %7s %5s %5s %5s", "class", "µs", "M/s", "GB/s", "ratio")
	for i, row := range rows {
		perSecond := float64(row.elements) / times[i].Seconds()
		out.Printf("%s  %-25s %7.1f %5.0f %5.1f %5.2f", row.class, row.about,
			1e6*times[i].Seconds(), perSecond/1e6, perSecond*float64(row.bytes)/1e9,
			float64(times[i-i%2])/float64(times[i])) // each row has its SISD row above it
	}
	out.Note("M/s: million elements worked on. GB/s: read and written. ratio: times as fast as the SISD line above.")
	out.Note("What to look for: SIMD gains most in cache. MISD and MIMD gain at most what the number of processors allows.")
	if runtime.GOARCH != "amd64" {
		out.Note("gonum has vector kernels for amd64 only. Here, on %s, its kernel is a loop in Go as well.", runtime.GOARCH)
	}
	out.Check("SIMD: z is that of SISD, element by element", slices.Equal(zSIMD, z), true)
	out.Check("SISD: sum, maximum, squares", inTurn, ofZ)
	out.Check("MISD: sum, maximum, squares", atOnce, ofZ)
	out.Check("SISD: sum, maximum, squares", eachInTurn, ofEach)
	out.Check("MIMD: sum, maximum, squares", eachAtOnce, ofEach)
	return nil
}

var flynn = catalog.Recipe{
	ID: "ch1.flynn", Section: "1.2", Title: "Compute a·x+y in Flynn's four classes",
	Python: "int, threading, queue.Queue", Go: "loop, gonum floats.AddScaledTo, goroutines", Measures: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		n := catalog.Int(f, "n", 1<<20, 1, 1<<24, "elements of each vector")
		rounds := catalog.Int(f, "rounds", 5, 1, 1_000, "measure this many times and take the median")
		return func(ctx context.Context, out *transcript.Log) error {
			return compareClasses(ctx, out, *n, *rounds)
		}
	},
	Bare: flynnBare,
}
