#pragma OPENCL FP_CONTRACT OFF
typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;
typedef long i64;
typedef ulong u64;

__kernel void __attribute__((reqd_work_group_size(16, 16, 1))) k_tiled(i64 n, __global const float *x, i64 x_len, __global const float *y, i64 y_len, __global float *out, i64 out_len)
{
	__local float tileX[16][16];
	__local float tileY[16][16];
	for (i64 i__ = (i64)get_local_id(0) + (i64)get_local_size(0) * (i64)get_local_id(1); i__ < 256; i__ += (i64)get_local_size(0) * (i64)get_local_size(1))
		((__local float *)tileX)[i__] = 0;
	barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
	for (i64 i__ = (i64)get_local_id(0) + (i64)get_local_size(0) * (i64)get_local_id(1); i__ < 256; i__ += (i64)get_local_size(0) * (i64)get_local_size(1))
		((__local float *)tileY)[i__] = 0;
	barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
	float sum = 0; // a register of each thread
	{
		i64 k = 0;
		for (; k < n; k = (i64)((u64)k + 16)) {
			{
				const i64 j = (i64)get_local_id(1);
				{
					const i64 i = (i64)get_local_id(0);
					tileX[j][i] = x[(i64)(((u64)get_group_id(1) * 16 + (u64)j) * (u64)n + (u64)k + (u64)i)];
					tileY[j][i] = y[(i64)(((u64)k + (u64)j) * (u64)n + (u64)get_group_id(0) * 16 + (u64)i)];
				}
			}
			barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
			{
				const i64 j_2 = (i64)get_local_id(1);
				for (i64 k_2 = 0; k_2 < 16; k_2++) {
					float v = tileX[j_2][k_2];
					{
						const i64 i_2 = (i64)get_local_id(0);
						sum = sum + (v * tileY[k_2][i_2]);
					}
				}
			}
			barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
		}
	}
	{
		const i64 j_3 = (i64)get_local_id(1);
		{
			const i64 i_3 = (i64)get_local_id(0);
			out[(i64)(((u64)get_group_id(1) * 16 + (u64)j_3) * (u64)n + (u64)get_group_id(0) * 16 + (u64)i_3)] = sum;
		}
	}
}
