typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;
static __device__ i64 range_high(i64 n)
{
	i64 blocks = (i64)gridDim.x, part = (n + blocks - 1) / blocks, end = ((i64)blockIdx.x + 1) * part;
	return end < n ? end : n;
}
static __device__ i64 range_low(i64 n)
{
	i64 blocks = (i64)gridDim.x, part = (n + blocks - 1) / blocks, end = (i64)blockIdx.x * part;
	return end < n ? end : n;
}

extern "C" __global__ void k_saxpy(float a, const float *x, i64 x_len, float *y, i64 y_len)
{
	const float *xs = x + range_low(x_len);
	const i64 xs_len = range_high(x_len) - range_low(x_len);
	float *ys = y + range_low(y_len);
	const i64 ys_len = range_high(y_len) - range_low(y_len);
	for (i64 i = (i64)threadIdx.x; i < ys_len; i += (i64)blockDim.x) {
		ys[i] = ys[i] + (a * xs[i]);
	}
}
