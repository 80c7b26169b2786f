package gpu_test

import (
	"runtime"
	"sync"
	"testing"

	"cookbook/internal/gpu"
	"cookbook/internal/measure"
)

// plainSum adds numbers up as one writes it by hand: a part for each processor, eight sums in a part.
func plainSum(x []float32) float32 {
	workers := runtime.GOMAXPROCS(0)
	parts := make([]float32, workers)
	var all sync.WaitGroup
	for w := range workers {
		part := x[w*len(x)/workers : (w+1)*len(x)/workers]
		all.Go(func() {
			var a, b, c, d, e, f, g, h float32
			for i := 0; i+7 < len(part); i += 8 { // the length is a multiple of 8
				p := part[i : i+8 : i+8]
				a, b, c, d, e, f, g, h = a+p[0], b+p[1], c+p[2], d+p[3], e+p[4], f+p[5], g+p[6], h+p[7]
			}
			parts[w] = a + b + c + d + e + f + g + h
		})
	}
	all.Wait()
	var sum float32
	for _, p := range parts {
		sum += p
	}
	return sum
}

// compare times two works in turn, and reports how many times as long as the plain one the first one takes. The least times count: other
// programs on the machine only ever add to them.
func compare(b *testing.B, first, plain func() error) {
	b.Helper()
	times, err := measure.InTurn(b.Context(), max(b.N, 10), first, plain)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(times[0].Least.Microseconds())/1000, "least-ms")
	b.ReportMetric(float64(times[1].Least.Microseconds())/1000, "plain-ms")
	b.ReportMetric(float64(times[0].Least)/float64(times[1].Least), "times-plain")
}

func BenchmarkSumOfArray(b *testing.B) {
	d := open(b)
	x := make([]float32, 1<<24)
	for i := range x {
		x[i] = float32(i & 3)
	}
	a := array(b, d, x)
	compare(b, func() error {
		sum, err := a.SumAll(b.Context())
		if sum != 3<<23 {
			b.Errorf("the sum is %v", sum)
		}
		return err
	}, func() error { plainSum(x); return nil })
}

func BenchmarkElementwise(b *testing.B) {
	d := open(b)
	x, y := make([]float32, 1<<24), make([]float32, 1<<24)
	dx, dy := array(b, d, x), array(b, d, y)
	k, err := d.Elementwise("saxpy", "a float32, x, y []float32", "y[i] += a * x[i]")
	if err != nil {
		b.Fatal(err)
	}
	compare(b, func() error {
		e, err := k.Launch(b.Context(), gpu.Shape{}, float32(2), dx, dy)
		if err != nil {
			return err
		}
		return e.Wait(b.Context())
	}, func() error { saxpyByHand(2, x, y); return nil })
}

func BenchmarkUniform(b *testing.B) {
	d := open(b)
	for b.Loop() {
		a, err := gpu.Uniform[float32](d, 10_000_000, 1)
		if err != nil {
			b.Fatal(err)
		}
		if err := d.Sync(b.Context()); err != nil {
			b.Fatal(err)
		}
		a.Free()
	}
}
