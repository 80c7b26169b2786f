#pragma OPENCL FP_CONTRACT OFF
typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;
typedef long i64;
typedef ulong u64;
static i64 range_high(i64 n)
{
	i64 blocks = (i64)get_num_groups(0), part = (n + blocks - 1) / blocks, end = ((i64)get_group_id(0) + 1) * part;
	return end < n ? end : n;
}
static i64 range_low(i64 n)
{
	i64 blocks = (i64)get_num_groups(0), part = (n + blocks - 1) / blocks, end = (i64)get_group_id(0) * part;
	return end < n ? end : n;
}

static float f_smooth(float x, float limit)
{
	if (x > limit) {
		x = limit;
	}
	return (0x1.99999ap-04f * x) + 2.0f;
}

__kernel void k_roots(float limit, __global const float *x, i64 x_len, __global float *out, i64 out_len)
{
	i64 lo = range_low(x_len);
	i64 hi = range_high(x_len);
	__global const float *part = x + lo;
	const i64 part_len = hi - lo;
	__global float *to = out + range_low(out_len);
	const i64 to_len = range_high(out_len) - range_low(out_len);
	for (i64 i = (i64)get_local_id(0); i < to_len; i += (i64)get_local_size(0)) {
		to[i] = f_smooth(sqrt(part[i]), limit);
	}
}
