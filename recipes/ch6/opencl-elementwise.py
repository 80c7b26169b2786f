"""Add two vectors by a kernel of one line: the Python twin of ch6.opencl-elementwise."""
# requires: numpy, pyopencl
import argparse

import numpy as np
import pyopencl as cl
import pyopencl.array
from pyopencl.elementwise import ElementwiseKernel


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--length", type=int, default=100, help="numbers in each vector")
    parser.add_argument("--seed", type=int, default=None, help="the same random numbers again")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    n = args.length
    if not 1 <= n <= 1_000_000:
        parser.error("--length: want 1 to 1000000")
    context = cl.create_some_context(interactive=False)
    queue = cl.CommandQueue(context)
    sum_kernel = ElementwiseKernel(context, "long *a, long *b, long *c", "c[i] = a[i] + b[i]", "sum")

    random = np.random.default_rng(args.seed)
    numbers = [random.integers(100, size=n, dtype=np.int64) for _ in range(2)]
    a, b = (cl.array.to_device(queue, v) for v in numbers)
    c = cl.array.empty_like(a)
    sum_kernel(a, b, c)
    sums = c.get()

    print("ELEMENT-WISE SUM OF TWO VECTORS ON", context.devices[0].name.strip())
    print("VECTOR LENGTH =", n)
    for title, v in ("INPUT VECTOR A", numbers[0]), ("INPUT VECTOR B", numbers[1]), ("OUTPUT VECTOR RESULT A + B", sums):
        print(title)
        for start in range(0, min(n, 100), 10):
            print(*(f"{x:3d}" for x in v[start:min(start + 10, 100)]))
    right = numbers[0] + numbers[1]
    assert np.array_equal(sums, right)
    assert np.array_equal((a + b).get(), sums)

    # The book's kernel takes int. Nobody asks whether the vectors hold such numbers.
    narrow = ElementwiseKernel(context, "int *a, int *b, int *c", "c[i] = a[i] + b[i]", "narrow")
    c.fill(-1)
    narrow(a, b, c)
    print("for 32 bits: no error, and", np.count_nonzero(c.get() == right), "of", n, "sums are right")


if __name__ == "__main__":
    main()
