package jit_test

import (
	"fmt"
	"strings"
	"testing"

	"cookbook/internal/golden"
	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/jit"
)

// file returns a file with the functions given.
func file(functions string) []byte {
	return []byte("package p\n\nimport (\n\t\"fmt\"\n\t\"math\"\n\n\t\"cookbook/internal/gpu\"\n)\n\nvar _ = fmt.Sprint(math.Pi)\n\n" + functions)
}

// The kernels whose translations are kept in testdata.
var kept = []struct{ name, source string }{
	{"saxpy", `
// saxpy adds a·x to y.
func saxpy(b *gpu.Block, a float32, x, y []float32) {
	xs, ys := gpu.Part(b, x), gpu.Part(b, y)
	for i := range ys {
		ys[i] += a * xs[i]
	}
}
`},
	{"roots", `
func smooth(x, limit float32) float32 {
	if x > limit {
		x = limit
	}
	return 0.1*x + 2
}

// roots writes the roots of the block's numbers.
func roots(b *gpu.Block, limit float32, x, out []float32) {
	lo, hi := b.Range(len(x))
	part, to := x[lo:hi], gpu.Part(b, out)
	for i := range to {
		to[i] = smooth(float32(math.Sqrt(float64(part[i]))), limit)
	}
}
`},
	{"tiled", `
// tiled multiplies n × n matrices by tiles in shared memory.
func tiled(b *gpu.Block, n int, x, y, out []float32) {
	const t = 16
	var tileX, tileY, sum [t][t]float32
	for k := 0; k < n; k += t {
		for j := range b.Y(t) {
			for i := range b.X(t) {
				tileX[j][i] = x[(b.Idx.Y*t+j)*n+k+i]
				tileY[j][i] = y[(k+j)*n+b.Idx.X*t+i]
			}
		}
		for j := range b.Y(t) {
			for k := range t {
				v := tileX[j][k]
				for i := range b.X(t) {
					sum[j][i] += v * tileY[k][i]
				}
			}
		}
	}
	for j := range b.Y(t) {
		for i := range b.X(t) {
			out[(b.Idx.Y*t+j)*n+b.Idx.X*t+i] = sum[j][i]
		}
	}
}
`},
	{"total", `
// total adds the block's numbers in a tree.
func total(b *gpu.Block, x, out []int32) {
	sums := gpu.Shared[int32](b)
	part := gpu.Part(b, x)
	for t := range b.Dim.X {
		for i := t; i < len(part); i += b.Dim.X {
			sums[t] += part[i]
		}
	}
	for half := b.Dim.X / 2; half > 0; half /= 2 {
		for t := range b.Dim.X {
			if t >= half {
				continue
			}
			sums[t] += sums[t+half]
		}
	}
	for t := range b.Dim.X {
		if t == 0 {
			out[b.Idx.X] = sums[0]
		}
	}
}
`},
}

func TestTranslationsAreAsKept(t *testing.T) {
	for _, k := range kept {
		for language, suffix := range map[driver.Language]string{driver.OpenCLC: ".cl", driver.CUDAC: ".cu"} {
			t.Run(k.name+suffix, func(t *testing.T) {
				source, lines := translate(t, language, k.source, k.name)
				golden.Compare(t, k.name+suffix, source)
				if got, want := len(lines), strings.Count(source, "\n"); got != want {
					t.Errorf("%d positions for %d lines", got, want)
				}
				again, _ := translate(t, language, k.source, k.name)
				if source != again {
					t.Error("a second translation differs")
				}
			})
		}
	}
}

