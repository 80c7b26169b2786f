"""Write a kernel in the language itself: the Python twin of ch6.jit, with Numba on the processor."""
# requires: numba
# compare: no ratio: Numba compiles when the program starts; Go's kernel was compiled with the program, and it refuses one more
import argparse

import numpy as np
from numba import guvectorize


# NumbaPro is Numba today. With target="cuda" the same function is compiled for a GPU.
@guvectorize(["void(int64[:,:], int64[:,:], int64[:,:])"], "(m,n),(n,p)->(m,p)", target="cpu")
def multiply(a, b, c):
    for row in range(c.shape[0]):
        for col in range(c.shape[1]):
            total = 0
            for k in range(a.shape[1]):
                total += a[row, k] * b[k, col]
            c[row, col] = total


@guvectorize(["void(int64[:], int64[:], int64[:], int64[:], int64[:])"], "(n),(n)->(n),(n),(n)", target="cpu")
def corners(x, y, shifted, quotient, rest):
    for i in range(x.shape[0]):
        shifted[i] = x[i] << (y[i] & 127)  # as C has it: by 64 and more it is whatever the processor makes of it
        quotient[i] = x[i] // y[i]
        rest[i] = x[i] % y[i]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10, help="rows and columns of the matrices")
    parser.add_argument("--show", help="taken so that both sides take it; only the Go side has a source to print")
    parser.add_argument("--seed", type=int, default=None, help="the same random numbers again")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if args.size < 1:
        parser.error("--size wants at least 1")
    rng = np.random.default_rng(args.seed)
    a, b = rng.integers(0, 10, (2, args.size, args.size))
    c = multiply(a, b)
    print(f"C = A·B, {args.size} × {args.size} numbers, computed on the processor:")
    for row in c[:10, :10]:
        print(" ".join(f"{v:4d}" for v in row))
    if not np.array_equal(c, a @ b):
        raise SystemExit("C is not what NumPy computes")
    least = -1 << 63
    x = np.array([1, 1, -1, -7, 7, -7, least, 7])
    y = np.array([63, 64, 100, 2, -2, -2, -1, 10])
    for x_i, y_i, *results in zip(x, y, *corners(x, y)):
        print("{} by {}: shifted {}, quotient {}, rest {}".format(*(int(v) for v in (x_i, y_i, *results))))


if __name__ == "__main__":
    main()
