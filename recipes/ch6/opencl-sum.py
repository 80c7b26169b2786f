"""Add two vectors by program, kernel and queue: the Python twin of ch6.opencl-sum."""
# requires: numpy, pyopencl
import argparse

import numpy as np
import pyopencl as cl

SOURCE = """
__kernel void vector_sum(const int n, __global const int *x, __global const int *y, __global int *sum)
{
    int i = get_global_id(0);
    if (i < n)
        sum[i] = x[i] + y[i];
}
"""


def print_vector(title, v):
    print(title)
    for start in range(0, min(len(v), 100), 10):
        print(*(f"{x:3d}" for x in v[start:start + 10]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--length", type=int, default=100, help="numbers in each vector")
    parser.add_argument("--book-bug", action="store_true", help="take numbers of 64 bits for numbers of 32, as the book does on Linux")
    parser.add_argument("--seed", type=int, default=None, help="the same random numbers again")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    n = args.length
    if not 1 <= n <= 1_000_000:
        parser.error("--length: want 1 to 1000000")
    # int in OpenCL has 32 bits. NumPy's default has 64 on Linux; nobody compares the two.
    random = np.random.default_rng(args.seed)
    x, y = (random.integers(100, size=n, dtype=np.int64 if args.book_bug else np.int32) for _ in range(2))

    context = cl.create_some_context(interactive=False)
    device = context.devices[0]
    program = cl.Program(context, SOURCE).build()
    kernel = program.vector_sum
    queue = cl.CommandQueue(context)

    flags = cl.mem_flags
    bx = cl.Buffer(context, flags.READ_ONLY | flags.COPY_HOST_PTR, hostbuf=x)
    by = cl.Buffer(context, flags.READ_ONLY | flags.COPY_HOST_PTR, hostbuf=y)
    bsum = cl.Buffer(context, flags.WRITE_ONLY, x.nbytes)
    cl.enqueue_fill_buffer(queue, bsum, np.int32(0), 0, x.nbytes)  # a new buffer holds anything
    kernel(queue, (-(-n // 64) * 64,), (64,), np.int32(n), bx, by, bsum)
    sums = np.empty_like(x)
    cl.enqueue_copy(queue, sums, bsum)  # waits for the kernel

    print("Platform Selected =", device.platform.name)
    print("Device Selected =", device.name.strip())
    print("VECTOR LENGTH =", n)
    print_vector("INPUT VECTOR A", x)
    print_vector("INPUT VECTOR B", y)
    print_vector("OUTPUT VECTOR RESULT A + B", sums)
    print(f"norm of the difference: {np.linalg.norm(sums - (x + y)):g}")
    if args.book_bug:
        assert not sums[(n + 1) // 2:].any()
    else:
        assert np.array_equal(sums, x + y)


if __name__ == "__main__":
    main()
