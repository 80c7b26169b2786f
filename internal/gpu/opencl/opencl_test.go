package opencl

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/gpu/driver"
)

// TestMain gives PoCL, which keeps what it has compiled, a folder of the tests, and looks for leaked goroutines.
func TestMain(m *testing.M) {
	if os.Getenv("POCL_CACHE_DIR") == "" {
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
	goleak.VerifyTestMain(m)
}

// required reports whether the machine that runs the tests promises to have OpenCL.
func required() bool {
	return slices.Contains(strings.FieldsFunc(os.Getenv("COOKBOOK_TEST_REQUIRE"), func(r rune) bool { return r == ',' || r == ' ' }), "opencl")
}

// devices returns the devices of this process; without one the test is skipped, or fails where one is required.
func devices(t testing.TB) []driver.Info {
	t.Helper()
	infos, why := Backend{}.Devices()
	if why != nil {
		if required() {
			t.Fatal(why.Reason)
		}
		t.Skip(why.Reason)
	}
	return infos
}

// openDevice opens a device until the test ends.
func openDevice(t testing.TB, index int) *device {
	t.Helper()
	d, err := Backend{}.Open(index)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d.(*device)
}

// onDevices runs a test on each device of the process, with a queue.
func onDevices(t *testing.T, test func(t *testing.T, q *queue)) {
	for _, info := range devices(t) {
		t.Run(strings.ReplaceAll(info.Name, " ", "_"), func(t *testing.T) { test(t, queueOf(t, openDevice(t, info.Index))) })
	}
}

func param[T any](name string) driver.Param {
	return driver.Param{Name: name, Elem: reflect.TypeFor[T]()}
}

func sliceParam[T any](name string) driver.Param {
	return driver.Param{Name: name, Elem: reflect.TypeFor[T](), Slice: true, Write: true}
}

// kernelOf builds a program of one kernel.
func kernelOf(t testing.TB, d *device, source string, info driver.KernelInfo) driver.Kernel {
	t.Helper()
	m, err := d.Build(driver.Program{Name: "test", Source: source, Kernels: []driver.KernelInfo{info}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	k, err := m.Kernel(info.Name)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func queueOf(t testing.TB, d *device) *queue {
	t.Helper()
	q, err := d.NewQueue()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
	return q.(*queue)
}
