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

extern "C" __global__ void k_total(const i32 *x, i64 x_len, i32 *out, i64 out_len, i64 shared__len)
{
	extern __shared__ u64 shared__words[];
	i32 *shared__ = (i32 *)shared__words;
	for (i64 i__ = (i64)threadIdx.x; i__ < shared__len; i__ += (i64)blockDim.x)
		shared__[i__] = 0;
	__syncthreads();
	i32 *sums = shared__;
	const i64 sums_len = shared__len;
	const i32 *part = x + range_low(x_len);
	const i64 part_len = range_high(x_len) - range_low(x_len);
	{
		const i64 t = (i64)threadIdx.x;
		{
			i64 i = t;
			for (; i < part_len; i = (i64)((u64)i + (u64)blockDim.x)) {
				sums[t] = (i32)((u32)sums[t] + (u32)part[i]);
			}
		}
	}
	__syncthreads();
	{
		i64 half_ = (i64)((i64)blockDim.x / 2);
		for (; half_ > 0; half_ = (i64)(half_ / 2)) {
			do { // each thread has one round
				const i64 t_2 = (i64)threadIdx.x;
				if (t_2 >= half_) {
					continue;
				}
				sums[t_2] = (i32)((u32)sums[t_2] + (u32)sums[(i64)((u64)t_2 + (u64)half_)]);
			} while (0);
			__syncthreads();
		}
	}
	{
		const i64 t_3 = (i64)threadIdx.x;
		if (t_3 == 0) {
			out[(i64)blockIdx.x] = sums[0];
		}
	}
}
