"""Compute with arrays that stay on the device: the Python twin of ch6.gpuarray. PyOpenCL's Array stands for PyCUDA's GPUArray."""
# requires: numpy, pyopencl
import argparse

import numpy as np
import pyopencl as cl
import pyopencl.array


def show(title, array, plain):
    got = array.get()  # the copy to the host
    print(title)
    for row in got:
        print("".join(f"{v:9.4f}" for v in row))
    if not np.array_equal(got, plain):
        raise SystemExit(title + ": not what NumPy has")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=5, help="rows and columns of the arrays")
    parser.add_argument("--seed", type=int, default=None, help="the same random numbers again")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    n = args.size
    if not 1 <= n <= 8:
        parser.error("--size: want 1 to 8")
    context = cl.create_some_context(interactive=False)
    queue = cl.CommandQueue(context)
    random = np.random.default_rng(args.seed)
    x, y = (random.standard_normal((n, n), dtype=np.float32) for _ in range(2))
    a, b = cl.array.to_device(queue, x), cl.array.to_device(queue, y)  # gpuarray.to_gpu in PyCUDA

    print(f"arrays of {n} × {n} on {context.devices[0].name.strip()}")
    show("ORIGINAL MATRIX A", a, x)
    show("DOUBLED MATRIX 2·A", 2 * a, 2 * x)
    chain = (2 * a + b) * b - a
    print("(2·A + B) · B - A, by elements")
    for row in chain.get():
        print("".join(f"{v:9.4f}" for v in row))
    if not np.allclose(chain.get(), (2 * x + y) * y - x, atol=1e-5):  # the compiler may fuse · and -
        raise SystemExit("the chain is not what NumPy has")
    # a + a.T is 2·a in PyOpenCL 2022.3: it adds what lies at the same place in memory. So a.T goes by way of the host.
    transposed = cl.array.to_device(queue, np.ascontiguousarray(a.T.get()))
    show("A + Aᵀ", a + transposed, x + x.T)
    try:
        a + cl.array.to_device(queue, np.zeros((n, n + 1), dtype=np.float32))
    except NotImplementedError as error:
        print("other shape:", error)


if __name__ == "__main__":
    main()
