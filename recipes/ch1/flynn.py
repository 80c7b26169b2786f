"""Compute a*x+y in Flynn's four classes: the Python twin of ch1.flynn."""
# compare: no ratio: the elements are 16-bit integers in Python and 64-bit floats in Go; compare the times of the rows
import argparse
import os
import queue
import statistics
import sys
import threading
import time
from array import array

A = 3
CACHE = 512  # elements
BLOCK = 1 << 16  # elements that travel together in a stream


def loop(x, y):
    """SISD: one element after another."""
    return array("H", [A * xi + yi for xi, yi in zip(x, y)])


class Lanes:
    """SIMD with nothing but an int: its 16-bit lanes hold the elements, so one * and one + compute all of them."""

    def __init__(self, elements):
        self.size = 2 * len(elements)
        self.number = int.from_bytes(elements.tobytes(), sys.byteorder)

    def axpy(self, y):
        return A * self.number + y.number  # no lane overflows: 3 * 999 + 76 is below 65536

    def unpack(self, number):
        return array("H", number.to_bytes(self.size, sys.byteorder))


def total(found, block):
    return found + sum(block)


def maximum(found, block):
    return max(found, max(block))


def squares(found, block):
    return found + sum(v * v for v in block)


PROGRAMS = [total, maximum, squares]


def in_turn(*data):
    return [program(0, vector) for program, vector in zip(PROGRAMS, data)]


def one_stream(data):
    """MISD: three threads, and each block goes to all of them."""
    results = [0] * len(PROGRAMS)
    streams = [queue.Queue(8) for _ in PROGRAMS]

    def work(i):
        while (block := streams[i].get()) is not None:
            results[i] = PROGRAMS[i](results[i], block)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(PROGRAMS))]
    for thread in threads:
        thread.start()
    for start in range(0, len(data), BLOCK):
        block = data[start:start + BLOCK]
        for stream in streams:
            stream.put(block)
    for stream in streams:
        stream.put(None)
    for thread in threads:
        thread.join()
    return results


def own_data(*data):
    """MIMD: three threads, each with a program and a vector of its own."""
    results = [0] * len(PROGRAMS)

    def work(i):
        results[i] = PROGRAMS[i](0, data[i])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(PROGRAMS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def medians(rounds, works):
    """All works in turn, once to warm up and then in each round."""
    times = [[] for _ in works]
    results = [None] * len(works)
    for turn in range(rounds + 1):
        for i, work in enumerate(works):
            begun = time.perf_counter()
            results[i] = work()
            if turn > 0:
                times[i].append(time.perf_counter() - begun)
    return [statistics.median(t) for t in times], results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=1 << 20, help="elements of each vector")
    parser.add_argument("--rounds", type=int, default=5, help="measure this many times and take the median")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.n <= 1 << 24 or args.rounds < 1:
        parser.error("want 1 to 16777216 elements, and at least 1 round")

    n = args.n
    x, y = array("H", [i % 1000 for i in range(n)]), array("H", [i % 77 for i in range(n)])
    z = array("H", [A * xi + yi for xi, yi in zip(x, y)])
    cached = min(n, CACHE)
    x_part, y_part = x[:cached], y[:cached]
    x_lanes, y_lanes = Lanes(x), Lanes(y)
    x_lanes_part, y_lanes_part = Lanes(x_part), Lanes(y_part)

    rows = [
        ("SISD", "a·x+y, loop", n, 6, lambda: loop(x, y)),
        ("SIMD", "a·x+y, lanes of an int", n, 6, lambda: x_lanes.axpy(y_lanes)),
        ("SISD", "the same in cache, loop", n - n % cached, 6, lambda: [loop(x_part, y_part) for _ in range(n // cached)]),
        ("SIMD", "the same in cache, lanes", n - n % cached, 6, lambda: [x_lanes_part.axpy(y_lanes_part) for _ in range(n // cached)]),
        ("SISD", "3 programs on z, in turn", 3 * n, 2, lambda: in_turn(z, z, z)),
        ("MISD", "3 programs on z, at once", 3 * n, 2, lambda: one_stream(z)),
        ("SISD", "3 on x, y and z, in turn", 3 * n, 2, lambda: in_turn(x, y, z)),
        ("MIMD", "3 on x, y and z, at once", 3 * n, 2, lambda: own_data(x, y, z)),
    ]
    times, results = medians(args.rounds, [row[-1] for row in rows])
    print(f"z = a·x+y: {n} elements, {os.cpu_count()} processors, median of {args.rounds}")
    print(f"{'class':<31} {'µs':>7} {'M/s':>5} {'GB/s':>5} {'ratio':>5}")
    for i, (kind, about, elements, width, _) in enumerate(rows):
        rate = elements / times[i]
        print(f"{kind}  {about:<25} {1e6 * times[i]:7.1f} {rate / 1e6:5.0f} {rate * width / 1e9:5.1f} {times[i - i % 2] / times[i]:5.2f}")
    if x_lanes.unpack(results[1]) != results[0] or results[5] != results[4] or results[7] != results[6]:
        raise SystemExit("the classes do not agree")
    print("MISD: sum, maximum, squares:", results[5])
    print("MIMD: sum, maximum, squares:", results[7])


if __name__ == "__main__":
    main()
