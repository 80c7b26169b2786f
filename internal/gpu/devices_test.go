package gpu_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/gpu"
)

// TestMain gives PoCL, which keeps what it has compiled, a folder of the tests if it has none, and looks for leaked goroutines.
func TestMain(m *testing.M) {
	cache := ""
	if os.Getenv("POCL_CACHE_DIR") == "" {
		var err error
		if cache, err = os.MkdirTemp("", "cookbook-pocl"); err != nil {
			panic(err)
		}
		os.Setenv("POCL_CACHE_DIR", cache)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if cache != "" {
			os.RemoveAll(cache)
		}
		os.Exit(code)
	}))
}

// onEach runs a test on the cpu device and on the first device of OpenCL, if there is one: COOKBOOK_TEST_REQUIRE may demand it, and
// -short leaves it out, as it takes long to compile.
func onEach(t *testing.T, test func(t *testing.T, d *gpu.Device)) {
	for _, spec := range []string{"cpu", "opencl"} {
		t.Run(spec, func(t *testing.T) {
			if testing.Short() && spec != "cpu" {
				t.Skip("kernels take long to compile")
			}
			d, err := gpu.OpenDevice(spec)
			if errors.Is(err, gpu.ErrNoDevice) && !slices.Contains(strings.Split(os.Getenv("COOKBOOK_TEST_REQUIRE"), ","), spec) {
				t.Skip(err)
			} else if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := d.Close(); err != nil {
					t.Error(err)
				}
			}()
			test(t, d)
		})
	}
}
