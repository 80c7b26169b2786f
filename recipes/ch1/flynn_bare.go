package ch1

import (
	"context"
	"math"
	"runtime"
	"slices"
	"time"

	"cookbook/internal/transcript"
)

// One sum, a·x+y, and three programs that read its data, in Flynn's four classes. Go has no vector instructions, but a word of 64
// bits has room for four numbers of 16 bits: one multiplication and one addition of words compute four of them.

// axpyNumbers works on one number after another.
func axpyNumbers(z, y []uint16, a uint16, x []uint16) {
	for i := range z {
		z[i] = a*x[i] + y[i]
	}
}

// axpyWords works on the four numbers of a word at once. A result of more than 16 bits would spill into the number beside it.
func axpyWords(z, y []uint64, a uint64, x []uint64) {
	for i := range z {
		z[i] = a*x[i] + y[i]
	}
}

// pack puts four numbers into each word. Their number is a multiple of four.
func pack(numbers []uint16) []uint64 {
	words := make([]uint64, len(numbers)/4)
	for i, v := range numbers {
		words[i/4] |= uint64(v) << (i % 4 * 16)
	}
	return words
}

// leastTime does some work several times and returns the time that it took at least.
func leastTime(ctx context.Context, work func()) (time.Duration, error) {
	least := time.Duration(math.MaxInt64)
	for range 5 {
		begun := time.Now()
		work()
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		least = min(least, max(time.Since(begun), 1)) // a coarse clock may see no time pass
	}
	return least, nil
}

func flynnBare(ctx context.Context, out *transcript.Log) error {
	const n, a = 1 << 18, 3
	x, y, z := make([]uint16, n), make([]uint16, n), make([]uint16, n)
	xs, ys, zs := make([]float64, n), make([]float64, n), make([]float64, n) // the same numbers, for the three programs
	var ofZ, ofEach figures                                                  // computed here in ints, to check against
	for i := range n {
		xi, yi := i%1000, i%77
		zi := a*xi + yi
		x[i], y[i] = uint16(xi), uint16(yi)
		xs[i], ys[i], zs[i] = float64(xi), float64(yi), float64(zi)
		ofZ = figures{ofZ[0] + zi, max(ofZ[1], zi), ofZ[2] + zi*zi}
		ofEach = figures{ofEach[0] + xi, max(ofEach[1], yi), ofEach[2] + zi*zi}
	}
	xWords, yWords, zWords := pack(x), pack(y), make([]uint64, n/4)
	var inTurn, atOnce, eachInTurn, eachAtOnce figures

	out.Printf("z = a·x+y: %d elements, %d processors", n, runtime.GOMAXPROCS(0))
	out.Note("SI, MI: one or several instruction streams; SD, MD: one or several data streams.")
	out.Printf("%-31s %9s %6s", "class", "µs", "ratio")
	var inOneStream time.Duration
	for _, row := range []struct {
		class, about string
		work         func()
	}{
		{"SISD", "a·x+y, a number at a time", func() { axpyNumbers(z, y, a, x) }},
		{"SIMD", "a·x+y, four in a word", func() { axpyWords(zWords, yWords, a, xWords) }},
		{"SISD", "3 programs on z, in turn", func() { inTurn = runInTurn(zs, zs, zs) }},
		{"MISD", "3 programs on z, at once", func() { atOnce = runOnOneStream(zs) }},
		{"SISD", "3 on x, y and z, in turn", func() { eachInTurn = runInTurn(xs, ys, zs) }},
		{"MIMD", "3 on x, y and z, at once", func() { eachAtOnce = runOnOwnData(xs, ys, zs) }},
	} {
		took, err := leastTime(ctx, row.work)
		if err != nil {
			return err
		}
		if row.class == "SISD" {
			inOneStream = took
		}
		out.Printf("%s  %-25s %9.1f %6.2f", row.class, row.about, 1e6*took.Seconds(), float64(inOneStream)/float64(took))
	}
	out.Note("ratio: times as fast as the SISD line above. MISD and MIMD gain at most what the number of processors allows.")
	out.Check("SIMD: z is that of SISD, element by element", slices.Equal(zWords, pack(z)), true)
	out.Check("SISD, on z: sum, maximum, squares", inTurn, ofZ)
	out.Check("MISD: sum, maximum, squares", atOnce, ofZ)
	out.Check("SISD, on x, y and z: sum, maximum, squares", eachInTurn, ofEach)
	out.Check("MIMD: sum, maximum, squares", eachAtOnce, ofEach)
	return nil
}
