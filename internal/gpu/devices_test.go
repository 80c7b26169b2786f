package gpu_test

import (
	"errors"
	"os"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/gpu"
)

// TestMain gives PoCL, which keeps what it has compiled, a folder of the tests, and looks for leaked goroutines.
func TestMain(m *testing.M) {
	cache, err := os.MkdirTemp("", "cookbook-pocl")
	if err != nil {
		panic(err)
	}
	os.Setenv("POCL_CACHE_DIR", cache)
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(cache)
		os.Exit(code)
	}))
}

// onEach runs a test on the cpu device and on the first device of OpenCL, if there is one; with -short on the cpu alone, as OpenCL takes
// long to compile.
func onEach(t *testing.T, test func(t *testing.T, d *gpu.Device)) {
	for _, spec := range []string{"cpu", "opencl"} {
		t.Run(spec, func(t *testing.T) {
			if testing.Short() && spec != "cpu" {
				t.Skip("kernels take long to compile")
			}
			d, err := gpu.OpenDevice(spec)
			if errors.Is(err, gpu.ErrNoDevice) {
				t.Skip(err)
			} else if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := d.Close(); err != nil {
					t.Error(err)
				}
			}()
			if _, err := d.Elementwise("one", "x []int32", "x[i] = 1"); errors.Is(err, gpu.ErrUnsupported) {
				t.Skip(err)
			}
			test(t, d)
		})
	}
}
