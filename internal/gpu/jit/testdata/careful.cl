#pragma OPENCL FP_CONTRACT OFF
typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;
typedef long i64;
typedef ulong u64;
static void check_report(__global i64 *fault, int at, i64 i, i64 j, i64 n)
{
	if (atomic_cmpxchg((volatile __global int *)fault, 0, at) == 0) {
		fault[1] = i;
		fault[2] = j;
		fault[3] = n;
	}
}
static i64 check_index(__global i64 *fault, int at, i64 i, i64 n)
{
	if (i >= 0 && i < n)
		return i;
	check_report(fault, at, i, 0, n);
	return -0x10000000000; // negative, also as a part of an index of several dimensions
}
static bool check_slice(__global i64 *fault, int at, i64 i, i64 j, i64 n)
{
	if (i >= 0 && i <= j && j <= n)
		return true;
	check_report(fault, at, i, j, n);
	return false;
}
static i32 check_div_i32(__global i64 *fault, int at, i32 x, i32 y)
{
	if (y == 0)
		check_report(fault, at, 0, 0, 0);
	return y == 0 ? 0 : y == -1 ? (i32)(0 - (u32)x) : (i32)(x / y);
}
static float check_load_g_float(const __global float *x, i64 i)
{
	return i < 0 ? (float)0 : x[i];
}
static i32 check_load_g_i32(const __global i32 *x, i64 i)
{
	return i < 0 ? (i32)0 : x[i];
}
static float check_load_l_float(const __local float *x, i64 i)
{
	return i < 0 ? (float)0 : x[i];
}
static float check_load_p_float(const float *x, i64 i)
{
	return i < 0 ? (float)0 : x[i];
}
static void check_store_g_float(__global float *x, i64 i, float value)
{
	if (i >= 0)
		x[i] = value;
}
static void check_store_l_float(__local float *x, i64 i, float value)
{
	if (i >= 0)
		x[i] = value;
}
static void check_store_p_float(float *x, i64 i, float value)
{
	if (i >= 0)
		x[i] = value;
}
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

static i32 f_share(i32 x, i32 n, __global i64 *check_fault)
{
	return check_div_i32(check_fault, 550, x, n);
}

__kernel void __attribute__((reqd_work_group_size(8, 2, 1))) k_careful(i32 n, __global const i32 *at, i64 at_len, __global const float *x, i64 x_len, __global float *out, i64 out_len, __global i64 *check_fault, i64 check_fault_len)
{
	__local float tile[2][8];
	float sum = 0; // a register of each thread
	for (i64 i__ = (i64)get_local_id(0) + (i64)get_local_size(0) * (i64)get_local_id(1); i__ < 16; i__ += (i64)get_local_size(0) * (i64)get_local_size(1))
		((__local float *)tile)[i__] = 0;
	barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
	__global const float *part = x + range_low(x_len);
	const i64 part_len = range_high(x_len) - range_low(x_len);
	const bool check_of_rest = check_slice(check_fault, 1385, 1, part_len, x_len - (part - x));
	__global const float *rest = part + (check_of_rest ? 1 : 0);
	const i64 rest_len = check_of_rest ? part_len - 1 : 0;
	{
		const i64 j = (i64)get_local_id(1);
		{
			const i64 i = (i64)get_local_id(0);
			float own[3] = {0};
			check_store_p_float(own, check_index(check_fault, 1724, i & 3, 3), check_load_p_float(own, check_index(check_fault, 1724, i & 3, 3)) + 1);
			check_store_l_float((__local float *)tile, check_index(check_fault, 1784, j, 2) * 8 + check_index(check_fault, 1796, i, 8), check_load_g_float(rest, check_index(check_fault, 1836, check_load_g_i32(at, check_index(check_fault, 1848, i, at_len)), rest_len)) + check_load_p_float(own, check_index(check_fault, 1888, 1, 3)));
			sum = sum + (check_load_l_float((__local float *)tile, check_index(check_fault, 1984, j, 2) * 8 + check_index(check_fault, 1996, (i64)((u64)7 - (u64)i), 8)) / 2.0f);
		}
	}
	barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
	{
		const i64 j_2 = (i64)get_local_id(1);
		{
			const i64 i_2 = (i64)get_local_id(0);
			check_store_g_float(out, check_index(check_fault, 2292, f_share(check_load_g_i32(at, check_index(check_fault, 2328, i_2, at_len)), n, check_fault), out_len), sum);
		}
	}
}
