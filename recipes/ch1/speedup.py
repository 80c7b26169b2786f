"""Measure the speed-up and find the serial part: the Python twin of ch1.speedup, with processes for workers."""
# compare: no ratio: a unit of work is 15000 steps in Go and 300 in Python, so that both take about as long
import argparse
import math
import multiprocessing
import os
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor

UNITS = 1000
MASK = 2**64 - 1


def amdahl(serial, n):
    return 1 / (serial + (1 - serial) / n)


def gustafson(serial, n):
    return serial + (1 - serial) * n


def unit(x):
    """One unit of work: 300 steps of a random number generator (Knuth's MMIX). In Go it is 15000, to take about as long."""
    for _ in range(300):
        x = (x * 6364136223846793005 + 1442695040888963407) & MASK
    return x


def parallel_block(begin, end, parallel):
    total = 0
    for i in range(begin, end):
        total += unit(i % parallel + 1)
    return total


def job(pool, serial, parallel, copies, workers):
    chain = 1
    for _ in range(serial):
        chain = unit(chain)
    ends = [w * parallel * copies // workers for w in range(workers + 1)]
    blocks = [pool.submit(parallel_block, begin, end, parallel) for begin, end in zip(ends, ends[1:])]
    return chain, sum(block.result() for block in blocks)


def medians(works, rounds=5):
    """The median time of each work: all in turn, and the first round does not count."""
    times = [[] for _ in works]
    for _ in range(rounds + 1):
        for work, own in zip(works, times):
            begun = time.perf_counter()
            work()
            own.append(time.perf_counter() - begun)
    return [statistics.median(own[1:]) for own in times]


def show_laws(known):
    print("processors  Amdahl  efficiency  Gustafson")
    for n in (1, 2, 4, 8, 16, 64, 1024):
        a = amdahl(known, n)
        print(f"{n:10}  {a:6.2f}  {100 * a / n:8.1f} %  {gustafson(known, n):9.2f}")
    print(f"     limit  {amdahl(known, math.inf) if known else math.inf:6.2f}", flush=True)
    if amdahl(0.1, math.inf) != 10:
        sys.exit("90 % parallel: the limit is not 10")


def show_measured(known, most):
    counts = [1]
    while counts[-1] < most:
        counts.append(min(2 * counts[-1], most))
    serial = round(known * UNITS)
    fork = multiprocessing.get_context("fork")
    pools = {n: ProcessPoolExecutor(n, mp_context=fork) for n in counts}
    chain, total = job(pools[1], serial, UNITS - serial, 1, 1)
    wrong = 0

    def work(n, copies):
        def run():
            nonlocal wrong
            wrong += job(pools[n], serial, UNITS - serial, copies, n) != (chain, copies * total)
        return run

    try:
        times = medians([work(n, copies) for n in counts for copies in (1, n)])
    finally:
        for pool in pools.values():
            pool.shutdown()

    print("workers  units/ms  speed-up  Amdahl  efficiency  serial part")
    above = below = 0
    for n, took in zip(counts, times[::2]):
        gain = times[0] / took
        part = f"{100 * (1 / gain - 1 / n) / (1 - 1 / n):.1f} %" if n > 1 else "-"
        print(f"{n:7}  {1 / took:8.2f}  {gain:8.2f}  {amdahl(known, n):6.2f}  {100 * gain / n:8.1f} %  {part:>11}")
        above += (1 / gain - 1 / n) * (1 - 1 / n)
        below += (1 - 1 / n) ** 2
    print(f"serial part: known {100 * known:.1f} %, fitted to the measurements {100 * above / below:.1f} %")
    print("workers  units/ms  speed-up  Gustafson  efficiency")
    for n, took in zip(counts, times[1::2]):
        gain = gustafson(known, n) / took * times[1]
        print(f"{n:7}  {gustafson(known, n) / took:8.2f}  {gain:8.2f}  {gustafson(known, n):9.2f}  {100 * gain / n:8.1f} %")
    if wrong:
        sys.exit(f"{wrong} runs had another result than that of one worker")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serial", type=int, default=10, help="share of the work that one worker must do alone, in percent")
    parser.add_argument("--workers", type=int, default=0, help="measure up to this number of workers; 0: one for each processor, and 2 at least")
    parser.add_argument("--plot", metavar="FILE", help="the Go recipe draws; the standard library cannot")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    most = args.workers or min(max(2, usable), 1024)
    if not 0 <= args.serial <= 100 or not 2 <= most <= 1024:
        parser.error(f"--serial {args.serial} --workers {most}: want 0 to 100 percent, and 2 to 1024 workers")
    if args.plot:
        parser.error("--plot: the twin has no library to draw with; let the Go recipe draw")
    show_laws(args.serial / 100)
    show_measured(args.serial / 100, most)


if __name__ == "__main__":
    main()
