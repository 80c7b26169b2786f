"""Test and measure a program on host and device: the Python twin of ch6.opencl-test."""
# requires: pyopencl
# compare: no ratio: the host's loop is NumPy's here, and plain Go there
import argparse
import math
import os
import statistics
import time

import numpy as np
import pyopencl as cl

KERNEL = """
__kernel void add_often(const int times, __global const float *a, __global const float *b, __global float *c) {
    int i = get_global_id(0);
    float sum = 0, step = a[i] + b[i];
    for (int t = 0; t < times; t++)
        sum += step;
    c[i] = sum;
}
"""


def add_on_host(times, a, b):
    total, step = np.zeros_like(a), a + b
    for _ in range(times):
        total += step
    return total


def add_on_device(context, queue, kernel, times, a, b):
    read_only = cl.mem_flags.READ_ONLY | cl.mem_flags.COPY_HOST_PTR
    a_buffer = cl.Buffer(context, read_only, hostbuf=a)
    b_buffer = cl.Buffer(context, read_only, hostbuf=b)
    c_buffer = cl.Buffer(context, cl.mem_flags.WRITE_ONLY, a.nbytes)
    event = kernel(queue, a.shape, None, np.int32(times), a_buffer, b_buffer, c_buffer)
    c = np.empty_like(a)
    cl.enqueue_copy(queue, c, c_buffer)
    return c, event


def trial(rng, context, queue, kernel, n, times):
    """Both sides in turn, once to warm up and then three times; the medians in milliseconds."""
    a, b = rng.random(n, dtype=np.float32), rng.random(n, dtype=np.float32)
    host_times, device_times = [], []
    for turn in range(4):
        begun = time.perf_counter()
        host = add_on_host(times, a, b)
        between = time.perf_counter()
        device, event = add_on_device(context, queue, kernel, times, a, b)
        ended = time.perf_counter()
        if turn > 0:
            host_times.append(1e3 * (between - begun))
            device_times.append(1e3 * (ended - between))
    norm = float(np.linalg.norm(host.astype(np.float64) - device))
    in_kernel = 1e-6 * (event.profile.end - event.profile.start)
    return statistics.median(host_times), in_kernel, statistics.median(device_times), norm


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="numbers to add")
    parser.add_argument("--times", type=int, default=10_000, help="additions of each number")
    parser.add_argument("--sweep", type=int, default=100, help="additions of each number where the sizes grow")
    parser.add_argument("--plot", help="taken so that both sides take it; only the Go side draws")
    parser.add_argument("--seed", type=int, default=None, help="the same random numbers again")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if min(args.size, args.times, args.sweep) < 1:
        parser.error("--size, --times, --sweep: each wants at least 1")
    os.environ.setdefault("PYOPENCL_NO_CACHE", "1")
    platforms = sorted(cl.get_platforms(), key=lambda p: p.name)  # their own order is that of files in a folder
    device = next(d for p in platforms for d in p.get_devices())  # some have no device
    context = cl.Context([device])
    queue = cl.CommandQueue(context, properties=cl.command_queue_properties.PROFILING_ENABLE)
    kernel = cl.Program(context, KERNEL).build().add_often
    rng = np.random.default_rng(args.seed)
    print(f"{args.size} numbers, each added {args.times} times, on {device.name}")
    host, in_kernel, with_copies, norm = trial(rng, context, queue, kernel, args.size, args.times)
    print(f"host: {host:.3f} ms")
    print(f"kernel: {in_kernel:.3f} ms by the device's own clock")
    print(f"device: {with_copies:.3f} ms with the copies")
    if norm >= 1e-5:
        raise SystemExit(f"the norm of the difference is {norm}")
    print(f"{'numbers':>9} {'host ms':>10} {'device ms':>10} {'kernel ms':>10}")
    even, norms = 0, 0.0
    n = 16
    while n <= 1 << 16:
        host, in_kernel, with_copies, norm = trial(rng, context, queue, kernel, n, args.sweep)
        norms += norm
        if with_copies >= host:
            even = 0
        elif even == 0:
            even = n
        print(f"{n:9d} {host:10.3f} {with_copies:10.3f} {in_kernel:10.3f}")
        n *= 8
    if even:
        print(f"from {even} numbers on, the device was faster")
    else:
        print("the device was not faster at the largest size")
    if not math.isclose(norms, 0.0, abs_tol=1e-5):
        raise SystemExit(f"the sums of the sweep differ: {norms}")


if __name__ == "__main__":
    main()
