"""Double a matrix on a device: the Python twin of ch6.double, with PyOpenCL, which also runs where no GPU is."""
# requires: numpy, pyopencl
import argparse

import numpy as np
import pyopencl as cl

# The same in PyCUDA: __global__, and threadIdx.x + threadIdx.y*stride.
SOURCE = """
__kernel void double_matrix(const int stride, __global float *a)
{
    int i = get_local_id(0) + get_local_id(1) * stride;
    a[i] *= 2;
}
"""


def print_matrix(title, matrix):
    print(title)
    for row in matrix:
        print("".join(f"{v:9.4f}" for v in row))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=5, help="rows and columns of the matrix")
    parser.add_argument("--book-bug", action="store_true", help="take a stride of one element less than a row has")
    parser.add_argument("--seed", type=int, default=None, help="the same random numbers again")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    n = args.size
    if not 2 <= n <= 8:
        parser.error("--size: want 2 to 8")
    stride = n - 1 if args.book_bug else n

    context = cl.create_some_context(interactive=False)
    queue = cl.CommandQueue(context)
    kernel = cl.Program(context, SOURCE).build().double_matrix
    a = np.random.default_rng(args.seed).standard_normal((n, n)).astype(np.float32)

    memory = cl.Buffer(context, cl.mem_flags.READ_WRITE, a.nbytes)  # cuda.mem_alloc
    cl.enqueue_copy(queue, memory, a)  # cuda.memcpy_htod
    kernel(queue, (n, n), (n, n), np.int32(stride), memory)  # kernel(memory, block=(n, n, 1)) in PyCUDA
    doubled = np.empty_like(a)
    cl.enqueue_copy(queue, doubled, memory)  # cuda.memcpy_dtoh; waits for the kernel

    print(f"one block of {n} × {n} threads on {context.devices[0].name.strip()}")
    print_matrix("ORIGINAL MATRIX", a)
    print_matrix("DOUBLED MATRIX AFTER THE KERNEL", doubled)
    before, after = a.ravel(), doubled.ravel()
    threads = np.zeros(n * n, dtype=int)
    for y in range(n):
        for x in range(n):
            threads[x + y * stride] += 1
    if args.book_bug:
        print("no thread has elements:", *np.flatnonzero(threads == 0))
        print("two threads have elements:", *(f"{i} (×{after[i] / before[i]:g})" for i in np.flatnonzero(threads == 2)))
    if not np.array_equal(after[threads < 2], ((threads + 1) * before)[threads < 2].astype(np.float32)):
        raise SystemExit("not all elements are what they have to be")


if __name__ == "__main__":
    main()
