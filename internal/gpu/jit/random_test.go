package jit_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestRandomKernelsGiveGoBits compiles random kernels by Go's compiler, and has the program run them on every device that there is. The
// results must have the bits that a plain call gives. COOKBOOK_TEST_SEED repeats a run.
func TestRandomKernelsGiveGoBits(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs the Go compiler")
	}
	const kernels = 30
	seed := rand.Uint64N(1_000_000)
	if text := os.Getenv("COOKBOOK_TEST_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0))}
	source := g.program(kernels)

	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	inModule := filepath.Join(strings.TrimSpace(string(module)), "internal", "gpu", "jit", "randomkernels")
	overlay := map[string]map[string]string{"Replace": {}}
	driver, err := os.ReadFile("testdata/random_main.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"kernels.go": source, "main.go": string(driver), "source.go": "package main\n\nconst source = " + strconv.Quote(source) + "\n"} {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		overlay["Replace"][filepath.Join(inModule, name)] = file
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "overlay.json"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(folder, "randomkernels")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", filepath.Join(folder, "overlay.json"), "-o", binary, "cookbook/internal/gpu/jit/randomkernels").CombinedOutput(); err != nil {
		t.Fatalf("seed %d: the kernels do not compile: %v\n%s\n%s", seed, err, out, source)
	}
	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Env = append(cmd.Environ(), "POCL_CACHE_DIR="+t.TempDir()) // it keeps what it has compiled, which nobody compiles again
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("COOKBOOK_TEST_SEED=%d: %v\n%s", seed, err, out)
	}
	t.Logf("seed %d: %s", seed, out)
}

// generator makes random kernels of what can be translated.
type generator struct {
	*rand.Rand
	b     strings.Builder
	depth int
	vars  []local // that can be seen, the innermost last
	names int
}

type local struct {
	name, kind string
	fixed      bool // it cannot be assigned to here
}

var (
	integers = []string{"int", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}
	kinds    = append([]string{"float32", "float64"}, integers...)
)

func (g *generator) pick(from []string) string { return from[g.IntN(len(from))] }

func (g *generator) line(format string, args ...any) {
	fmt.Fprintf(&g.b, "%s%s\n", strings.Repeat("\t", g.depth), fmt.Sprintf(format, args...))
}

// program writes a file of kernels, and a table of them for the program that runs them.
func (g *generator) program(n int) string {
	g.line("package main\n\nimport (\n\t\"math\"\n\n\t\"cookbook/internal/gpu\"\n)\n\nconst third = 1.0 / 3\n")
	for _, k := range kinds {
		g.line("func mixed%s(x, y %s) %s {\n\tif x < y {\n\t\treturn y - x\n\t}\n\treturn x + %s(y*y)\n}\n", k, k, k, k)
	}
	table := ""
	for i := range n {
		x, out := g.pick(kinds), g.pick(kinds)
		name := fmt.Sprintf("kernel%d", i)
		g.line("func %s(b *gpu.Block, n int, s %s, x []%s, out []%s) {", name, x, x, out)
		g.vars = []local{{"n", "int", true}, {"s", x, true}}
		g.depth++
		if g.IntN(2) == 0 {
			g.elementwise(x, out)
		} else {
			g.shared(x, out)
		}
		g.depth--
		g.line("}\n")
		table += fmt.Sprintf("\t\ttest[%s, %s](%q, %s),\n", x, out, name, name)
	}
	g.line("func tests() []result {\n\treturn []result{\n%s\t}\n}\n\nvar _ = math.Pi", table)
	return g.b.String()
}

// elementwise is a kernel that computes element by element.
func (g *generator) elementwise(x, out string) {
	g.line("first, _ := b.Range(len(out))")
	g.line("xs, outs := gpu.Part(b, x), gpu.Part(b, out)")
	g.line("for i, v := range xs {")
	g.depth++
	g.line("at := first + i\n\t\t_ = v")
	g.vars = append(g.vars, local{"i", "int", true}, local{"v", x, false}, local{"at", "int", false})
	g.statements(3)
	g.line("outs[i] = %s + %s(at%%3)", g.expr(out, 3), out)
	g.depth--
	g.line("}")
}

// shared is a kernel whose threads see what others wrote.
func (g *generator) shared(x, out string) {
	k, own := g.pick(kinds), g.pick(kinds)
	g.line("var all [16]%s\n\tvar own [16]%s", k, own)
	g.line("for round := range 3 {")
	g.depth++
	before := len(g.vars)
	g.vars = append(g.vars, local{"round", "int", true})
	g.line("for t := range b.X(16) {")
	g.depth++
	g.vars = append(g.vars, local{"t", "int", true}, local{"x[b.Idx.X*16+t]", x, true}, local{"own[t]", own, false}, local{"all[t]", k, false})
	g.statements(2)
	g.line("all[t] = %s", g.expr(k, 2))
	g.line("own[t] = %s", g.expr(own, 2))
	g.depth--
	g.line("}")
	g.line("for t := range b.X(16) {")
	g.depth++
	g.vars = append(g.vars[:before], local{"t", "int", true}, local{"all[(t*3+round)%16]", k, true}, local{"all[15-t]", k, true}, local{"own[t]", own, false})
	g.statements(2)
	g.line("if t%%4 == round {\n\t\t\t\tcontinue\n\t\t\t}")
	g.line("own[t] = own[t] + %s", g.expr(own, 2))
	g.depth--
	g.line("}")
	g.depth--
	g.line("}")
	g.line("for t := range b.X(16) {")
	g.line("\tout[b.Idx.X*16+t] = %s(own[t]) + %s(all[t])", out, out)
	g.line("}")
	g.vars = g.vars[:before]
}

