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

__kernel void k_saxpy(float a, __global const float *x, i64 x_len, __global float *y, i64 y_len)
{
	__global const float *xs = x + range_low(x_len);
	const i64 xs_len = range_high(x_len) - range_low(x_len);
	__global float *ys = y + range_low(y_len);
	const i64 ys_len = range_high(y_len) - range_low(y_len);
	for (i64 i = (i64)get_local_id(0); i < ys_len; i += (i64)get_local_size(0)) {
		ys[i] = ys[i] + (a * xs[i]);
	}
}
