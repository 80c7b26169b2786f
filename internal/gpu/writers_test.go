package gpu_test

import (
	"errors"
	"runtime"
	"testing"

	"cookbook/internal/gpu"
)

// What a failed command was to compute is read as an error, also where nobody has waited for the command.
func TestFailuresDoNotPassForResults(t *testing.T) {
	d := open(t)
	divide, err := d.Elementwise("divide", "x, y, z []int", "z[i] = x[i] / y[i]")
	if err != nil {
		t.Fatal(err)
	}
	double, err := d.Elementwise("double", "z []int", "z[i] *= 2")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := gpu.NewReduction[int](d, "x []int", "x[i]", "a + b", "0")
	if err != nil {
		t.Fatal(err)
	}
	vector := func(s ...int) *gpu.Buffer[int] {
		b, err := gpu.Upload(d, s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	x, zeros, z, copied, other := vector(6, 8), vector(1, 0), vector(0, 0), vector(0, 0, 0), vector(4, 5)
	queue, err := d.NewQueue()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := divide.Launch(t.Context(), gpu.Shape{}, x, zeros, z); err != nil {
		t.Fatal(err)
	}
	if _, err := double.Launch(t.Context(), gpu.Shape{}, z); err != nil {
		t.Fatal(err)
	}
	if _, err := z.CopyTo(d.Queue(), copied, 1, 0, 2); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"all":     second(z.Download()),
		"a part":  second(z.Read(d.Queue(), 0, make([]int, 1))),
		"a copy":  second(copied.Download()),
		"the sum": second(sum.Run(t.Context(), z)),
		"in another queue, once the commands have ended": second(z.Read(queue, 0, make([]int, 2))),
	} {
		if !errors.Is(err, gpu.ErrLost) {
			t.Errorf("%s: %v, want ErrLost", what, err)
		}
	}
	if _, err := divide.Launch(t.Context(), gpu.Shape{}, x, x, z); err != nil {
		t.Fatal(err)
	}
	if got, err := z.Download(); err != nil || got[0] != 1 || got[1] != 1 {
		t.Errorf("computed again: %v, %v, want 1s", got, err)
	}
	if _, err := divide.Launch(t.Context(), gpu.Shape{}, x, zeros, z); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*gpu.Buffer[int]{x, other} {
		if _, err := b.Download(); err != nil {
			t.Errorf("a buffer that the command did not write: %v", err)
		}
	}
	if _, err := z.Write(d.Queue(), 0, []int{1}); err != nil {
		t.Fatal(err)
	}
	if _, err := z.Download(); !errors.Is(err, gpu.ErrLost) {
		t.Errorf("after a write of a part: %v, want ErrLost", err)
	}
	if _, err := z.Write(d.Queue(), 0, []int{1, 2}); err != nil {
		t.Fatal(err)
	}
	if _, err := other.CopyTo(d.Queue(), copied, 0, 0, 2); err != nil {
		t.Fatal(err)
	}
	if _, err := copied.Download(); !errors.Is(err, gpu.ErrLost) {
		t.Errorf("after a copy to a part: %v, want ErrLost", err)
	}
	if got, err := sum.Run(t.Context(), z); err != nil || got != 3 {
		t.Errorf("after a write of all: the sum is %v, %v, want 3", got, err)
	}
	d.Sync(t.Context()) // which returns the failure, if none before did
}

func TestLibrariesDoNotHideFailures(t *testing.T) {
	d := open(t)
	k, err := d.Elementwise("wrong", "x []float64, n, m []int", "x[i] = float64(n[i] / m[i])")
	if err != nil {
		t.Fatal(err)
	}
	x, y := array(t, d, make([]float64, 4), 2, 2), array(t, d, make([]float64, 4), 2, 2)
	n := array(t, d, []int{0, 0, 0, 0})
	spectrum, err := gpu.Alloc[float64](d, 4)
	if err != nil {
		t.Fatal(err)
	}
	signal, err := gpu.Alloc[float64](d, 4)
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []any{x, signal} {
		if _, err := k.Launch(t.Context(), gpu.Shape{}, out, n, n); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := gpu.Gemm(1, x, x.T(), 0, y); err != nil {
		t.Fatal(err)
	}
	if _, err := y.Get(); !errors.Is(err, gpu.ErrLost) {
		t.Errorf("a product of what failed: %v, want ErrLost", err)
	}
	if _, err := gpu.FFT(false, 2, signal, spectrum); err != nil {
		t.Fatal(err)
	}
	if _, err := spectrum.Download(); !errors.Is(err, gpu.ErrLost) {
		t.Errorf("the transform of what failed: %v, want ErrLost", err)
	}
	d.Sync(t.Context()) // which returns the failure
}

// An array that is an operand twice has its history once.
func TestHistoryOfArraysDoesNotGrow(t *testing.T) {
	d := open(t)
	a := array(t, d, []int{1})
	a = a.Div(a)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 20 {
		a = a.Add(a)
	}
	runtime.ReadMemStats(&after)
	holds(t, "2²⁰", a, []int{1 << 20})
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 4<<20 {
		t.Errorf("20 additions took %d bytes of memory", bytes)
	}
}