// statements writes some statements, whose variables can be seen behind them.
func (g *generator) statements(n int) {
	for range 1 + g.IntN(n) {
		most := 7
		if g.depth > 4 {
			most = 4
		}
		switch g.IntN(most) {
		case 0, 1, 2:
			g.names++
			name, kind := fmt.Sprintf("v%d", g.names), g.pick(kinds)
			g.line("var %s %s = %s", name, kind, g.expr(kind, 3))
			g.line("_ = %s", name)
			g.vars = append(g.vars, local{name, kind, false})
		case 3:
			g.assign()
		case 4:
			kind := g.pick(kinds)
			g.line("if %s %s %s {", g.expr(kind, 2), g.pick([]string{"<", ">", "==", "!=", "<=", ">="}), g.expr(kind, 2))
			g.inner(2)
			if g.IntN(2) == 0 {
				g.line("} else {")
				g.inner(2)
			}
			g.line("}")
		case 5:
			g.names++
			name := fmt.Sprintf("k%d", g.names)
			g.line("for %s := range %d {\n%s\t_ = %s", name, 1+g.IntN(4), strings.Repeat("\t", g.depth), name)
			g.vars = append(g.vars, local{name, "int", true})
			g.inner(2)
			g.vars = g.vars[:len(g.vars)-1]
			g.line("}")
		case 6:
			kind := g.pick(integers)
			g.line("switch %s & 3 {", g.expr(kind, 2))
			g.line("case 0, 2:")
			g.inner(1)
			g.line("case 1:")
			g.inner(1)
			g.line("default:")
			g.inner(1)
			g.line("}")
		}
	}
}

// inner writes statements whose variables end with them.
func (g *generator) inner(n int) {
	before := len(g.vars)
	g.depth++
	g.statements(n)
	g.assign()
	g.depth--
	g.vars = g.vars[:before]
}

// assign writes an assignment to a variable.
func (g *generator) assign() {
	for range 10 {
		v := g.vars[g.IntN(len(g.vars))]
		if v.fixed {
			continue
		}
		switch op := g.pick([]string{"=", "+=", "-=", "*="}); op {
		case "*=":
			g.line("%s = %s", v.name, product(v.kind, v.name, g.expr(v.kind, 2)))
		default:
			g.line("%s %s %s", v.name, op, g.expr(v.kind, 2))
		}
		return
	}
}

// leaf is a variable, or another one that is converted. It is no constant, so that constants meet no constants.
func (g *generator) leaf(kind string) string {
	for range 5 {
		if v := g.vars[g.IntN(len(g.vars))]; v.kind == kind {
			return v.name
		}
	}
	return fmt.Sprintf("%s(%s)", kind, g.vars[g.IntN(len(g.vars))].name)
}

// constant is a constant of a kind.
func (g *generator) constant(kind string) string {
	switch kind {
	case "float32", "float64":
		return g.pick([]string{"0.5", "-1.25", "3", "1e10", "third", "math.Pi", "0x1p-20"})
	case "uint8", "uint16", "uint32", "uint64":
		return g.pick([]string{"1", "2", "7", "0x55", "200", "255"})
	}
	return g.pick([]string{"1", "-1", "2", "-7", "100", "-128", "127"})
}

// expr is an expression of a kind.
func (g *generator) expr(kind string, depth int) string {
	if depth == 0 || g.IntN(6) == 0 {
		return g.leaf(kind)
	}
	float := strings.HasPrefix(kind, "float")
	x, y := g.expr(kind, depth-1), g.expr(kind, depth-1)
	if g.IntN(4) == 0 {
		y = g.constant(kind)
	}
	switch g.IntN(12) {
	case 0, 1, 2:
		if op := g.pick([]string{"+", "-", "*"}); op != "*" {
			return fmt.Sprintf("(%s %s %s)", x, op, y)
		}
		return product(kind, x, y)
	case 3:
		if float {
			return fmt.Sprintf("(%s / %s)", x, y)
		}
		return fmt.Sprintf("(%s %s (%s | 1))", x, g.pick([]string{"/", "%"}), g.expr(kind, depth-1))
	case 4:
		if float {
			return fmt.Sprintf("-(%s)", x)
		}
		return fmt.Sprintf("(%s %s %s)", x, g.pick([]string{"&", "|", "^", "&^"}), y)
	case 5:
		if float {
			return fmt.Sprintf("%s(math.%s(float64(%s)))", kind, g.pick([]string{"Sqrt", "Abs", "Floor", "Ceil", "Trunc", "Round"}), x)
		}
		return fmt.Sprintf("(%s %s uint8(%s))", x, g.pick([]string{"<<", ">>"}), g.expr("int", depth-1))
	case 6:
		if float {
			return fmt.Sprintf("%s(math.FMA(float64(%s), 3, float64(%s)))", kind, x, y)
		}
		return fmt.Sprintf("(%s %s %d)", x, g.pick([]string{"<<", ">>"}), g.IntN(70))
	case 7:
		return fmt.Sprintf("%s(%s, %s)", g.pick([]string{"min", "max"}), x, y)
	case 8:
		return fmt.Sprintf("mixed%s(%s, %s)", kind, x, g.leaf(kind))
	case 9:
		if float {
			return fmt.Sprintf("(%s - %s)", x, y)
		}
		return g.pick([]string{"-", "^"}) + "(" + x + ")"
	}
	return fmt.Sprintf("%s(%s)", kind, g.expr(g.pick(kinds), depth-1))
}

// product is x·y. The conversion forbids Go to compute it and a sum in one step, as it may on some machines.
func product(kind, x, y string) string { return fmt.Sprintf("%s(%s * %s)", kind, x, y) }
