package opencl

import (
	"errors"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/driver/drivertest"
)

// withLibrary runs a test on the first device, if it has what the test needs.
func withLibrary(t *testing.T, float64s bool) *queue {
	t.Helper()
	for _, info := range devices(t) {
		if info.Float64 || !float64s {
			return queueOf(t, openDevice(t, info.Index))
		}
	}
	t.Skip("no device has float64")
	return nil
}

// begun skips the test where there is no library.
func begun(t *testing.T, e driver.Event, lib driver.Library, err error) {
	t.Helper()
	var none *driver.NoLibrary
	if errors.As(err, &none) && !required() {
		t.Skip(err)
	}
	drivertest.Finish(t)(e, err)
	if lib.Name == "" || lib.Version == "" {
		t.Errorf("library %+v", lib)
	}
}

func TestProductIsTheLoopOfFMA(t *testing.T) {
	q := withLibrary(t, true)
	random := rand.New(rand.NewPCG(1, 2))
	const m, n, k = 33, 65, 17
	for _, c := range []struct {
		transA, transB bool
		beta           float64
	}{{false, false, 0}, {true, true, 2}} {
		a, b, want, got := make([]float64, m*k), make([]float64, k*n), make([]float64, m*n), make([]float64, m*n)
		for i := range a {
			a[i] = random.NormFloat64()
		}
		for i := range b {
			b[i] = random.NormFloat64()
		}
		ma, mb := driver.Matrix{Rows: m, Cols: k, Stride: k}, driver.Matrix{Rows: k, Cols: n, Stride: n}
		if c.transA {
			ma = driver.Matrix{Rows: k, Cols: m, Stride: m}
		}
		if c.transB {
			mb = driver.Matrix{Rows: n, Cols: k, Stride: k}
		}
		old := math.NaN() // with beta 0 it does not matter what was there
		if c.beta != 0 {
			old = 0.5
		}
		for i := range m {
			for j := range n {
				got[i*n+j] = old
				for l := range k {
					x, y := a[i*k+l], b[l*n+j]
					if c.transA {
						x = a[l*m+i]
					}
					if c.transB {
						y = b[j*k+l]
					}
					want[i*n+j] = math.FMA(x, y, want[i*n+j])
				}
				if c.beta != 0 {
					want[i*n+j] += c.beta * old
				}
			}
		}
		ma.Buffer, mb.Buffer = drivertest.Upload(t, q.device, q, a), drivertest.Upload(t, q.device, q, b)
		mc := driver.Matrix{Buffer: drivertest.Upload(t, q.device, q, got), Rows: m, Cols: n, Stride: n}
		e, lib, err := q.Gemm(true, c.transA, c.transB, 1, ma, mb, c.beta, mc)
		begun(t, e, lib, err)
		drivertest.Download(t, q, mc.Buffer, got)
		for i := range want {
			if got[i] != want[i] && (c.beta == 0 || math.Abs(got[i]-want[i]) > 1e-12) {
				t.Errorf("%+v: element %d is %v, want %v", c, i, got[i], want[i])
				break
			}
		}
	}
}

// transform computes number k of the Fourier transform of s by its definition.
func transform(s []complex128, k int) (sum complex128) {
	for j, v := range s {
		sum += v * cmplx.Exp(complex(0, -2*math.Pi*float64(j*k%len(s))/float64(len(s))))
	}
	return sum
}

func TestTransformOfRowsAndBack(t *testing.T) {
	q := withLibrary(t, true)
	for _, c := range []struct{ n, batch int }{{1, 3}, {60, 3}} {
		in := make([]complex128, c.n*c.batch)
		for i := range in {
			in[i] = complex(math.Sin(float64(i*i)), math.Cos(float64(3*i)))
		}
		from, to, back := drivertest.Upload(t, q.device, q, in), drivertest.Upload(t, q.device, q, make([]complex128, len(in))), drivertest.Upload(t, q.device, q, make([]complex128, len(in)))
		e, lib, err := q.FFT(true, false, c.n, c.batch, from, to)
		begun(t, e, lib, err)
		e, lib, err = q.FFT(true, true, c.n, c.batch, to, back)
		begun(t, e, lib, err)
		got := make([]complex128, len(in))
		drivertest.Download(t, q, to, got)
		for row := range c.batch {
			for _, k := range []int{0, 1 % c.n, c.n / 2, c.n - 1} {
				if want := transform(in[row*c.n:(row+1)*c.n], k); cmplx.Abs(got[row*c.n+k]-want) > 1e-8 {
					t.Errorf("%+v: number %d of row %d is %v, want %v", c, k, row, got[row*c.n+k], want)
				}
			}
		}
		for name, b := range map[string]driver.Buffer{"the input": from, "the inverse": back} {
			drivertest.Download(t, q, b, got)
			for i, v := range got {
				if cmplx.Abs(v-in[i]) > 1e-10 {
					t.Fatalf("%+v: %s has %v at %d, want %v", c, name, v, i, in[i])
				}
			}
		}
	}
}

func TestTransformOfComplex64(t *testing.T) {
	q := withLibrary(t, false)
	in := make([]complex64, 8)
	in[1] = 1
	from, to := drivertest.Upload(t, q.device, q, in), drivertest.Upload(t, q.device, q, in)
	e, lib, err := q.FFT(false, false, len(in), 1, from, to)
	begun(t, e, lib, err)
	drivertest.Download(t, q, to, in)
	for k, got := range in {
		if want := cmplx.Exp(complex(0, -2*math.Pi*float64(k)/8)); cmplx.Abs(complex128(got)-want) > 1e-5 {
			t.Errorf("number %d is %v, want %v", k, got, want)
		}
	}
}

func TestTransformOfALengthThatClFFTCannotDo(t *testing.T) {
	q := withLibrary(t, false)
	for _, n := range []int{17, 2 * 19, 65537} {
		b := drivertest.Upload(t, q.device, q, make([]complex64, 1))
		_, _, err := q.FFT(false, false, n, 1, b, b)
		if none := (*driver.NoLibrary)(nil); errors.As(err, &none) && !required() {
			t.Skip(err)
		}
		if !errors.Is(err, driver.ErrUnsupported) {
			t.Errorf("%d: %v, want ErrUnsupported", n, err)
		}
	}
}
