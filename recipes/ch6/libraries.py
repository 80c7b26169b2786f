"""Leave it to the libraries: the Python twin of ch6.libraries, with NumPy's. CuPy has the same calls for CUDA."""
# requires: numpy
# compare: no ratio: the plain way is a loop of Python here, and one of Go there
import argparse
import cmath
import statistics
import time

import numpy as np


def plain_product(a, b):
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a]


def cooley_tukey(numbers):
    if len(numbers) == 1:
        return numbers
    even, odd = cooley_tukey(numbers[::2]), cooley_tukey(numbers[1::2])
    turned = [cmath.exp(-2j * cmath.pi * k / len(numbers)) * v for k, v in enumerate(odd)]
    return [e + o for e, o in zip(even, turned)] + [e - o for e, o in zip(even, turned)]


def timed(rounds, work):
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        result = work()
        times.append(1e3 * (time.perf_counter() - begun))
    return statistics.median(times), result


def compare(name, library, plain, rounds):
    library()  # the first call may load something
    library_ms, result = timed(3, library)
    plain_ms, expected = timed(rounds, plain)
    off = float(np.max(np.abs(result - np.array(expected))))
    print(f"{name:<16} {'NumPy ' + np.__version__:<13} {library_ms:8.3f} {plain_ms:8.3f} {off:10.1e}")
    if off > 1e-9:
        raise SystemExit("the results differ by more than a billionth")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256, help="rows and columns of the larger matrices")
    parser.add_argument("--log", type=int, default=16, help="the transform is of 2 to the power of this")
    parser.add_argument("--count", type=int, default=1_000_000, help="random numbers")
    parser.add_argument("--seed", type=int, default=None, help="the same random numbers again")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if min(args.size, args.log, args.count) < 1:
        parser.error("--size, --log, --count: each wants at least 1")
    rng = np.random.default_rng(args.seed)
    print("on the processor")
    print(f"{'what':<16} {'library':<13} {'its ms':>8} {'plain ms':>8} {'max. error':>10}")
    for n in 10, args.size:
        a, b = rng.random((n, n)), rng.random((n, n))
        lists = a.tolist(), b.tolist()
        compare(f"A·B, {n} × {n}", lambda: a @ b, lambda: plain_product(*lists), 1)
    numbers = rng.random(1 << args.log) + 1j * rng.random(1 << args.log)
    compare(f"FFT of {1 << args.log}", lambda: np.fft.fft(numbers), lambda: cooley_tukey(numbers.tolist()), 1)
    seed = int(rng.integers(1 << 63))
    first, second = (np.random.Generator(np.random.Philox(seed)).random(args.count, dtype=np.float32) for _ in range(2))
    print(f"{args.count} random numbers: {int((first != second).sum())} differ from those of the same seed")


if __name__ == "__main__":
    main()
