package jit_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/jit"
)

// TestWhatADeviceCannotDoIsRefusedWithItsPlace gives the place as a mark, ⟨, before what is refused; no mark: the place does not matter.
func TestWhatADeviceCannotDoIsRefusedWithItsPlace(t *testing.T) {
	in := func(body string) string { // a loop over threads
		return "func k(b *gpu.Block, n int, x []float32, y []int) {\nfor t := range b.X(8) {\n" + body + "\n}\n}\n"
	}
	out := func(body string) string {
		return "func k(b *gpu.Block, n int, x []float32, y []int) {\n" + body + "\n}\n"
	}
	for _, test := range []struct{ name, source, says string }{
		{"a map", in("m := ⟨map[int]int{}\ny[t] = m[t]"), ""},
		{"a goroutine", in("y[t] = 1\n⟨go func() {}()"), "a device cannot do this"},
		{"a deferred call", in("y[t] = 1\n⟨defer func() {}()"), "a device cannot do this"},
		{"printing", in("⟨println(t)"), "a device cannot do this"},
		{"append", out("z := ⟨append(y, 1)\n_ = z"), "cannot be made"},
		{"make", out("z := ⟨make([]int, 3)\n_ = z"), "cannot be made"},
		{"a pointer", in("⟨p := &n\ny[t] = *p"), ""},
		{"a string", in("s := \"a\"\ny[t] = len(s)"), ""},
		{"another package", in("⟨fmt.Println(t)"), "only gpu and math"},
		{"a variable of the package", "var g int\n\n" + in("y[t] = ⟨g"), "pass it as a parameter"},
		{"a struct", "type s struct{ a int }\n\n" + in("var v s\ny[t] = v.a"), ""},
		{"a closure", in("f := func() int { return 1 }\ny[t] = f()"), ""},
		{"recursion", "func r(n int) int { if n == 0 { return 0 }; return ⟨r(n - 1) }\n\n" + in("y[t] = r(t)"), "write a loop"},
		{"a result", "⟨func k(b *gpu.Block, y []int) int { return 1 }\n", "has a result"},
		{"no block", "⟨func k(y []int) {}\n", "b *gpu.Block"},
		{"a slice of bool", "func k(b *gpu.Block, ⟨y []bool) {}\n", "uint8"},
		{"a parameter of type uint", "func k(b *gpu.Block, ⟨y uint) {}\n", "uint64"},
		{"two results", "⟨func two() (int, int) { return 1, 2 }\n\n" + in("v, w := two()\ny[t] = v + w"), "one number"},
		{"break", in("if t > n { ⟨break }"), "use continue"},
		{"return", in("if t > n { ⟨return }"), "use continue"},
		{"a store outside", out("⟨y[0] = 1"), "loop over the block's threads"},
		{"a load outside", out("v := ⟨y[0]\nfor t := range b.X(8) { y[t] = v }"), "loop over the block's threads"},
		{"a condition on memory", out("if ⟨y[0] > 0 { for t := range b.X(8) { y[t] = 1 } }"), "part ways"},
		{"a sum over threads", out("s := 0\nfor t := range b.X(8) { ⟨s += t }\n_ = s"), "declared outside of this loop"},
		{"two sizes", out("for t := range b.X(8) { y[t] = 1 }\n⟨for t := range b.X(16) { y[t] = 1 }"), "8 in the same dimension"},
		{"a size that is not constant", out("for t := range ⟨b.X(n) { y[t] = 1 }"), "b.Dim.X"},
		{"the same threads twice", in("⟨for u := range b.X(8) { y[t+u] = 1 }"), "the same threads"},
		{"too few dimensions", out("for t := range b.X(8) { ⟨y[t] = 1 }\nfor v := range b.Y(8) { for u := range b.X(8) { y[v*8+u] = 1 } }"), "all its dimensions"},
		{"only Y", "⟨func k(b *gpu.Block, y []int) { for t := range b.Y(8) { y[t] = 1 } }\n", "begin with X"},
		{"two slices of shared memory", out("s := gpu.Shared[int](b)\nr := ⟨gpu.Shared[int](b)\nfor t := range b.X(8) { s[t] = r[t] }"), "once"},
		{"an array as a whole", in("var a, c [2]int\na = ⟨c\ny[t] = a[0]"), ""},
		{"a row of an array", in("var a [2][2]int\nr := a[0]\ny[t] = r[0]"), ""},
		{"a label", in("y[t] = 1\n⟨l:\nfor range 3 { continue l }"), ""},
		{"goto", in("⟨l: y[t] = 1\ngoto l"), ""},
		{"a type parameter", "⟨func k[T any](b *gpu.Block, y []T) {}\n", "one type"},
		{"a register that some threads do not have", out("var ⟨a [4]int\nfor t := range b.X(8) { a[t] = t }"), "4 elements for the 8 threads"},
		{"an unknown name", in("y[t] = ⟨unknown"), "its own file"},
		{"a type error", in("y[t] = ⟨x[t]"), "cannot use"},
		{"a syntax error", "func k(b *gpu.Block, y []int) { ⟨) }\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := string(file(test.source))
			at := strings.Index(text, "⟨")
			text = strings.Replace(text, "⟨", "", 1)
			_, err := jit.Read("kernels.go", []byte(text), []string{"k"})
			var refused *driver.BuildError
			if !errors.As(err, &refused) {
				t.Fatalf("%v: not a BuildError", err)
			}
			if !errors.Is(err, driver.ErrBuild) || !strings.Contains(refused.Message, test.says) {
				t.Errorf("%v: want it to say %q", err, test.says)
			}
			line, column := 1+strings.Count(text[:max(at, 0)], "\n"), at-strings.LastIndex(text[:max(at, 0)], "\n")
			if want := place(line, column); at >= 0 && refused.Pos != want {
				t.Errorf("%v: want it at %s", err, want)
			}
			if !strings.HasPrefix(refused.Pos, "kernels.go:") {
				t.Errorf("%v has no place", err)
			}
		})
	}
}

// FuzzReadNeverPanics changes kernels at random places: they are translated, or refused.
func FuzzReadNeverPanics(f *testing.F) {
	for _, k := range kept {
		f.Add(k.source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		var names []string
		for _, k := range kept {
			if strings.Contains(source, "func "+k.name+"(") {
				names = append(names, k.name)
			}
		}
		u, err := jit.Read("kernels.go", file(source), names)
		if err != nil {
			if !errors.Is(err, driver.ErrBuild) {
				t.Errorf("%v: not an ErrBuild", err)
			}
			return
		}
		for _, language := range []driver.Language{driver.OpenCLC, driver.CUDAC} {
			if _, _, err := u.Source(language); err != nil {
				t.Errorf("read, and then not translated: %v", err)
			}
		}
	})
}

func place(line, column int) string { return fmt.Sprintf("kernels.go:%d:%d", line, column) }
