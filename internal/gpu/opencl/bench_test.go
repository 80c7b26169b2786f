package opencl

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/driver/drivertest"
)

const emptySource = "__kernel void k_empty(__global float *a, long a_len) { }\n"

var emptyInfo = driver.KernelInfo{Name: "empty", Dims: 1, Params: []driver.Param{sliceParam[float32]("a")}}

// BenchmarkLaunchAndFinish is one launch of an empty kernel, and the wait for its end. Beside it stands what pyopencl takes for the
// same on the same machine.
func BenchmarkLaunchAndFinish(b *testing.B) {
	b.Run("go", func(b *testing.B) {
		devices(b)
		d := openDevice(b, 0)
		q := queueOf(b, d)
		args := []driver.Arg{{Buffer: drivertest.Upload(b, q.device, q, make([]float32, 256)), Len: 256}}
		k := kernelOf(b, d, emptySource, emptyInfo)
		launch := func() {
			e, err := q.Launch(context.Background(), k, drivertest.Line(1, 64), args)
			if err == nil {
				err = q.Sync()
				e.Free()
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		launch() // PoCL compiles it for the size of its blocks
		b.ReportAllocs()
		for b.Loop() {
			launch()
		}
	})
	b.Run("pyopencl", func(b *testing.B) {
		const script = `
import sys, time
try:
    import numpy as np, pyopencl as cl
except ImportError as e:
    print("skip", e); sys.exit()
platforms = sorted(cl.get_platforms(), key=lambda p: p.name)
devices = [d for p in platforms for d in p.get_devices()]
context = cl.Context(devices[:1])
queue = cl.CommandQueue(context, properties=cl.command_queue_properties.PROFILING_ENABLE)
kernel = cl.Program(context, """SOURCE""").build("-cl-std=CL1.2").k_empty
a = cl.Buffer(context, cl.mem_flags.READ_WRITE, 1024)
kernel.set_scalar_arg_dtypes([None, np.int64])
n = 10000
def launch():
    kernel(queue, (64,), (64,), a, 256)
    queue.finish()
launch()
begin = time.perf_counter()
for _ in range(n):
    launch()
print((time.perf_counter() - begin) / n * 1e9)
`
		out, err := exec.Command("/usr/bin/python3", "-c", strings.Replace(script, "SOURCE", emptySource, 1)).Output()
		fields := strings.Fields(string(out))
		if err != nil || len(fields) != 1 {
			b.Skipf("no pyopencl: %v %s", err, out)
		}
		ns, err := strconv.ParseFloat(fields[0], 64)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
		}
		b.ReportMetric(ns, "ns/op")
	})
}
