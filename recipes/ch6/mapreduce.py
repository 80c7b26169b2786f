"""Map and reduce on a device: the Python twin of ch6.mapreduce. PyCUDA's ReductionKernel takes the same arguments."""
# requires: pyopencl
# compare: no ratio: the loop over single numbers is Go's; NumPy adds in an order of its own
import argparse

import numpy as np
import pyopencl as cl
import pyopencl.array
from pyopencl.reduction import ReductionKernel


def dot_of(context, queue, dtype, c_type, numbers):
    dot = ReductionKernel(context, dtype, neutral="0", reduce_expr="a+b", map_expr="x[i]*y[i]",
                          arguments=f"__global const {c_type} *x, __global const {c_type} *y")
    vector = cl.array.to_device(queue, numbers)
    return dot(vector, vector).get()[()]


def show_integers(context, queue, count):
    numbers = np.arange(count, dtype=np.int64)
    total = int(dot_of(context, queue, np.int64, "long", numbers))
    print(f"0 to {count - 1}, each times itself, added: {total}")
    if total != int((numbers * numbers).sum()):
        raise SystemExit(f"the sum of the squares is {total}")
    memory = numbers.view(np.int32)[:count].copy()  # the same bytes, read as integers of 32 bits: the low half first
    wrong = int(dot_of(context, queue, np.int32, "int", memory))
    print(f"read as integers of 32 bits: {wrong}")


def show_floats(context, queue, size, seed):
    numbers = np.random.default_rng(seed).random(size, dtype=np.float32)
    exact = float((numbers.astype(np.float64) ** 2).sum())
    loop = float(np.cumsum(numbers * numbers, dtype=np.float32)[-1])  # cumsum adds one after the other; sum does not
    on_device = float(dot_of(context, queue, np.float32, "float", numbers))
    print(f"the squares of {size} numbers of [0, 1), added in float32, are wrong by")
    print(f"{abs(loop - exact) / exact:.1e} of the sum, one after the other")
    print(f"{abs(on_device - exact) / exact:.1e} of the sum, in stripes and then in pairs")
    if abs(on_device - exact) / exact >= 1e-5:
        raise SystemExit(f"the device's sum is {on_device}, not {exact}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=400, help="integers, from 0 on")
    parser.add_argument("--size", type=int, default=1 << 22, help="numbers in single precision")
    parser.add_argument("--seed", type=int, default=None, help="the same random numbers again")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if min(args.count, args.size) < 1:
        parser.error("--count, --size: each wants at least 1")
    platforms = sorted(cl.get_platforms(), key=lambda p: p.name)  # their own order is that of files in a folder
    device = next(d for p in platforms for d in p.get_devices())  # some have no device
    context = cl.Context([device])
    queue = cl.CommandQueue(context)
    print(f"on {device.name}")
    show_integers(context, queue, args.count)
    show_floats(context, queue, args.size, args.seed)


if __name__ == "__main__":
    main()
