"""Multiply matrices from slow and from fast memory: the Python twin of ch6.memory, with PyOpenCL."""
# requires: numpy, pyopencl
# compare: no ratio: OpenCL computes here, and Go there, unless --device opencl is given
import argparse
import statistics
import time

import numpy as np
import pyopencl as cl

TILE = 16

# In PyCUDA: __shared__ for __local, __syncthreads() for barrier(…).
SOURCE = """
#pragma OPENCL FP_CONTRACT OFF
__kernel void naive(const int n, __global const float *x, __global const float *y, __global float *c)
{
    int row = get_global_id(1), col = get_global_id(0);
    if (row >= n || col >= n)
        return;
    float sum = 0;
    for (int k = 0; k < n; k++)
        sum += x[row * n + k] * y[k * n + col];
    c[row * n + col] = sum;
}

__kernel void tiled(const int n, __global const float *x, __global const float *y, __global float *c)
{
    __local float tile_x[TILE][TILE], tile_y[TILE][TILE];
    int row = get_global_id(1), col = get_global_id(0), ty = get_local_id(1), tx = get_local_id(0);
    float sum = 0;
    for (int t = 0; t < (n + TILE - 1) / TILE; t++) {
        tile_x[ty][tx] = row < n && t * TILE + tx < n ? x[row * n + t * TILE + tx] : 0;
        tile_y[ty][tx] = t * TILE + ty < n && col < n ? y[(t * TILE + ty) * n + col] : 0;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int k = 0; k < TILE; k++)
            sum += tile_x[ty][k] * tile_y[k][tx];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (row < n && col < n)
        c[row * n + col] = sum;
}
"""


def print_matrix(title, matrix):
    print(title)
    for row in matrix:
        print("".join(f"{v:9.4f}" for v in row))


def plain(x, y):
    """The product, with each sum in the order of the kernels."""
    c = np.zeros_like(x)
    for k in range(len(x)):
        c += np.multiply.outer(x[:, k], y[k])
    return c


class Device:
    def __init__(self):
        self.context = cl.create_some_context(interactive=False)
        self.queue = cl.CommandQueue(self.context)
        program = cl.Program(self.context, SOURCE).build(options=[f"-DTILE={TILE}"])
        self.naive, self.tiled = program.naive, program.tiled

    def buffer(self, matrix):
        return cl.Buffer(self.context, cl.mem_flags.READ_WRITE | cl.mem_flags.COPY_HOST_PTR, hostbuf=matrix)

    def launch(self, kernel, block, n, x, y, c):
        size = -(-n // block) * block
        kernel(self.queue, (size, size), (block, block), np.int32(n), x, y, c)
        self.queue.finish()

    def get(self, buffer, n):
        matrix = np.empty((n, n), dtype=np.float32)
        cl.enqueue_copy(self.queue, matrix, buffer)
        return matrix


def medians(rounds, *works):
    """All works in turn, once to warm up and then in each round."""
    times = [[] for _ in works]
    for turn in range(rounds + 1):
        for i, work in enumerate(works):
            begun = time.perf_counter()
            work()
            if turn > 0:
                times[i].append(time.perf_counter() - begun)
    return [statistics.median(t) for t in times]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256, help="rows and columns of the larger matrices")
    parser.add_argument("--seed", type=int, default=None, help="the same random numbers again")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    n = args.size
    if not 1 <= n <= 1024:
        parser.error("--size: want 1 to 1024")
    random = np.random.default_rng(args.seed)
    device = Device()

    x, y = (random.standard_normal((5, 5), dtype=np.float32) for _ in range(2))
    buffer = device.buffer(np.zeros_like(x))
    device.launch(device.naive, 5, 5, device.buffer(x), device.buffer(y), buffer)
    c = device.get(buffer, 5)
    print("matrix product, a thread for each element, on", device.context.devices[0].name.strip())
    print_matrix("MATRIX A", x)
    print_matrix("MATRIX B", y)
    print_matrix("MATRIX C (GPU)", c)
    print_matrix("CPU-GPU DIFFERENCE", plain(x, y) - c)

    x, y = (random.standard_normal((n, n), dtype=np.float32) for _ in range(2))
    bx, by = device.buffer(x), device.buffer(y)
    naive, tiled = device.buffer(np.zeros_like(x)), device.buffer(np.zeros_like(x))
    times = medians(max(1, 3 - n // 512),  # large products take seconds
                    lambda: device.launch(device.naive, TILE, n, bx, by, naive),
                    lambda: device.launch(device.tiled, TILE, n, bx, by, tiled),
                    lambda: x @ y)
    print(f"{n} × {n}")
    print(f"{'':20} {'ms':>9} {'GFLOP/s':>9} {'global loads':>16}")
    loads = [2 * n**3, 2 * n**2 * -(-n // TILE), "-"]
    for name, t, count in zip(["naive kernel", "tiled kernel", "library, processor"], times, loads):
        print(f"{name:20} {1e3 * t:9.3f} {2e-9 * n**3 / t:9.2f} {count:>16}")
    want = plain(x, y)
    if not np.array_equal(device.get(naive, n), want) or not np.array_equal(device.get(tiled, n), want):
        raise SystemExit("a kernel has other bits than the plain loop")
    if not np.allclose(x @ y, want, atol=1e-3):
        raise SystemExit("the library's product differs by more than rounding")


if __name__ == "__main__":
    main()
