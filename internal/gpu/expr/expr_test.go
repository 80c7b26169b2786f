package expr

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"cookbook/internal/gpu/driver"
)

// run computes statements in one block.
func run(t *testing.T, params, text string, args ...any) error {
	t.Helper()
	p, err := Params(params)
	if err != nil {
		return err
	}
	s, err := CompileStatements(p, text)
	if err != nil {
		return err
	}
	values := make([]reflect.Value, len(args))
	for i, a := range args {
		values[i] = reflect.ValueOf(a)
	}
	s.Run(&driver.Block{Grid: driver.Dim{X: 1}}, values)
	return nil
}

func TestStatementsComputeWhatGoComputes(t *testing.T) {
	const n = 3*Chunk + 5
	x, y, k := make([]float32, n), make([]float32, n), make([]int, n)
	for i := range x {
		x[i], y[i], k[i] = rand.Float32()-0.5, rand.Float32(), rand.IntN(200)-100
	}
	clone := func(s []float32) []float32 { return append([]float32(nil), s...) }
	tests := []struct {
		text string
		want func(i int) float32
	}{
		{"z[i] = 2*x[i] + 5*y[i]", func(i int) float32 { return float32(2*x[i]) + float32(5*y[i]) }},
		{"z[i] += a * x[i]", func(i int) float32 { return y[i] + float32(0.25*x[i]) }},
		{"z[i] -= x[i]; z[i] /= y[i]", func(i int) float32 { return (y[i] - x[i]) / y[i] }},
		{"t := x[i] * x[i]; z[i] = 0; z[i] = t - (z[i] + t)", func(i int) float32 { return 0 }},
		{"t := x[i]; t = t + t; z[i] = -t", func(i int) float32 { return -(x[i] + x[i]) }},
		{"z[i] = float32(math.Sqrt(float64(y[i])))", func(i int) float32 { return float32(math.Sqrt(float64(y[i]))) }},
		{"z[i] = min(x[i], y[i], 0.1) + max(x[i], 0)", func(i int) float32 { return min(x[i], y[i], 0.1) + max(x[i], 0) }},
		{"z[i] = float32(i) / float32(math.Pi)", func(i int) float32 { return float32(i) / float32(math.Pi) }},
		{"z[i] = float32(k[i] / 7 % 5 &^ 2 | i & 3)", func(i int) float32 { return float32(k[i]/7%5&^2 | i&3) }},
		{"z[i] = float32(k[i] << uint(i&127) >> 3)", func(i int) float32 { return float32(k[i] << uint(i&127) >> 3) }},
		{"z[i] = float32(int8(k[i]*3)) + float32(uint8(k[i]))", func(i int) float32 { return float32(int8(k[i]*3)) + float32(uint8(k[i])) }},
		{"z[i] = float32(math.FMA(float64(x[i]), 3, -0.5))", func(i int) float32 { return float32(math.FMA(float64(x[i]), 3, -0.5)) }},
		{"z[i] = float32(^k[i])", func(i int) float32 { return float32(^k[i]) }},
	}
	for _, test := range tests {
		z := clone(y)
		if err := run(t, "a float32, x, y, z []float32, k []int", test.text, float32(0.25), x, y, z, k); err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		for i := range z {
			if math.Float32bits(z[i]) != math.Float32bits(test.want(i)) {
				t.Errorf("%s: element %d is %v, want %v", test.text, i, z[i], test.want(i))
				break
			}
		}
	}
}

func TestTextsAreRefusedWithTheirPlace(t *testing.T) {
	tests := []struct{ params, text, want string }{
		{"x []float32", "x[i] = y[i]", `"x[i] = y[i]", column 8: undefined: y`},
		{"x []float32, k []int", "x[i] = k[i]", `"x[i] = k[i]", column 8: cannot use k[i] (variable of type int) as float32 value in assignment`},
		{"x []float32", "x[i] = x[i+1]", `"x[i] = x[i+1]", column 8: only element i of a parameter can be used, as in x[i]; write a kernel for other elements`},
		{"x []float32", "x[i] = ", ``},
		{"x []float32", "if x[i] > 0 { x[i] = 0 }", `"if x[i] > 0 { x[i] = 0 }", column 1: only assignments of one value can be computed here; write a kernel for more`},
		{"x []float32", "", `"": there is nothing to compute: it is an assignment, as in z[i] = x[i]`},
		{"x []float32", "} func g() {", ``},
		{"x []string", "x[i] = x[i]", `"x []string", column 3: a parameter is a number or a slice of numbers, such as float32, []float32, int32`},
		{"i []int", "i[i] = 1", `"i []int", column 1: the name i is taken: i is the index of the element, and every name stands once`},
		{"x, len []float32", "x[i] = 1", `"x, len []float32", column 4: the name len means something already`},
		{"x []float32", "x[i] = float32(math.Erf(1))", `"x[i] = float32(math.Erf(1))", column 21: undefined: math.Erf`},
		{"x []float32", "x[i] = func() float32 { return 1 }()", `"x[i] = func() float32 { return 1 }()", column 8: this cannot be computed here; write a kernel for it`},
		{"float32", "", `"float32", column 1: every parameter has a name`},
	}
	for _, test := range tests {
		err := run(t, test.params, test.text)
		if err == nil || test.want != "" && err.Error() != test.want {
			t.Errorf("%q with %q:\n got %v\nwant %s", test.text, test.params, err, test.want)
		}
	}
}

func TestReductionAddsInOneOrder(t *testing.T) {
	const n = 5*Chunk + 300
	x := make([]float32, n)
	for i := range x {
		x[i] = rand.Float32()
	}
	params, err := Params("x []float32")
	if err != nil {
		t.Fatal(err)
	}
	// The order as the documentation has it.
	var want float32
	sums := make([]float32, Lanes)
	for i, v := range x {
		sums[i%Lanes] += float32(v * v)
	}
	for w := Lanes / 2; w > 0; w /= 2 {
		for j := range w {
			sums[j] += sums[w+j]
		}
	}
	want = sums[0]
	for _, reduce := range []string{"a + b", "b + a", "a + b + 0"} {
		r, err := CompileReduction[float32](params, "x[i] * x[i]", reduce, "0")
		if err != nil {
			t.Fatal(err)
		}
		out := make([]float32, 1)
		r.Run(&driver.Block{Grid: driver.Dim{X: 1}}, []reflect.Value{reflect.ValueOf(x), reflect.ValueOf(out)})
		if out[0] != want {
			t.Errorf("%s: got %v, want %v", reduce, out[0], want)
		}
	}
	for _, wrong := range [][3]string{{"x[i]", "a + c", "0"}, {"x[i]", "a + b", "zero"}, {"x", "a + b", "0"}, {"x[i]; x[i] = 2", "a+b", "0"}, {"x[i]", "", "0"}} {
		if _, err := CompileReduction[float32](params, wrong[0], wrong[1], wrong[2]); err == nil {
			t.Errorf("%v is not refused", wrong)
		} else {
			t.Log(err)
		}
	}
}
