package gpu_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"
	"testing/synctest"

	"cookbook/internal/gpu"
)

// open opens the cpu device until the test ends.
func open(t testing.TB) *gpu.Device {
	t.Helper()
	d, err := gpu.OpenDevice("cpu")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// array makes an array of numbers.
func array[T gpu.Number](t testing.TB, d *gpu.Device, s []T, shape ...int) *gpu.Array[T] {
	t.Helper()
	a, err := gpu.ArrayOf(d, s, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// holds says that an array holds these numbers.
func holds[T gpu.Number](t testing.TB, what string, a *gpu.Array[T], want []T) {
	t.Helper()
	if got, err := a.Get(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s is %v, %v, want %v", what, got, err, want)
	}
}

func TestArithmeticOfArraysIsChained(t *testing.T) { onEach(t, arithmeticIsChained) }

func arithmeticIsChained(t *testing.T, d *gpu.Device) {
	a := array(t, d, []float32{1, 2, 3, 4, 5, 6}, 2, 3)
	b := array(t, d, []float32{6, 5, 4, 3, 2, 1}, 2, 3)
	holds(t, "2a + b", a.Scale(2).Add(b), []float32{8, 9, 10, 11, 12, 13})
	holds(t, "(a - b)·b/2", a.Sub(b).Mul(b).Div(b.AddScalar(1).Sub(b).Scale(2)), []float32{-15, -7.5, -2, 1.5, 3, 2.5})
	holds(t, "|−a|", a.Neg().Abs(), []float32{1, 2, 3, 4, 5, 6})
	holds(t, "√(a·a)", a.Mul(a).Sqrt(), []float32{1, 2, 3, 4, 5, 6})
	holds(t, "a", a, []float32{1, 2, 3, 4, 5, 6})
	i := array(t, d, []int8{-128, 127, 3})
	holds(t, "i + i wraps", i.Add(i), []int8{0, -2, 6})
	holds(t, "|i|", i.Abs(), []int8{-128, 127, 3})
	holds(t, "|u|", array(t, d, []uint8{0, 1, 200}).Abs(), []uint8{0, 1, 200})
	empty := array(t, d, []float64{}, 0, 7)
	holds(t, "an empty array's double", empty.Scale(2).T(), []float64{})
	holds(t, "the double of an empty view", empty.T().Scale(2).Add(empty.T()), []float64{})
}

func TestTransposedArraysMeetTheRightNumbers(t *testing.T) { onEach(t, transposedMeet) }

func transposedMeet(t *testing.T, d *gpu.Device) {
	a := array(t, d, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3)
	holds(t, "A + Aᵀ", a.Add(a.T()), []int{2, 6, 10, 6, 10, 14, 10, 14, 18})
	holds(t, "Aᵀ", a.T(), []int{1, 4, 7, 2, 5, 8, 3, 6, 9})
	holds(t, "Aᵀᵀ", a.T().T(), []int{1, 2, 3, 4, 5, 6, 7, 8, 9})
	b := array(t, d, []int{1, 2, 3, 4, 5, 6}, 2, 3)
	holds(t, "Bᵀ", b.T(), []int{1, 4, 2, 5, 3, 6})
	holds(t, "2Bᵀ − Bᵀ", b.T().Scale(2).Sub(b.T()), []int{1, 4, 2, 5, 3, 6})
	holds(t, "Bᵀ as six numbers", b.T().Reshape(6), []int{1, 4, 2, 5, 3, 6})
	if sum := b.Add(b.T()); !errors.Is(sum.Err(), gpu.ErrArgument) || !reflect.DeepEqual(b.T().Shape(), []int{3, 2}) {
		t.Errorf("B + Bᵀ: %v, want an ErrArgument", sum.Err())
	}
	if dot, err := a.Dot(t.Context(), a.T()); err != nil || dot != 261 {
		t.Errorf("A·Aᵀ, element by element, adds up to %v, %v, want 261", dot, err)
	}
}

func TestArraysAreReduced(t *testing.T) { onEach(t, areReduced) }

func areReduced(t *testing.T, d *gpu.Device) {
	const n = 300_001
	x := make([]float64, n)
	least, most := math.Inf(1), math.Inf(-1)
	for i := range x {
		x[i] = float64(rand.IntN(1<<16) - 1<<15) // sums of these are exact
		least, most = min(least, x[i]), max(most, x[i])
	}
	sum, dot := 0.0, 0.0
	for _, v := range x {
		sum, dot = sum+v, dot+v*v
	}
	a := array(t, d, x)
	for what, test := range map[string]struct {
		got  func(context.Context) (float64, error)
		want float64
	}{
		"the sum": {a.SumAll, sum}, "the least": {a.MinAll, least}, "the most": {a.MaxAll, most},
		"the dot product": {func(ctx context.Context) (float64, error) { return a.Dot(ctx, a) }, dot},
	} {
		if got, err := test.got(t.Context()); err != nil || got != test.want {
			t.Errorf("%s is %v, %v, want %v", what, got, err, test.want)
		}
	}
	infinite := array(t, d, []float32{float32(math.Inf(1)), float32(math.Inf(1))})
	if got, err := infinite.MinAll(t.Context()); err != nil || !math.IsInf(float64(got), 1) {
		t.Errorf("the least of infinities is %v, %v", got, err)
	}
	if got, err := array(t, d, []int8{-128, -128}).MaxAll(t.Context()); err != nil || got != -128 {
		t.Errorf("the largest of -128s is %v, %v", got, err)
	}
	if got, err := array(t, d, []uint64{math.MaxUint64}).MinAll(t.Context()); err != nil || got != math.MaxUint64 {
		t.Errorf("the least of the largest is %v, %v", got, err)
	}
	none := array(t, d, []float32{})
	if got, err := none.SumAll(t.Context()); err != nil || got != 0 {
		t.Errorf("the sum of nothing is %v, %v", got, err)
	}
	if _, err := none.MinAll(t.Context()); !errors.Is(err, gpu.ErrArgument) {
		t.Errorf("the least of nothing: %v, want an ErrArgument", err)
	}
}

func TestFailuresOfArraysStick(t *testing.T) {
	d, other := open(t), open(t)
	a := array(t, d, []float32{1, 2, 3, 4}, 2, 2)
	for what, wrong := range map[string]*gpu.Array[float32]{
		"other shape":  a.Add(array(t, d, []float32{1, 2, 3, 4})),
		"other device": a.Add(array(t, other, []float32{1, 2, 3, 4}, 2, 2)),
		"reshape":      a.Reshape(5),
	} {
		after := wrong.Scale(2).T().Sqrt().Add(a)
		if _, err := after.Get(); !errors.Is(err, gpu.ErrArgument) || err != wrong.Err() {
			t.Errorf("%s: %v, want the first error, an ErrArgument", what, err)
		}
		if _, err := after.SumAll(t.Context()); err != wrong.Err() {
			t.Errorf("%s: the sum is %v", what, err)
		}
	}
	if root := array(t, d, []int{4}).Sqrt(); !errors.Is(root.Err(), gpu.ErrUnsupported) {
		t.Errorf("the root of an integer: %v", root.Err())
	}
	for _, shape := range [][]int{{3}, {-1, -4}, {math.MaxInt, 2}} {
		if _, err := gpu.ArrayOf(d, []float32{1, 2, 3, 4}, shape...); !errors.Is(err, gpu.ErrArgument) {
			t.Errorf("4 numbers of shape %v: %v, want an ErrArgument", shape, err)
		}
	}
	a.Free()
	if err := a.Scale(2).Err(); !errors.Is(err, gpu.ErrClosed) {
		t.Errorf("after Free: %v, want ErrClosed", err)
	}
}

func TestDivisionsByZeroStick(t *testing.T) {
	d := open(t)
	a, b := array(t, d, []int{4, 6}), array(t, d, []int{2, 0})
	bad := a.Div(b)
	for what, err := range map[string]error{
		"the quotient":      second(bad.Get()),
		"what is made of":   second(a.Add(bad.Scale(2)).Reshape(2, 1).T().Get()),
		"its sum":           second(bad.SumAll(t.Context())),
		"its dot product":   second(a.Dot(t.Context(), bad)),
		"a division of it":  second(bad.Div(a).Get()),
		"a division by one": second(a.Div(a).Get()),
	} {
		if want := what != "a division by one"; errors.Is(err, gpu.ErrLost) != want {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := d.Sync(t.Context()); !errors.Is(err, gpu.ErrLost) {
		t.Errorf("the device: %v, want ErrLost", err)
	}
	holds(t, "1.5 / 0", array(t, d, []float64{1.5}).Div(array(t, d, []float64{0})), []float64{math.Inf(1)})
}

func TestElementwiseChecksItsArguments(t *testing.T) { onEach(t, elementwiseChecks) }

func elementwiseChecks(t *testing.T, d *gpu.Device) {
	k, err := d.Elementwise("saxpy", "a float32, x, y []float32", "y[i] += a * x[i]")
	if err != nil {
		t.Fatal(err)
	}
	x, y, short := array(t, d, []float32{1, 2, 3}), array(t, d, []float32{10, 20, 30}), array(t, d, []float32{1})
	if _, err := k.Launch(t.Context(), gpu.Shape{}, float32(2), x, y); err != nil {
		t.Fatal(err)
	}
	holds(t, "2x + y", y, []float32{12, 24, 36})
	for what, args := range map[string][]any{
		"lengths": {float32(2), x, short}, "type": {2.0, x, y}, "number": {x, y}, "view": {float32(2), x.Reshape(3, 1).T().Reshape(1, 3).T().T(), x.Reshape(1, 3).T()},
		"other numbers": {float32(2), array(t, d, []int{1, 2, 3}), y},
	} {
		if _, err := k.Launch(t.Context(), gpu.Shape{}, args...); !errors.Is(err, gpu.ErrArgument) {
			t.Errorf("%s: %v, want an ErrArgument", what, err)
		}
	}
	if _, err := d.Elementwise("bad", "x []float32", "x[i] = y[i]"); !errors.Is(err, gpu.ErrBuild) {
		t.Errorf("got %v, want an ErrBuild", err)
	}
	for _, name := range []string{"", "linear combination", "go", "init", "_", "len", "float32", "math", "gpu", "pi__"} {
		if _, err := d.Elementwise(name, "x []float32", "x[i] = 1"); !errors.Is(err, gpu.ErrArgument) {
			t.Errorf("a kernel of name %q: %v, want an ErrArgument", name, err)
		}
	}
	if _, err := gpu.NewReduction[int](d, "x []float32", "x[i]", "a + b", "0"); !errors.Is(err, gpu.ErrBuild) {
		t.Errorf("a reduction of floats to int: %v, want an ErrBuild", err)
	}
}

// The collector's goroutine must not wait for the device: a bubble would see a goroutine from outside wait for one of its own.
func TestTheCollectorOfArraysDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device, err := gpu.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer device.Close()
		a, err := gpu.ArrayOf(device, []float32{1, 2, 3})
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			if err := a.Scale(2).Err(); err != nil {
				t.Fatal(err)
			}
			runtime.GC()
		}
	})
}
