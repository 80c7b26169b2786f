typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;

extern "C" __global__ void __launch_bounds__(16 * 16 * 1) k_tiled(i64 n, const float *x, i64 x_len, const float *y, i64 y_len, float *out, i64 out_len)
{
	__shared__ float tileX[16][16];
	__shared__ float tileY[16][16];
	for (i64 i__ = (i64)threadIdx.x + (i64)blockDim.x * (i64)threadIdx.y; i__ < 256; i__ += (i64)blockDim.x * (i64)blockDim.y)
		((float *)tileX)[i__] = 0;
	__syncthreads();
	for (i64 i__ = (i64)threadIdx.x + (i64)blockDim.x * (i64)threadIdx.y; i__ < 256; i__ += (i64)blockDim.x * (i64)blockDim.y)
		((float *)tileY)[i__] = 0;
	__syncthreads();
	float sum = 0; // a register of each thread
	{
		i64 k = 0;
		for (; k < n; k = (i64)((u64)k + 16)) {
			{
				const i64 j = (i64)threadIdx.y;
				{
					const i64 i = (i64)threadIdx.x;
					tileX[j][i] = x[(i64)(((u64)blockIdx.y * 16 + (u64)j) * (u64)n + (u64)k + (u64)i)];
					tileY[j][i] = y[(i64)(((u64)k + (u64)j) * (u64)n + (u64)blockIdx.x * 16 + (u64)i)];
				}
			}
			__syncthreads();
			{
				const i64 j_2 = (i64)threadIdx.y;
				for (i64 k_2 = 0; k_2 < 16; k_2++) {
					float v = tileX[j_2][k_2];
					{
						const i64 i_2 = (i64)threadIdx.x;
						sum = sum + (v * tileY[k_2][i_2]);
					}
				}
			}
			__syncthreads();
		}
	}
	{
		const i64 j_3 = (i64)threadIdx.y;
		{
			const i64 i_3 = (i64)threadIdx.x;
			out[(i64)(((u64)blockIdx.y * 16 + (u64)j_3) * (u64)n + (u64)blockIdx.x * 16 + (u64)i_3)] = sum;
		}
	}
}
