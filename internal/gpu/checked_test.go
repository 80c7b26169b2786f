package gpu_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"cookbook/internal/gpu"
	"cookbook/internal/gpu/cuda/cudatest"
)

// next copies to each element the one behind it, up to element n.
func next(b *gpu.Block, n int, x, y []int32) {
	for t := range b.Dim.X {
		if i := b.Idx.X*b.Dim.X + t; i < n {
			y[i] = x[i+1]
		}
	}
}

// scatter writes to places that it reads.
func scatter(b *gpu.Block, at, y []int32) {
	for i := range b.X(4) {
		y[at[i]] += 7
	}
}

// window reads from a part of a slice.
func window(b *gpu.Block, lo, hi int, x, y []int32) {
	part := x[lo:hi]
	for i := range b.X(4) {
		if i < len(part) {
			y[i] = part[i]
		}
	}
}

func share(x, n int32) int32 { return x / n }

// shares divides in a function.
func shares(b *gpu.Block, n int32, y []int32) {
	for i := range b.X(4) {
		y[i] = share(y[i], n) + 1
	}
}

// folded indexes arrays of each kind: shared, private, and one that is a register.
func folded(b *gpu.Block, n int, y []int32) {
	var tile [2][4]int32
	var own [4]int32
	for i := range b.Dim.X {
		var pair [2]int32
		pair[i&1] = int32(i)
		own[i] = pair[i&1] + pair[n/4]
		tile[i&1][i] = 1
	}
	for i := range b.Dim.X {
		y[i] = own[i] + tile[i&1][n]
	}
}

// same leaves its numbers as they are.
func same(b *gpu.Block, y []int32) {
	part := gpu.Part(b, y)
	for i := range part {
		part[i] += 0
	}
}

func TestCheckedKernelsReportWhatTheyDoWrong(t *testing.T) {
	onEach(t, testCheckedKernels)
}

func TestCheckedKernelsOnStandInsOfCUDA(t *testing.T) { cudatest.Run(t, "^TestOnCUDA") }

