package opencl

import (
	"math/bits"
	"testing"

	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/driver/drivertest"
)

// TestDeviceTakesWhatCompilersRewrite has expressions of which compilers make one instruction: a rotation, an absolute value, a sum that is
// cut off. Oclgrind does not know these instructions.
func TestDeviceTakesWhatCompilersRewrite(t *testing.T) {
	const source = `__kernel void k_rewrite(__global uint *x, long x_len, __global int *y, long y_len) {
	long i = (long)get_global_id(0);
	x[i] = x[i] << 13 | x[i] >> 19;
	long sum = (long)y[i] + (long)(int)x[i];
	if (sum > 2147483647) sum = 2147483647;
	if (sum < -2147483648L) sum = -2147483648L;
	y[i] = y[i] < 0 ? (int)(0 - (uint)y[i]) : (int)sum;
}
`
	onDevices(t, func(t *testing.T, q *queue) {
		k := kernelOf(t, q.device, source, driver.KernelInfo{Name: "rewrite", Dims: 1, Params: []driver.Param{sliceParam[uint32]("x"), sliceParam[int32]("y")}})
		x, y := make([]uint32, 64), make([]int32, 64)
		for i := range x {
			x[i], y[i] = uint32(i)*0x9E3779B9, int32(i*i)*123457-1<<28
		}
		bx, by := drivertest.Upload(t, q.device, q, x), drivertest.Upload(t, q.device, q, y)
		drivertest.Finish(t)(q.Launch(t.Context(), k, drivertest.Line(4, 16), []driver.Arg{{Buffer: bx, Len: 64}, {Buffer: by, Len: 64}}))
		gotX, gotY := make([]uint32, 64), make([]int32, 64)
		drivertest.Download(t, q, bx, gotX)
		drivertest.Download(t, q, by, gotY)
		for i := range x {
			wantX := bits.RotateLeft32(x[i], 13)
			wantY := -y[i]
			if y[i] >= 0 {
				wantY = int32(min(int64(y[i])+int64(int32(wantX)), 1<<31-1))
			}
			if gotX[i] != wantX || gotY[i] != wantY {
				t.Fatalf("element %d: %#x, %d; want %#x, %d", i, gotX[i], gotY[i], wantX, wantY)
			}
		}
	})
}
