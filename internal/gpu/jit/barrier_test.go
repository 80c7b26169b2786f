package jit_test

import (
	"strings"
	"testing"

	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/jit"
)

// TestArraysBecomeRegistersWhereNoThreadSeesAnothers has the cases in which that looks right and is not.
func TestArraysBecomeRegistersWhereNoThreadSeesAnothers(t *testing.T) {
	const bytes = 8 * 4
	for _, test := range []struct {
		name, body string
		shared     int
	}{
		{"own elements", "var a [8]int32\nfor x := range b.X(8) { a[x] = int32(x) }\nfor x := range b.X(8) { out[x] = a[x] }", 0},
		{"a neighbour's element", "var a [8]int32\nfor x := range b.X(8) { a[x] = int32(x) }\nfor x := range b.X(8) { out[x] = a[7-x] }", bytes},
		{"an element of all", "var a [8]int32\nfor x := range b.X(8) { a[x] = int32(x) }\nfor x := range b.X(8) { out[x] = a[0] }", bytes},
		{"a copy of the thread's variable", "var a [8]int32\nfor x := range b.X(8) { y := x; a[y] = 1 }\nfor x := range b.X(8) { out[x] = a[x] }", bytes},
		{"a variable of a loop in the thread", "var a [8]int32\nfor x := range b.X(8) { for k := range 8 { out[x] += a[k] } }\nfor x := range b.X(8) { a[x] = 1 }", bytes},
		{"a variable of a loop over elements", "var a [8]int32\np := gpu.Part(b, out)\nfor i := range p { a[i%8] = 1; p[i] = a[i%8] }", bytes},
		{"the elements one after the other", "var a [8]int32\nfor x := range b.X(8) { a[x] = 1 }\nfor x := range b.X(8) { for _, v := range a { out[x] += v } }", bytes},
		{"swapped", "var a [8][8]int32\nfor y := range b.Y(8) { for x := range b.X(8) { a[y][x] = 1 } }\nfor y := range b.Y(8) { for x := range b.X(8) { out[y*8+x] = a[x][y] } }", 8 * bytes},
		{"as if swapped, in loops that are", "var a [8][8]int32\nfor y := range b.Y(8) { for x := range b.X(8) { a[y][x] = 1 } }\nfor x := range b.X(8) { for y := range b.Y(8) { out[y*8+x] = a[y][x] } }", 0},
		{"read only in one dimension of two", "var a [8]int32\nfor y := range b.Y(8) { for x := range b.X(8) { out[y*8+x] = a[y] } }", bytes},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := read(t, "func k(b *gpu.Block, out []int32) {\n"+test.body+"\n}\n", "k").Kernels()[0]
			if k.Shared != test.shared {
				t.Errorf("%d bytes of shared memory, want %d", k.Shared, test.shared)
			}
		})
	}
}

// TestThreadsWaitWhereOneSeesWhatAnotherWrote counts barriers, beside the one behind the clearing of an array.
func TestThreadsWaitWhereOneSeesWhatAnotherWrote(t *testing.T) {
	for _, test := range []struct {
		name, body string
		barriers   int
	}{
		{"read after write", "var a [8]int32\nfor x := range b.X(8) { a[x] = int32(x) }\nfor x := range b.X(8) { out[x] = a[7-x] }", 2},
		{"write after read, in a loop", "var a [8]int32\nfor range 3 {\nfor x := range b.X(8) { a[x] = in[x] }\nfor x := range b.X(8) { out[x] += a[7-x] }\n}", 3},
		{"of global memory", "for x := range b.X(8) { out[x] = in[x] }\nfor x := range b.X(8) { out[x] += in[7-x] }", 1},
		{"registers", "var a [8]int32\nfor x := range b.X(8) { a[x] = in[x] }\nfor x := range b.X(8) { a[x]++ }\nfor x := range b.X(8) { out[x] = a[x] }", 0},
		{"once", "for x := range b.X(8) { out[x] = in[x] }", 0},
		{"the last loop of a loop", "for range 3 {\nfor x := range b.X(8) { out[x] = out[7-x] }\n}", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			source := "func k(b *gpu.Block, in, out []int32) {\n" + test.body + "\n}\n"
			for language, barrier := range map[driver.Language]string{driver.OpenCLC: "barrier(", driver.CUDAC: "__syncthreads("} {
				if text, _ := translate(t, language, source, "k"); strings.Count(text, barrier) != test.barriers {
					t.Errorf("%d barriers in %s, want %d:\n%s", strings.Count(text, barrier), language, test.barriers, text)
				}
			}
		})
	}
}

func TestNamesOfCAreNotTakenTwice(t *testing.T) {
	text, _ := translate(t, driver.OpenCLC, `func k(b *gpu.Block, out []int) {
	for i := range b.X(8) {
		x_2 := 1
		x := 2
		{
			x := 3
			out[i] = x + x_2
		}
		out[i] += x
	}
}
`, "k")
	if n := strings.Count(text, "i64 x_2 ="); n != 1 {
		t.Errorf("x_2 is declared %d times:\n%s", n, text)
	}
}

// TestThreadsThatWouldHaveToWaitInALoopAreRefused has loops over threads in others, which as Go run one after the other.
func TestThreadsThatWouldHaveToWaitInALoopAreRefused(t *testing.T) {
	for _, test := range []struct {
		name, body string
		ok         bool
	}{
		{"two inner loops", "for y := range b.Y(8) {\nfor x := range b.X(8) { a[y][x] = in[y*8+x] }\nfor x := range b.X(8) { out[y*8+x] = a[y][7-x] }\n}", false},
		{"a repeated inner loop", "for y := range b.Y(8) {\nfor h := 4; h > 0; h /= 2 {\nfor x := range b.X(8) { if x < h { a[y][x] += a[y][x+h] } }\n}\n}", false},
		{"an element read before the inner loop", "for y := range b.Y(8) {\nfor k := range 8 {\nv := a[y][k]\nfor x := range b.X(8) { a[y][x] = v }\n}\n}", false},
		{"in global memory", "for y := range b.Y(8) {\nfor x := range b.X(8) { out[y*8+x] = in[y*8+x] }\nfor x := range b.X(8) { out[y*8+x] += out[y*8+7-x] }\n}", false},
		{"the same element", "for y := range b.Y(8) {\nfor x := range b.X(8) { a[y][x] = in[y*8+x] }\nfor x := range b.X(8) { a[y][x]++ }\n}\nfor y := range b.Y(8) { for x := range b.X(8) { out[y*8+x] = a[x][y] } }", true},
		{"a loop in the thread", "for y := range b.Y(8) {\nfor x := range b.X(8) { for k := range 8 { a[y][x] += a[y][k] } }\n}", true},
		{"rows", "for y := range b.Y(8) {\nfor k := range 8 {\nv := in[y*8+k]\nfor x := range b.X(8) { out[y*8+x] += v * in[k*8+x] }\n}\n}", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := jit.Read("kernels.go", file("func k(b *gpu.Block, in, out []int32) {\nvar a [8][8]int32\n_ = len(a)\n"+test.body+"\n}\n"), []string{"k"})
			if test.ok != (err == nil) {
				t.Errorf("refused: %v", err)
			}
		})
	}
}
