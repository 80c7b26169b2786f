package cuda

import (
	"errors"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"reflect"
	"testing"

	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/driver/drivertest"
)

// haveLibrary skips a test where a library is missing.
func haveLibrary(t *testing.T, err error) {
	t.Helper()
	if none := (*driver.NoLibrary)(nil); errors.As(err, &none) {
		t.Skip(err)
	}
}

func TestDeviceMultipliesMatrices(t *testing.T) {
	onDevices(t, func(t *testing.T, q *queue) {
		const m, n, k, stride, before = 5, 3, 4, 7, 6 // all of them different, so that each mistake shows
		r := rand.New(rand.NewPCG(1, 2))
		whole := func() []float64 { // small whole numbers, whose products and sums are exact
			s := make([]float64, before+7*stride)
			for i := range s {
				s[i] = float64(r.IntN(9) - 4)
			}
			return s
		}
		for c := range 8 {
			double, transA, transB := c&1 != 0, c&2 != 0, c&4 != 0
			a, b, sum := whole(), whole(), whole()
			matrix := func(s []float64, rows, cols int, transposed bool) driver.Matrix {
				if transposed {
					rows, cols = cols, rows
				}
				x := driver.Matrix{Rows: rows, Cols: cols, Stride: stride}
				if double {
					x.Buffer, x.Offset = drivertest.Upload(t, q.device, q, s), 8*before
				} else {
					x.Buffer, x.Offset = drivertest.Upload(t, q.device, q, singles(s)), 4*before
				}
				return x
			}
			ma, mb, mc := matrix(a, m, k, transA), matrix(b, k, n, transB), matrix(sum, m, n, false)
			e, l, err := q.Gemm(double, transA, transB, 2, ma, mb, 3, mc)
			haveLibrary(t, err)
			drivertest.Finish(t)(e, err)
			got, want := make([]float64, len(sum)), append([]float64(nil), sum...)
			if double {
				drivertest.Download(t, q, mc.Buffer, got)
			} else {
				single := make([]float32, len(sum))
				drivertest.Download(t, q, mc.Buffer, single)
				for i, v := range single {
					got[i] = float64(v)
				}
			}
			at := func(s []float64, i, j int, transposed bool) float64 {
				if transposed {
					i, j = j, i
				}
				return s[before+i*stride+j]
			}
			for i := range m {
				for j := range n {
					s := 0.0
					for l := range k {
						s += at(a, i, l, transA) * at(b, l, j, transB)
					}
					want[before+i*stride+j] = 2*s + 3*want[before+i*stride+j]
				}
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%v: float64 %v, A transposed %v, B transposed %v:\n%v, want\n%v", l, double, transA, transB, got, want)
			}
		}
	})
}

func singles(s []float64) []float32 {
	single := make([]float32, len(s))
	for i, v := range s {
		single[i] = float32(v)
	}
	return single
}

func TestDeviceTransforms(t *testing.T) {
	onDevices(t, func(t *testing.T, q *queue) {
		const n, batch = 12, 3
		in := make([]complex128, n*batch)
		for i := range in {
			in[i] = complex(float64(i%7), float64(i%5)-2)
		}
		want := make([]complex128, n*batch)
		for i := range want {
			for j := range n {
				want[i] += in[i/n*n+j] * cmplx.Rect(1, -2*math.Pi*float64(i%n*j)/n)
			}
		}
		back := make([]complex128, n*batch)
		near := func(what string, got, want []complex128, tolerance float64) {
			for i := range got {
				if cmplx.Abs(got[i]-want[i]) > tolerance {
					t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], want[i])
				}
			}
		}
		x, y := drivertest.Upload(t, q.device, q, in), drivertest.Upload(t, q.device, q, back)
		for round := range 2 { // the second time with the plan of the first
			e, l, err := q.FFT(true, false, n, batch, x, y)
			haveLibrary(t, err)
			drivertest.Finish(t)(e, err)
			drivertest.Download(t, q, y, back)
			near("forwards", back, want, 1e-9)
			e, _, err = q.FFT(true, true, n, batch, y, x)
			drivertest.Finish(t)(e, err)
			drivertest.Download(t, q, x, back)
			near("and back", back, in, 1e-12)
			t.Log(round, l)
		}
		single, got := make([]complex64, n*batch), make([]complex64, n*batch)
		for i, v := range in {
			single[i] = complex64(v)
		}
		sx, sy := drivertest.Upload(t, q.device, q, single), drivertest.Upload(t, q.device, q, got)
		e, _, err := q.FFT(false, false, n, batch, sx, sy)
		drivertest.Finish(t)(e, err)
		e, _, err = q.FFT(false, true, n, batch, sy, sx)
		drivertest.Finish(t)(e, err)
		drivertest.Download(t, q, sx, got)
		for i, v := range got {
			back[i] = complex128(v)
		}
		near("float32 and back", back, in, 1e-5)
	})
}

func TestDeviceMakesRandomNumbers(t *testing.T) {
	onDevices(t, func(t *testing.T, q *queue) {
		const n = 10000
		numbers := func(seed uint64) []float32 {
			s := make([]float32, n)
			b := drivertest.Upload(t, q.device, q, s)
			e, _, err := q.Uniform(seed, n, b)
			haveLibrary(t, err)
			drivertest.Finish(t)(e, err)
			drivertest.Download(t, q, b, s)
			return s
		}
		first, again, other := numbers(1), numbers(1), numbers(2)
		if !reflect.DeepEqual(first, again) || reflect.DeepEqual(first, other) {
			t.Error("the numbers are not those of the seed")
		}
		sum := 0.0
		for _, v := range first {
			if v < 0 || v > 1 {
				t.Fatalf("%v is not in [0, 1]", v)
			}
			sum += float64(v)
		}
		if mean := sum / n; math.Abs(mean-0.5) > 0.02 {
			t.Errorf("mean %v", mean)
		}
	})
}
