package gpu_test

import (
	"errors"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"cookbook/internal/gpu"
)

func TestGemmIsThePlainLoops(t *testing.T) {
	d := open(t)
	const m, k, n = 7, 5, 3
	a, b, c := make([]float64, m*k), make([]float64, k*n), make([]float64, m*n)
	for _, s := range [][]float64{a, b, c} {
		for i := range s {
			s[i] = float64(rand.IntN(100) - 50)
		}
	}
	want := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for l := range k {
				want[i*n+j] += 2 * a[i*k+l] * b[l*n+j]
			}
			want[i*n+j] += 3 * c[i*n+j]
		}
	}
	turned := func(s []float64, rows, cols int) *gpu.Array[float64] { // whose transpose has the numbers of s
		to := make([]float64, len(s))
		for i := range s {
			to[i%cols*rows+i/cols] = s[i]
		}
		return array(t, d, to, cols, rows).T()
	}
	for what, factors := range map[string][2]*gpu.Array[float64]{
		"A·B":   {array(t, d, a, m, k), array(t, d, b, k, n)},
		"Aᵀ·B":  {turned(a, m, k), array(t, d, b, k, n)},
		"A·Bᵀ":  {array(t, d, a, m, k), turned(b, k, n)},
		"Aᵀ·Bᵀ": {turned(a, m, k), turned(b, k, n)},
	} {
		to := array(t, d, c, m, n)
		library, err := gpu.Gemm(2, factors[0], factors[1], 3, to)
		if err != nil || library.Name != "gonum" {
			t.Errorf("%s: %v, %v", what, library, err)
			continue
		}
		holds(t, what, to, want)
	}
}

func TestGemmWithoutProducts(t *testing.T) {
	d := open(t)
	none, nothing := array(t, d, []float32{}, 2, 0), array(t, d, []float32{}, 0, 2)
	c := array(t, d, []float32{1, 2, 3, float32(math.NaN())}, 2, 2)
	if _, err := gpu.Gemm(1, none, nothing, 0, c); err != nil {
		t.Fatal(err)
	}
	holds(t, "C without products and beta 0", c, []float32{0, 0, 0, 0})
	c = array(t, d, []float32{1, 2, 3, 4}, 2, 2)
	if _, err := gpu.Gemm(1, none, nothing, 2, c); err != nil {
		t.Fatal(err)
	}
	holds(t, "C without products and beta 2", c, []float32{2, 4, 6, 8})
	if _, err := gpu.Gemm(1, nothing, none.T().T(), 0, array(t, d, []float32{}, 0, 0)); err != nil {
		t.Errorf("a product of no rows: %v", err)
	}
}

func TestGemmRefusesWhatDoesNotFit(t *testing.T) {
	d, other := open(t), open(t)
	a, b, c := array(t, d, make([]float32, 6), 2, 3), array(t, d, make([]float32, 6), 3, 2), array(t, d, make([]float32, 4), 2, 2)
	square := array(t, d, make([]float32, 4), 2, 2)
	freed := array(t, d, make([]float32, 6), 3, 2)
	freed.Free()
	for what, test := range map[string]struct {
		a, b, c *gpu.Array[float32]
		want    error
	}{
		"inner sizes":    {a, a, c, gpu.ErrArgument},
		"outer sizes":    {b, a, c, gpu.ErrArgument},
		"a vector":       {a, array(t, d, make([]float32, 3)), c, gpu.ErrArgument},
		"other device":   {a, array(t, other, make([]float32, 6), 3, 2), c, gpu.ErrArgument},
		"a view":         {a, b, square.T(), gpu.ErrArgument},
		"its own factor": {c, square, c, gpu.ErrArgument},
		"freed":          {a, freed, c, gpu.ErrClosed},
		"failed":         {a, b.Add(a), c, gpu.ErrArgument},
	} {
		if _, err := gpu.Gemm(1, test.a, test.b, 0, test.c); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", what, err, test.want)
		}
	}
}

func TestFFTIsTheSumOfTheDefinition(t *testing.T) {
	d := open(t)
	const n, batch = 12, 3
	numbers := make([]complex128, n*batch)
	for i := range numbers {
		numbers[i] = complex(rand.Float64(), rand.Float64())
	}
	in, err := gpu.Upload(d, gpu.Parts(numbers))
	if err != nil {
		t.Fatal(err)
	}
	out, err := gpu.Alloc[float64](d, in.Len())
	if err != nil {
		t.Fatal(err)
	}
	back, err := gpu.Alloc[float64](d, in.Len())
	if err != nil {
		t.Fatal(err)
	}
	if library, err := gpu.FFT(false, n, in, out); err != nil || library.Name != "gonum" {
		t.Fatalf("%v, %v", library, err)
	}
	if _, err := gpu.FFT(true, n, out, back); err != nil {
		t.Fatal(err)
	}
	got, err := out.Download()
	if err != nil {
		t.Fatal(err)
	}
	again, err := back.Download()
	if err != nil {
		t.Fatal(err)
	}
	for row := range batch {
		for k := range n {
			sum := complex(0, 0)
			for j := range n {
				sum += numbers[row*n+j] * cmplx.Exp(complex(0, -2*math.Pi*float64(j*k)/n))
			}
			at := row*n + k
			if v := complex(got[2*at], got[2*at+1]); cmplx.Abs(v-sum) > 1e-12 {
				t.Errorf("row %d, number %d is %v, want %v", row, k, v, sum)
			}
			if v := complex(again[2*at], again[2*at+1]); cmplx.Abs(v-numbers[at]) > 1e-14 {
				t.Errorf("there and back, row %d, number %d is %v, want %v", row, k, v, numbers[at])
			}
		}
	}
	empty, err := gpu.Alloc[float64](d, 0)
	if err != nil {
		t.Fatal(err)
	}
	for what, wrong := range map[string]error{
		"rows of too many": second(gpu.FFT(false, math.MaxInt, in, out)), "to fewer": second(gpu.FFT(false, 1, in, empty)),
		"no rows of 7": second(gpu.FFT(false, 7, in, out)), "rows of 0": second(gpu.FFT(false, 0, in, out)), "in place": second(gpu.FFT(false, n, in, in)),
	} {
		if !errors.Is(wrong, gpu.ErrArgument) {
			t.Errorf("%s: %v, want an ErrArgument", what, wrong)
		}
	}
}

