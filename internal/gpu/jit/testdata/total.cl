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

__kernel void k_total(__global const i32 *x, i64 x_len, __global i32 *out, i64 out_len, __local i32 *shared__, i64 shared__len)
{
	for (i64 i__ = (i64)get_local_id(0); i__ < shared__len; i__ += (i64)get_local_size(0))
		shared__[i__] = 0;
	barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
	__local i32 *sums = shared__;
	const i64 sums_len = shared__len;
	__global const i32 *part = x + range_low(x_len);
	const i64 part_len = range_high(x_len) - range_low(x_len);
	{
		const i64 t = (i64)get_local_id(0);
		{
			i64 i = t;
			for (; i < part_len; i = (i64)((u64)i + (u64)get_local_size(0))) {
				sums[t] = (i32)((u32)sums[t] + (u32)part[i]);
			}
		}
	}
	barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
	{
		i64 half_ = (i64)((i64)get_local_size(0) / 2);
		for (; half_ > 0; half_ = (i64)(half_ / 2)) {
			do { // each thread has one round
				const i64 t_2 = (i64)get_local_id(0);
				if (t_2 >= half_) {
					continue;
				}
				sums[t_2] = (i32)((u32)sums[t_2] + (u32)sums[(i64)((u64)t_2 + (u64)half_)]);
			} while (0);
			barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
		}
	}
	{
		const i64 t_3 = (i64)get_local_id(0);
		if (t_3 == 0) {
			out[(i64)get_group_id(0)] = sums[0];
		}
	}
}