func TestOnCUDACheckedKernels(t *testing.T) {
	d, err := gpu.OpenDevice("cuda")
	if err != nil {
		t.Skip(err)
	}
	testCheckedKernels(t, d)
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

func testCheckedKernels(t *testing.T, d *gpu.Device) {
	p, err := d.BuildChecked(files, next, scatter, window, shares, folded, same)
	if err != nil {
		t.Fatal(err)
	}
	keep, err := p.Kernel("same")
	if err != nil {
		t.Fatal(err)
	}
	line := func(text string) string { // of the kernels above
		source, err := files.ReadFile("checked_test.go")
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("checked_test.go:%d", 1+strings.Count(strings.Split(string(source), text)[0], "\n"))
	}
	on := d.Info().Language != "Go"
	for _, test := range []struct {
		kernel, at, says string // says: what a device says
		wide             int
		args             []any
		want             []int32 // what a device gets
	}{
		{"next", "", "", 8, []any{3, []int32{1, 2, 3, 4}, make([]int32, 4)}, []int32{2, 3, 4, 0}},
		{"next", "x[i+1]", "index 4 is out of range of 4 elements", 8, []any{4, []int32{1, 2, 3, 4}, []int32{9, 9, 9, 9}}, []int32{2, 3, 4, 0}},
		{"scatter", "", "", 4, []any{[]int32{3, 2, 1, 0}, make([]int32, 4)}, []int32{7, 7, 7, 7}},
		{"scatter", "y[at[i]]", "index -1 is out of range of 4 elements", 4, []any{[]int32{3, -1, 1, 0}, make([]int32, 4)}, []int32{7, 7, 0, 7}},
		{"scatter", "y[at[i]]", "is out of range of 4 elements", 4, []any{[]int32{1 << 30, -1 << 31, 4, 0}, make([]int32, 4)}, []int32{7, 0, 0, 0}},
		{"window", "", "", 4, []any{1, 4, []int32{1, 2, 3, 4}, make([]int32, 4)}, []int32{2, 3, 4, 0}},
		{"window", "x[lo:hi]", "slice [2:5] is out of range of 4 elements", 4, []any{2, 5, []int32{1, 2, 3, 4}, make([]int32, 4)}, []int32{0, 0, 0, 0}},
		{"window", "x[lo:hi]", "slice [3:2] is out of range of 4 elements", 4, []any{3, 2, []int32{1, 2, 3, 4}, make([]int32, 4)}, []int32{0, 0, 0, 0}},
		{"shares", "", "", 4, []any{int32(2), []int32{2, 4, 6, 8}}, []int32{2, 3, 4, 5}},
		{"shares", "x / n", "division by zero", 4, []any{int32(0), []int32{2, 4, 6, 8}}, []int32{1, 1, 1, 1}},
		{"folded", "", "", 4, []any{3, make([]int32, 4)}, []int32{0, 2, 4, 4}},
		{"folded", "pair[n/4]", "index 2 is out of range of 2 elements", 4, []any{8, make([]int32, 4)}, []int32{0, 1, 2, 3}},
		{"folded", "tile[i&1][n]", "index 4 is out of range of 4 elements", 2, []any{4, make([]int32, 4)}, []int32{0, 2, 0, 0}},
		{"folded", "own[i] = ", "index 4 is out of range of 4 elements", 5, []any{0, make([]int32, 5)}, []int32{1, 1, 5, 3, 1}},
	} {
		k, err := p.Kernel(test.kernel)
		if err != nil {
			t.Fatal(err)
		}
		args := slices.Clone(test.args)
		var last *gpu.Buffer[int32]
		for i, a := range args {
			if s, ok := a.([]int32); ok {
				if last, err = gpu.Upload(d, s); err != nil {
					t.Fatal(err)
				}
				args[i] = last
			}
		}
		e, err := k.Launch(t.Context(), gpu.Shape{Grid: gpu.Dim{X: 1}, Block: gpu.Dim{X: test.wide}}, args...)
		if err != nil {
			t.Fatal(err)
		}
		got, downloaded := last.Download()
		synced := d.Sync(t.Context())
		waited := e.Wait(t.Context())
		if again := d.Sync(t.Context()); again != nil {
			t.Errorf("%s: a second Sync returns %v", test.kernel, again)
		}
		for what, err := range map[string]error{"Download": downloaded, "Sync": synced, "Wait": waited} {
			switch {
			case test.at == "" && err != nil:
				t.Errorf("%s: %s returns %v", test.kernel, what, err)
			case test.at == "":
			case !errors.Is(err, gpu.ErrLost) || !strings.Contains(err.Error(), "kernel "+test.kernel+" at "+line(test.at)):
				t.Errorf("%s: %s returns %v: want it at %s", test.kernel, what, err, line(test.at))
			case on && !strings.Contains(err.Error(), test.says):
				t.Errorf("%s: %s returns %v: want %q", test.kernel, what, err, test.says)
			}
		}
		if test.at != "" && on { // a kernel that is queued now makes a result of the buffer again
			if _, err := keep.Launch(t.Context(), gpu.Shape{Grid: gpu.Dim{X: 1}}, last); err != nil {
				t.Fatal(err)
			}
			if got, err = last.Download(); err != nil {
				t.Fatal(err)
			}
		}
		if (test.at == "" || on) && !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.kernel, got, test.want)
		}
	}
}

func TestCheckedKernelsReportEachLaunchForItself(t *testing.T) {
	onEach(t, func(t *testing.T, d *gpu.Device) {
		p, err := d.BuildChecked(files, next)
		if err != nil {
			t.Fatal(err)
		}
		k, err := p.Kernel("next")
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for g := range 4 {
			all.Go(func() {
				x, err := gpu.Upload(d, make([]int32, 100))
				if err != nil {
					t.Error(err)
					return
				}
				for i := range 100 { // more than a queue keeps
					n := 99 + (i+g)%2 // one more is one too many
					y, err := gpu.Alloc[int32](d, 100)
					if err != nil {
						t.Error(err)
						return
					}
					e, err := k.Launch(t.Context(), gpu.Shape{Grid: gpu.Dim{X: 4}, Block: gpu.Dim{X: 32}}, n, x, y)
					if err != nil {
						t.Error(err)
						return
					}
					if i%10 < 2 {
						if err := e.Wait(t.Context()); errors.Is(err, gpu.ErrLost) != (n == 100) {
							t.Errorf("a launch up to %d: %v", n, err)
						}
					}
				}
			})
		}
		all.Wait()
		if err := d.Sync(t.Context()); !errors.Is(err, gpu.ErrLost) {
			t.Errorf("Sync returns %v, want ErrLost", err)
		}
	})
}
