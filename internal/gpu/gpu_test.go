package gpu_test

import (
	"errors"
	"testing"

	"cookbook/internal/gpu"
)

func TestKernelRunsOnTheCPU(t *testing.T) {
	device, err := gpu.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float32, 1001), make([]float32, 1001)
	for i := range x {
		x[i], y[i] = float32(i), 1
	}
	kernel, err := device.Kernel(files, saxpy)
	if err != nil {
		t.Fatal(err)
	}
	bx, err := gpu.Upload(device, x)
	if err != nil {
		t.Fatal(err)
	}
	by, err := gpu.Upload(device, y)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kernel.Launch(t.Context(), gpu.Shape{}, float32(2), bx, by); err != nil {
		t.Fatal(err)
	}
	got, err := by.Download()
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		if v != 2*float32(i)+1 {
			t.Fatalf("element %d is %v, want %v", i, v, 2*float32(i)+1)
		}
	}
	if err := device.Close(); err != nil {
		t.Error(err)
	}
	if _, err := by.Download(); !errors.Is(err, gpu.ErrClosed) {
		t.Errorf("after Close: %v, want ErrClosed", err)
	}
}

func TestDefaultShapeHasAThreadForEachElement(t *testing.T) {
	onEach(t, func(t *testing.T, d *gpu.Device) {
		const n = 100_001
		out, err := gpu.Alloc[int](d, n)
		if err != nil {
			t.Fatal(err)
		}
		kernel, err := d.Kernel(files, count)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := kernel.Launch(t.Context(), gpu.Shape{}, out); err != nil {
			t.Fatal(err)
		}
		got, err := out.Download()
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got {
			if v != i+1 {
				t.Fatalf("element %d is %d, want %d", i, v, i+1)
			}
		}
	})
}

func TestNamesInKernelsMayMeanSomethingInC(t *testing.T) {
	onEach(t, func(t *testing.T, d *gpu.Device) {
		kernel, err := d.Kernel(files, named)
		if err != nil {
			t.Fatal(err)
		}
		x := array(t, d, []float32{1, 2, 3})
		if _, err := kernel.Launch(t.Context(), gpu.Shape{}, 10, float32(0.5), x); err != nil {
			t.Fatal(err)
		}
		holds(t, "x + 1 + 10/2", x, []float32{7, 8, 9})
	})
}
