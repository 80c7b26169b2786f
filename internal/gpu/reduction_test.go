package gpu_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"cookbook/internal/gpu"
)

// reduced reduces numbers in the order that the documentation of Reduction tells.
func reduced[T gpu.Number](x []T, zero T, f func(a, b T) T) T {
	block := func(x []T) T {
		sums := make([]T, 256)
		for i := range sums {
			sums[i] = zero
		}
		for i, v := range x {
			sums[i%256] = f(sums[i%256], v)
		}
		for w := 128; w > 0; w /= 2 {
			for i := range w {
				sums[i] = f(sums[i], sums[i+w])
			}
		}
		return sums[0]
	}
	blocks := min(max((len(x)+1023)/1024, 1), 256)
	part := (len(x) + blocks - 1) / blocks
	results := make([]T, blocks)
	for b := range results {
		results[b] = block(x[min(b*part, len(x)):min((b+1)*part, len(x))])
	}
	return block(results)
}

func TestReductionsHaveTheSameBitsOnEveryDevice(t *testing.T) {
	onEach(t, func(t *testing.T, d *gpu.Device) {
		sum, err := gpu.NewReduction[float32](d, "s float32, x []float32", "s * x[i]", "a + b", "0")
		if err != nil {
			t.Fatal(err)
		}
		// An operation in which the order of the operands counts, too.
		text, err := gpu.NewReduction[int64](d, "x []int64", "x[i]", "a*3 - b", "7")
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 1, 255, 256, 257, 1023, 1024, 1025, 5000, 256 * 1024, 300_001} {
			x, scaled, k := make([]float32, n), make([]float32, n), make([]int64, n)
			for i := range x {
				x[i], k[i] = rand.Float32(), rand.Int64()
				scaled[i] = 0.3 * x[i]
			}
			want := reduced(scaled, 0, func(a, b float32) float32 { return a + b })
			if got, err := sum.Run(t.Context(), float32(0.3), array(t, d, x)); err != nil || math.Float32bits(got) != math.Float32bits(want) {
				t.Errorf("the sum of %d is %v, %v, want %v", n, got, err, want)
			}
			wantText := reduced(k, 7, func(a, b int64) int64 { return a*3 - b })
			if got, err := text.Run(t.Context(), array(t, d, k)); err != nil || got != wantText {
				t.Errorf("3a − b of %d is %v, %v, want %v", n, got, err, wantText)
			}
		}
	})
}

func TestReductionsTakeExpressionsWithAllThatGoAllowsAround(t *testing.T) {
	onEach(t, func(t *testing.T, d *gpu.Device) {
		r, err := gpu.NewReduction[int](d, "x []int", "\nx[i] // the element", "a + // and\nb; // the other one\n", "\n/* nothing */ 0;\n")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.Run(t.Context(), array(t, d, []int{1, 2, 3})); err != nil || got != 6 {
			t.Errorf("got %v, %v, want 6", got, err)
		}
		if _, err := gpu.NewReduction[int](d, "x []int", "x[i]", "a + b + i", "0"); !errors.Is(err, gpu.ErrBuild) {
			t.Errorf("two sums have no index: %v, want an ErrBuild", err)
		}
	})
}

func TestReductionsReturnErrors(t *testing.T) {
	d := open(t)
	r, err := gpu.NewReduction[int](d, "x, y []int", "x[i] / y[i]", "a + b", "0")
	if err != nil {
		t.Fatal(err)
	}
	x, zeros := array(t, d, []int{1, 2, 3}), array(t, d, []int{0, 0, 0})
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	if _, err := r.Run(ended, x, x); err != context.Cause(ended) {
		t.Errorf("after the context has ended: %v", err)
	}
	if got, err := r.Run(t.Context(), x, x); err != nil || got != 3 {
		t.Errorf("got %v, %v, want 3", got, err)
	}
	for what, test := range map[string]struct {
		args []any
		want error
	}{
		"zeros": {[]any{x, zeros}, gpu.ErrLost}, "lengths": {[]any{x, array(t, d, []int{1})}, gpu.ErrArgument}, "too few": {[]any{x}, gpu.ErrArgument},
		"none": {nil, gpu.ErrArgument}, "types": {[]any{x, array(t, d, []float32{1, 2, 3})}, gpu.ErrArgument}, "failed": {[]any{x, x.Reshape(7)}, gpu.ErrArgument},
	} {
		if _, err := r.Run(t.Context(), test.args...); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", what, err, test.want)
		}
	}
	if err := d.Sync(t.Context()); !errors.Is(err, gpu.ErrLost) {
		t.Errorf("the device: %v, want ErrLost", err)
	}
}
