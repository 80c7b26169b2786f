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

static __device__ float f_smooth(float x, float limit)
{
	if (x > limit) {
		x = limit;
	}
	return (0x1.99999ap-04f * x) + 2.0f;
}

extern "C" __global__ void k_roots(float limit, const float *x, i64 x_len, float *out, i64 out_len)
{
	i64 lo = range_low(x_len);
	i64 hi = range_high(x_len);
	const float *part = x + lo;
	const i64 part_len = hi - lo;
	float *to = out + range_low(out_len);
	const i64 to_len = range_high(out_len) - range_low(out_len);
	for (i64 i = (i64)threadIdx.x; i < to_len; i += (i64)blockDim.x) {
		to[i] = f_smooth(sqrtf(part[i]), limit);
	}
}
