package gpu_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"cookbook/internal/gpu"
)

// data is what the expressions compute with.
type data struct {
	x, y []float32
	u, v []float64
	k    []int
	j    []int32
	c    []uint8
	w    []uint64
}

const dataParams = "s float32, n int, x, y []float32, u, v []float64, k []int, j []int32, c []uint8, w []uint64"

func newData(r *rand.Rand, n int) *data {
	d := &data{make([]float32, n), make([]float32, n), make([]float64, n), make([]float64, n), make([]int, n), make([]int32, n), make([]uint8, n), make([]uint64, n)}
	for i := range n {
		d.x[i], d.y[i] = float32(r.NormFloat64()), float32(r.IntN(9)-4)
		d.u[i], d.v[i] = r.NormFloat64(), r.Float64()*200-100
		d.k[i], d.j[i], d.c[i], d.w[i] = int(r.Uint64()), int32(r.Uint32())>>r.IntN(32), uint8(r.Uint32()), r.Uint64()>>r.IntN(64)
	}
	d.x[0], d.u[0], d.x[1], d.u[1] = float32(math.Inf(1)), math.Inf(-1), float32(math.NaN()), math.NaN()
	d.y[2], d.k[3], d.j[3], d.k[4] = float32(math.Copysign(0, -1)), math.MinInt, math.MinInt32, -1
	return d
}

func newTexts(seed uint64, d *data) *texts {
	return &texts{
		Rand: rand.New(rand.NewPCG(seed, 0)),
		float32s: []term[float32]{
			{"x[i]", func(i int) float32 { return d.x[i] }}, {"y[i]", func(i int) float32 { return d.y[i] }}, {"s", func(int) float32 { return 0.1 }},
		},
		float64s: []term[float64]{{"u[i]", func(i int) float64 { return d.u[i] }}, {"v[i]", func(i int) float64 { return d.v[i] }}},
		ints: []term[int]{
			{"k[i]", func(i int) int { return d.k[i] }}, {"i", func(i int) int { return i }}, {"n", func(int) int { return -3 }},
		},
		int32s:  []term[int32]{{"j[i]", func(i int) int32 { return d.j[i] }}},
		uint8s:  []term[uint8]{{"c[i]", func(i int) uint8 { return d.c[i] }}},
		uint64s: []term[uint64]{{"w[i]", func(i int) uint64 { return d.w[i] }}},
		small:   []term[float64]{{"v[i]", func(i int) float64 { return d.v[i] }}, {"float64(y[i])", func(i int) float64 { return float64(d.y[i]) }}},
	}
}

// output is a slice that an expression is assigned to.
type output struct {
	param, statement string
	array            any
	check            func(t *testing.T) bool
}

// newOutput makes slice number of a kernel's outputs, and perhaps a variable before it.
func newOutput[T gpu.Number](t *testing.T, g *texts, d *gpu.Device, number, n int) output {
	statement := ""
	if g.IntN(2) == 0 {
		e := expression[T](g, 3)
		name := fmt.Sprintf("t%d", number)
		statement = fmt.Sprintf("%s := %s; ", name, e.text)
		l := leaves[T](g)
		*l = append(*l, term[T]{name, e.at})
		statement += fmt.Sprintf("%s = %s; ", name, name) // so that it is used
	}
	e := expression[T](g, 4)
	name := fmt.Sprintf("z%d", number)
	a, err := gpu.NewArray[T](d, n)
	if err != nil {
		t.Fatal(err)
	}
	return output{name + " []" + typeName[T](), statement + name + "[i] = " + e.text, a, func(t *testing.T) bool {
		got, err := a.Get()
		if err != nil {
			t.Error(err)
			return false
		}
		for i, v := range got {
			want := e.at(i)
			if !(v != v && want != want) && (v != want || math.Signbit(float64(v)) != math.Signbit(float64(want))) {
				t.Errorf("element %d of %s is %v, want %v", i, e.text, v, want)
				return false
			}
		}
		return true
	}}
}

func TestExpressionsComputeWhatGoComputes(t *testing.T) {
	onEach(t, func(t *testing.T, d *gpu.Device) {
		const n = 2500
		kernels := 100
		if d.Info().Language != "Go" {
			kernels = 2 // which are compiled
		}
		numbers := newData(rand.New(rand.NewPCG(1, 2)), n)
		args := []any{
			float32(0.1), -3, array(t, d, numbers.x), array(t, d, numbers.y), array(t, d, numbers.u), array(t, d, numbers.v),
			array(t, d, numbers.k), array(t, d, numbers.j), array(t, d, numbers.c), array(t, d, numbers.w),
		}
		for seed := range uint64(kernels) {
			g := newTexts(seed, numbers)
			outputs := []output{
				newOutput[float32](t, g, d, 0, n), newOutput[float64](t, g, d, 1, n), newOutput[int](t, g, d, 2, n),
				newOutput[int32](t, g, d, 3, n), newOutput[uint8](t, g, d, 4, n), newOutput[uint64](t, g, d, 5, n),
			}
			params, statements, all := dataParams, []string(nil), append([]any(nil), args...)
			for _, o := range outputs {
				params, statements, all = params+", "+o.param, append(statements, o.statement), append(all, o.array)
			}
			text := strings.Join(statements, "; ")
			k, err := d.Elementwise("property", params, text)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if _, err := k.Launch(t.Context(), gpu.Shape{}, all...); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			for _, o := range outputs {
				if !o.check(t) {
					t.Fatalf("seed %d: %s", seed, text)
				}
			}
		}
	})
}
