package cuda

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"cookbook/internal/gpu/driver"
)

// testProgram has kernels of all forms that arguments take. It is compiled by NVRTC here, and run by the stand-in of the driver.
const testProgram = `extern "C" __global__ void k_saxpy(float a, float *x, long x_len, float *y, long y_len) {
	long i = (long)blockIdx.x * blockDim.x + threadIdx.x;
	if (i < y_len)
		y[i] = a * x[i] + y[i];
}
extern "C" __global__ void k_scalars(unsigned char b, signed char i8, unsigned char u8, short i16, unsigned short u16, int i32, unsigned int u32,
		long i64, unsigned long u64, long i, float f32, double f64, long *out, long out_len, signed char *none, long none_len) {
	out[0] = b; out[1] = i8; out[2] = u8; out[3] = i16; out[4] = u16; out[5] = i32; out[6] = u32; out[7] = i64; out[8] = (long)u64;
	out[9] = i; out[10] = (long)f32; out[11] = (long)f64; out[12] = out_len; out[13] = none_len; out[14] = none == 0;
}
extern "C" __global__ void k_places(int *a, long a_len) {
	long x = (long)blockIdx.x * blockDim.x + threadIdx.x, y = (long)blockIdx.y * blockDim.y + threadIdx.y, z = (long)blockIdx.z * blockDim.z + threadIdx.z;
	a[x + (long)gridDim.x * blockDim.x * (y + (long)gridDim.y * blockDim.y * z)] += (int)(x + 100 * y + 10000 * z);
}
extern "C" __global__ void k_reversed(int *a, long a_len, long shared_len) {
	extern __shared__ unsigned long long words[];
	int *shared = (int *)words;
	long i = threadIdx.x, first = (long)blockIdx.x * blockDim.x;
	shared[i] = a[first + i];
	__syncthreads();
	a[first + i] = shared[shared_len - 1 - i];
}
static __device__ __forceinline__ long at(long n, long row, long column) { return row * n + column; }
extern "C" __global__ void __launch_bounds__(8 * 8 * 1) k_tiled(long n, float *a, long a_len, float *b, long b_len, float *c, long c_len) {
	__shared__ float tileA[8][8], tileB[8][8];
	long x = threadIdx.x, y = threadIdx.y, row = blockIdx.y * 8 + y, column = blockIdx.x * 8 + x;
	float sum = 0;
	for (long k = 0; k < n; k += 8) {
		tileA[y][x] = a[at(n, row, k + x)];
		tileB[y][x] = b[at(n, k + y, column)];
		__syncthreads();
		for (long l = 0; l < 8; l++)
			sum += tileA[y][l] * tileB[l][x];
		__syncthreads();
	}
	c[at(n, row, column)] = sum;
}
`

// haveNVRTC skips a test where NVRTC is missing.
func haveNVRTC(t *testing.T) *nvrtc {
	t.Helper()
	n, err := loadNVRTC(0, "the tests")
	if err != nil {
		need(t, "nvrtc", err.Error())
	}
	return n
}

func TestNVRTCCompiles(t *testing.T) {
	n := haveNVRTC(t)
	t.Logf("NVRTC %v, for %v", n.version, n.archs)
	for _, arch := range []int{75, 80, 86, 89, 90} {
		t.Run(fmt.Sprintf("compute_%d", arch), func(t *testing.T) {
			ptx, log, err := Compile(testProgram, fmt.Sprintf("compute_%d", arch))
			if err != nil {
				t.Fatalf("%v\n%s", err, log)
			}
			text := string(ptx)
			if ptx[len(ptx)-1] != 0 || !strings.Contains(text, fmt.Sprintf(".target sm_%d", arch)) {
				t.Errorf("no PTX of this architecture that ends with a 0:\n%s", text)
			}
			for name, params := range map[string]int{"saxpy": 5, "scalars": 16, "places": 2, "reversed": 3, "tiled": 7} {
				_, after, _ := strings.Cut(text, ".entry k_"+name+"(")
				head, _, _ := strings.Cut(after, ")")
				if got := strings.Count(head, ".param"); got != params {
					t.Errorf("kernel %s has %d parameters, want %d", name, got, params)
				}
			}
			if strings.Contains(text, "fma.rn.f32") {
				t.Error("a product and a sum were joined")
			}
		})
	}
	t.Run("the package's own kernels", func(t *testing.T) {
		if _, log, err := Compile(divideSource, "sm_75"); err != nil {
			t.Errorf("%v\n%s", err, log)
		}
	})
	t.Run("machine code", func(t *testing.T) {
		image, _, err := Compile(testProgram, "sm_80")
		if err != nil || !bytes.HasPrefix(image, []byte("\x7fELF")) {
			t.Errorf("%d bytes, %v", len(image), err)
		}
	})
}

func TestNVRTCSaysWhatIsWrong(t *testing.T) {
	haveNVRTC(t)
	for _, c := range []struct{ source, arch, message string }{
		{"extern \"C\" __global__ void k_f(int *a, long a_len) {\n\ta[1] = missing;\n}\n", "compute_80", `identifier "missing" is undefined`},
		{"extern \"C\" __global__ void k_f(int *a, long a_len) {\n\ta[0] = 1\n}\n", "sm_80", `expected a ";"`},
		{"", "compute_999", "gpu-architecture"},
		{"#include <missing.h>\n", "compute_80", "missing.h"},
	} {
		_, log, err := Compile(c.source, c.arch)
		var wrong *driver.BuildError
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Message, c.message) || !strings.Contains(log, c.message) {
			t.Errorf("%q: %v, want %q", c.source, err, c.message)
		}
	}
}