func TestFFTOfSinglePrecisionIsRounded(t *testing.T) {
	d := open(t)
	numbers := []float32{1, 2, 3, -4, 5, 0.5, -1, 8} // four rows of one, or one row of four
	in, err := gpu.Upload(d, numbers)
	if err != nil {
		t.Fatal(err)
	}
	out, err := gpu.Alloc[float32](d, in.Len())
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int][]float32{1: numbers, 4: {8, 6.5, -16, -2.5, 4, -1.5, 8, 5.5}} {
		for _, inverse := range []bool{false, true} {
			if _, err := gpu.FFT(inverse, n, in, out); err != nil {
				t.Fatal(err)
			}
			got, err := out.Download()
			if err != nil {
				t.Fatal(err)
			}
			for i := range want {
				w := want[i]
				if inverse { // the rows of the transform in the other direction, and the factor
					row, at := i/2/n*n, i/2%n
					w = want[2*(row+(n-at)%n)+i%2] / float32(n)
				}
				if math.Abs(float64(got[i]-w)) > 1e-6 {
					t.Errorf("rows of %d, inverse %v: number %d is %v, want %v", n, inverse, i, got[i], w)
				}
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestRandomNumbersDependOnSeedAndIndexAlone(t *testing.T) { onEach(t, randomNumbers) }

func randomNumbers(t *testing.T, d *gpu.Device) {
	const n = 100_000
	numbers := func(n int, seed uint64) []float32 {
		a, err := gpu.Uniform[float32](d, n, seed)
		if err != nil {
			t.Fatal(err)
		}
		s, err := a.Get()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	long, short, other := numbers(n, 1), numbers(1000, 1), numbers(1000, 2)
	same, sum := 0, 0.0
	for i, v := range long {
		sum += float64(v)
		if v < 0 || v >= 1 {
			t.Fatalf("number %d is %v, want one of [0, 1)", i, v)
		}
		if i < len(short) && v != short[i] {
			t.Fatalf("number %d is %v of many and %v of few", i, v, short[i])
		}
		if i < len(other) && v == other[i] {
			same++
		}
	}
	if math.Abs(sum/n-0.5) > 0.006 || same > 3 { // six standard errors
		t.Errorf("the mean is %v, and %d of 1000 numbers are those of another seed", sum/n, same)
	}
	for seed := range uint64(3) {
		single, err := gpu.Normal[float32](d, n, seed)
		if err != nil {
			t.Fatal(err)
		}
		double, err := gpu.Normal[float64](d, n, seed)
		if err != nil {
			t.Fatal(err)
		}
		ss, err := single.Dot(t.Context(), single)
		if err != nil {
			t.Fatal(err)
		}
		ds, err := double.Dot(t.Context(), double)
		if err != nil {
			t.Fatal(err)
		}
		for _, variance := range []float64{float64(ss) / n, ds / n} { // whose standard error is √(2/n)
			if math.Abs(variance-1) > 6*math.Sqrt(2.0/n) {
				t.Errorf("seed %d: the variance is %v, want about 1", seed, variance)
			}
		}
	}
	for _, n := range []int{0, 1} {
		if _, err := gpu.LibraryUniform(array(t, d, make([]float32, n)), 1); !errors.Is(err, gpu.ErrUnsupported) {
			t.Errorf("a library of random numbers for %d of them: %v, want an ErrUnsupported", n, err)
		}
	}
}

func TestUniformNumbersHaveTheSameBitsOnEveryDevice(t *testing.T) {
	const n, seed = 100_003, 0x123456789abcdef0
	single, double := make([][]float32, 2), make([][]float64, 2)
	read := func(d *gpu.Device, uniform bool) (s []float32, f []float64) {
		a, err := gpu.Normal[float32](d, n, seed)
		if uniform {
			a, err = gpu.Uniform[float32](d, n, seed)
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, err = a.Get(); err != nil || !d.Info().Float64 {
			return s, nil
		}
		b, err := gpu.Normal[float64](d, n, seed)
		if uniform {
			b, err = gpu.Uniform[float64](d, n, seed)
		}
		if err != nil {
			t.Fatal(err)
		}
		f, err = b.Get()
		if err != nil {
			t.Fatal(err)
		}
		return s, f
	}
	cpu := open(t)
	single[0], double[0] = read(cpu, true)
	single[1], double[1] = read(cpu, false)
	onEach(t, func(t *testing.T, d *gpu.Device) {
		for i, tolerance := range []float64{0, 1e-5} { // of uniform and of normal numbers
			s, f := read(d, i == 0)
			for j, v := range s {
				if !(math.Abs(float64(v-single[i][j])) <= tolerance) {
					t.Fatalf("number %d is %v, on the cpu %v", j, v, single[i][j])
				}
			}
			for j, v := range f {
				if !(math.Abs(v-double[i][j]) <= tolerance*1e-8) {
					t.Fatalf("number %d of float64 is %v, on the cpu %v", j, v, double[i][j])
				}
			}
		}
	})
}
