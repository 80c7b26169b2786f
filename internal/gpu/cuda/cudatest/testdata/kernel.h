// What stands before CUDA C++ so that g++ compiles it: the threads of a block are run one after the other, each until it meets a
// barrier or its end.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ucontext.h>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __host__
#define __constant__ static const
#define __shared__ static
#define __forceinline__ inline
#define __align__(n) __attribute__((aligned(n)))
#define __launch_bounds__(...)

struct uint3 { unsigned x, y, z; };
static uint3 threadIdx, blockIdx, blockDim, gridDim;

using std::isinf, std::isnan, std::signbit; // which CUDA has in the global namespace

static inline int atomicCAS(volatile int *at, int old, int next) { return __sync_val_compare_and_swap(at, old, next); }

namespace standin {
static ucontext_t scheduler;
static std::vector<ucontext_t> threads;
static unsigned thread;
static void (*body)(void **);
static void **parameters;

static void place(unsigned i) {
	thread = i;
	threadIdx = {i % blockDim.x, i / blockDim.x % blockDim.y, i / blockDim.x / blockDim.y};
}
static void begin() { body(parameters); }

// runBlock runs the threads of a block in turns, from barrier to barrier.
static void runBlock(bool barriers) {
	const size_t stack = 64 << 10;
	unsigned n = blockDim.x * blockDim.y * blockDim.z;
	if (!barriers) {
		for (unsigned i = 0; i < n; i++) { place(i); body(parameters); }
		return;
	}
	static std::vector<void *> stacks;
	while (stacks.size() < n) stacks.push_back(malloc(stack));
	std::vector<char> ended(n);
	threads.assign(n, ucontext_t{});
	for (unsigned i = 0; i < n; i++) {
		getcontext(&threads[i]);
		threads[i].uc_stack.ss_sp = stacks[i];
		threads[i].uc_stack.ss_size = stack;
		threads[i].uc_link = nullptr;
		makecontext(&threads[i], +[] { begin(); ucontext_t *to = &scheduler; thread = ~0u; setcontext(to); }, 0);
	}
	for (unsigned left = n; left > 0;) {
		unsigned before = left;
		for (unsigned i = 0; i < n; i++) {
			if (ended[i]) continue;
			place(i);
			swapcontext(&scheduler, &threads[i]);
			if (thread == ~0u) { ended[i] = 1; left--; }
		}
		if (left > 0 && left < before) abort(); // some threads wait at a barrier, and others have ended
	}
}

template <class... A, size_t... I> void call(void (*f)(A...), void **p, std::index_sequence<I...>) { f(*(A *)p[I]...); }
template <class... A> void call(void (*f)(A...), void **p) { call(f, p, std::index_sequence_for<A...>()); }
template <class... A> int count(void (*)(A...)) { return sizeof...(A); }

static void launch(void (*b)(void **), void **p, const unsigned *grid, const unsigned *block, bool barriers) {
	body = b; parameters = p;
	gridDim = {grid[0], grid[1], grid[2]}; blockDim = {block[0], block[1], block[2]};
	for (unsigned z = 0; z < grid[2]; z++)
		for (unsigned y = 0; y < grid[1]; y++)
			for (unsigned x = 0; x < grid[0]; x++) { blockIdx = {x, y, z}; runBlock(barriers); }
}
} // namespace standin

static void __syncthreads() { swapcontext(&standin::threads[standin::thread], &standin::scheduler); }

template <class To, class From> static To sameBits(From from) {
	To to;
	static_assert(sizeof to == sizeof from, "of one size");
	memcpy(&to, &from, sizeof to);
	return to;
}
static inline unsigned __float_as_uint(float x) { return sameBits<unsigned>(x); }
static inline float __uint_as_float(unsigned x) { return sameBits<float>(x); }
static inline long long __double_as_longlong(double x) { return sameBits<long long>(x); }
static inline double __longlong_as_double(long long x) { return sameBits<double>(x); }