// read reads one kernel.
func read(t testing.TB, source, kernel string) *jit.Unit {
	t.Helper()
	u, err := jit.Read("kernels.go", file(source), []string{kernel})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// translate returns a kernel in a language, and the position of each line.
func translate(t testing.TB, language driver.Language, source, kernel string) (string, []string) {
	t.Helper()
	text, lines, err := read(t, source, kernel).Source(language)
	if err != nil {
		t.Fatal(err)
	}
	return text, lines
}

func TestLinesNameTheirSource(t *testing.T) {
	text, lines := translate(t, driver.OpenCLC, kept[0].source, "saxpy")
	for i, line := range strings.Split(text, "\n") {
		if strings.Contains(line, "ys[i] =") {
			if want := "kernels.go:17"; lines[i] != want {
				t.Errorf("%q is said to stand at %q, want %s", line, lines[i], want)
			}
			return
		}
	}
	t.Errorf("no line stores:\n%s", text)
}

func TestKernelsAreDescribed(t *testing.T) {
	describe := func(source, kernel string) string {
		k := read(t, source, kernel).Kernels()[0]
		text := fmt.Sprintf("block %d,%d,%d dims %d shared %d dynamic %v float64 %v:", k.Block.X, k.Block.Y, k.Block.Z, k.Dims, k.Shared, k.Dynamic, k.Float64)
		for _, p := range k.Params {
			text += fmt.Sprintf(" %s %v slice %v write %v;", p.Name, p.Elem, p.Slice, p.Write)
		}
		return text
	}
	for _, test := range []struct{ name, source, want string }{
		{"saxpy", kept[0].source, "block 0,0,0 dims 1 shared 0 dynamic <nil> float64 false: a float32 slice false write false; x float32 slice true write false; y float32 slice true write true;"},
		{"tiled", kept[2].source, "block 16,16,0 dims 2 shared 2048 dynamic <nil> float64 false: n int slice false write false; x float32 slice true write false; y float32 slice true write false; out float32 slice true write true;"},
		{"total", kept[3].source, "block 0,0,0 dims 1 shared 0 dynamic int32 float64 false: x int32 slice true write false; out int32 slice true write true;"},
		{"root", "func root(b *gpu.Block, x []float32) {\n\tfor i := range b.X(8) {\n\t\tx[i] = float32(math.Sqrt(float64(x[i])))\n\t}\n}\n",
			"block 8,0,0 dims 1 shared 0 dynamic <nil> float64 false: x float32 slice true write true;"},
		{"wide", "func wide(b *gpu.Block, x []float32) {\n\tfor i := range b.X(8) {\n\t\tx[i] = float32(math.Sqrt(float64(x[i]) + 1))\n\t}\n}\n",
			"block 8,0,0 dims 1 shared 0 dynamic <nil> float64 true: x float32 slice true write true;"},
		{"calls", "func half(x float32) float32 { return float32(float64(x) / 2) }\n\nfunc calls(b *gpu.Block, x []float32) {\n\tfor i := range b.X(8) {\n\t\tx[i] = half(x[i])\n\t}\n}\n",
			"block 8,0,0 dims 1 shared 0 dynamic <nil> float64 true: x float32 slice true write true;"},
		{"through", "func through(b *gpu.Block, x, y []uint8) {\n\tpart := gpu.Part(b, y)\n\trest := part[1:]\n\tfor i := range b.Dim.X {\n\t\trest[i] = x[i]\n\t}\n}\n",
			"block 0,0,0 dims 1 shared 0 dynamic <nil> float64 false: x uint8 slice true write false; y uint8 slice true write true;"},
	} {
		if got := describe(test.source, test.name); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

// careful has all that a program with checks looks at.
const careful = `
func share(x, n int32) int32 { return x / n }

// careful adds up to what each thread of the block has.
func careful(b *gpu.Block, n int32, at []int32, x, out []float32) {
	const t = 8
	var sum, tile [2][t]float32
	part := gpu.Part(b, x)
	rest := part[1:]
	for j := range b.Y(2) {
		for i := range b.X(t) {
			var own [3]float32
			own[i&3]++
			tile[j][i] = rest[at[i]] + own[1]
			sum[j][i] += tile[j][7-i] / 2
		}
	}
	for j := range b.Y(2) {
		for i := range b.X(t) {
			out[share(at[i], n)] = sum[j][i]
		}
	}
}
`

func TestTranslationsWithChecksAreAsKept(t *testing.T) {
	for language, suffix := range map[driver.Language]string{driver.OpenCLC: ".cl", driver.CUDAC: ".cu"} {
		unit := read(t, careful, "careful").Checked()
		source, lines, err := unit.Source(language)
		if err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, "careful"+suffix, source)
		if got, want := len(lines), strings.Count(source, "\n"); got != want {
			t.Errorf("%d positions for %d lines", got, want)
		}
		if params := unit.Kernels()[0].Params; len(params) != 5 || !params[4].Slice || !params[4].Write {
			t.Errorf("a checked kernel has the parameters %v, want a slice as the last of 5", params)
		}
	}
}

func TestFunctionsStandBeforeTheirUse(t *testing.T) {
	source, _ := translate(t, driver.CUDAC, "func k(b *gpu.Block, x []float64) {\n\tfor i := range b.X(8) {\n\t\tx[i] = math.Min(x[i], math.Max(3, x[i]))\n\t}\n}\n", "k")
	for _, name := range []string{"min_double", "max_double"} {
		if defined, used := strings.Index(source, "double "+name+"("), strings.Index(source, ": "+name+"("); defined < 0 || used < defined {
			t.Errorf("%s is used before it is defined:\n%s", name, source)
		}
	}
}

func TestNamesOfCAreAvoided(t *testing.T) {
	for _, name := range []string{"INT_MAX", "FLT_MAX", "DBL_EPSILON", "CHAR_BIT", "MAXFLOAT", "HUGE_VAL", "linux", "unix", "infinity", "is_inf", "not_a_number", "check_index", "M_PI_F"} {
		source, _ := translate(t, driver.OpenCLC, "func k(b *gpu.Block, "+name+" int, x []int) {\n\tfor i := range b.X(8) {\n\t\tx[i] = "+name+"\n\t}\n}\n", "k")
		if !strings.Contains(source, "i64 "+name+"_,") {
			t.Errorf("a parameter has the name %s in C:\n%s", name, source)
		}
	}
}
