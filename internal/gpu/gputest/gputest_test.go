package gputest

import (
	"errors"
	"os"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/gpu"
	"cookbook/internal/gpu/cuda/cudatest"
)

// TestMain gives PoCL, which keeps what it has compiled, a folder of the tests, and looks for leaked goroutines.
func TestMain(m *testing.M) {
	options := []goleak.Option{}
	if os.Getenv("POCL_CACHE_DIR") == "" {
		cache, err := os.MkdirTemp("", "cookbook-pocl")
		if err != nil {
			panic(err)
		}
		os.Setenv("POCL_CACHE_DIR", cache)
		options = append(options, goleak.Cleanup(func(code int) {
			os.RemoveAll(cache)
			os.Exit(code)
		}))
	}
	goleak.VerifyTestMain(m, options...)
}

// named opens a device by its name.
func named(spec string) func(testing.TB) *gpu.Device {
	return func(t testing.TB) *gpu.Device {
		d, err := gpu.OpenDevice(spec)
		switch {
		case errors.Is(err, gpu.ErrNoDevice):
			t.Skip(err)
		case err != nil:
			t.Fatal(err)
		}
		return d
	}
}

func TestCPU(t *testing.T) { Run(t, named("cpu")) }

// TestOpenCL tests every device of OpenCL that this process has.
func TestOpenCL(t *testing.T) {
	t.Parallel()
	devices, why := gpu.DevicesOf("opencl")
	if why != nil {
		if required("opencl") {
			t.Fatal(why.Reason)
		}
		t.Skip(why.Reason)
	}
	for _, info := range devices {
		t.Run(info.Spec(), func(t *testing.T) {
			t.Logf("device: %s", info.Name)
			Run(t, named(info.Spec()))
		})
	}
	if len(devices) > 1 {
		t.Run("two of them", func(t *testing.T) { RunPair(t, named(devices[0].Spec()), named(devices[1].Spec())) })
	}
}

// TestCUDA runs the suite on the devices of CUDA; [TestStandInsOfCUDA] has some where there are none.
func TestCUDA(t *testing.T) {
	devices, why := gpu.DevicesOf("cuda")
	if why != nil {
		t.Skip(why.Reason)
	}
	for _, info := range devices {
		t.Run(info.Spec(), func(t *testing.T) { Run(t, named(info.Spec())) })
	}
}

func TestStandInsOfCUDA(t *testing.T) {
	t.Parallel() // it mostly compiles
	cudatest.Run(t, "^TestCUDA$")
}
