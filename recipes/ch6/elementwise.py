"""Make a kernel of one expression: the Python twin of ch6.elementwise. PyCUDA's ElementwiseKernel takes the same arguments."""
# requires: pyopencl
import argparse

import numpy as np
import pyopencl as cl
import pyopencl.array
from pyopencl.elementwise import ElementwiseKernel


def print_vector(name, form, vector):
    print(name)
    for start in range(0, len(vector), 10):
        print(" ".join(form % v for v in vector[start:start + 10]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50, help="numbers in each vector")
    parser.add_argument("--seed", type=int, default=None, help="the same random numbers again")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if args.count < 1:
        parser.error("--count wants at least 1")
    platforms = sorted(cl.get_platforms(), key=lambda p: p.name)  # their own order is that of files in a folder
    device = next(d for p in platforms for d in p.get_devices())  # some have no device
    context = cl.Context([device])
    queue = cl.CommandQueue(context)
    rng = np.random.default_rng(args.seed)
    x, y = rng.random(args.count, dtype=np.float32), rng.random(args.count, dtype=np.float32)
    kernel = ElementwiseKernel(context, "float a, __global float *x, float b, __global float *y, __global float *z",
                               "z[i] = a*x[i] + b*y[i]", "linear_combination", preamble="#pragma OPENCL FP_CONTRACT OFF")
    x_device, y_device = cl.array.to_device(queue, x), cl.array.to_device(queue, y)
    z_device = cl.array.empty_like(x_device)
    kernel(np.float32(2), x_device, np.float32(5), y_device, z_device)
    z = z_device.get()
    print(f"{args.count} numbers, on {device.name}")
    print_vector("VECTOR A", "%5.3f", x)
    print_vector("VECTOR B", "%5.3f", y)
    print_vector("VECTOR C = 2A + 5B", "%5.3f", z)
    difference = z - (np.float32(2) * x + np.float32(5) * y)
    print_vector("THE DIFFERENCE FROM NUMPY", "%g", difference)
    if np.linalg.norm(difference) >= 1e-5:
        raise SystemExit("the difference is too large")


if __name__ == "__main__":
    main()
