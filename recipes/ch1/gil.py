"""Let threads compute at the same time: the Python twin of ch1.gil."""
# compare: no ratio: Go measures each number of threads twelve times, on all processors and on one; Python measures it once
import argparse
import os
import platform
import sys
import threading
import time


def count_primes(below):
    """Tries every divisor that could matter. It is slow on purpose."""
    primes = 1  # 2
    for n in range(3, below, 2):
        d = 3
        while d * d <= n:
            if n % d == 0:
                break
            d += 2
        else:
            primes += 1
    return primes


def run_threads(n, target):
    threads = [threading.Thread(target=target) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def count_in_threads(n, below):
    counts = []  # append is one step, with and without a GIL
    run_threads(n, lambda: counts.append(count_primes(below)))
    return sum(counts)


def add_together(n):
    """Threads that read a counter, meet, and then write back one more than they read."""
    counter = 0
    all_have_read = threading.Barrier(n)

    def add():
        nonlocal counter
        before = counter
        all_have_read.wait()
        counter = before + 1

    run_threads(n, add)
    return counter


def lock_of_the_interpreter():
    # Builds without a GIL exist since CPython 3.13; older versions have no function to ask.
    if platform.python_implementation() != "CPython":
        return "another implementation"
    return "with a GIL" if getattr(sys, "_is_gil_enabled", lambda: True)() else "without a GIL"


def main():
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=0, help="measure up to this number of threads; 0: one for each processor, but 2 at least")
    parser.add_argument("--below", type=int, default=100_000, help="each thread counts the prime numbers below this")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    most = args.threads or min(max(2, usable), 256)
    if not 2 <= most <= 256 or not 3 <= args.below <= 10_000_000:
        parser.error(f"--threads {most} --below {args.below}: want 2 to 256 threads, and a number from 3 to 10000000")

    primes = count_primes(args.below)
    print(f"each thread counts the primes below {args.below}: {primes}")
    print(f"{platform.python_implementation()} {platform.python_version()}, {lock_of_the_interpreter()}, {usable} processors")
    print("threads   counts/s  speed-up", flush=True)
    n, first = 1, None
    while True:
        begun = time.perf_counter()
        if count_in_threads(n, args.below) != n * primes:
            sys.exit("a thread came to another count")
        rate = n / (time.perf_counter() - begun)
        first = first or rate
        print(f"{n:7}  {rate:9.1f}  {rate / first:8.2f}", flush=True)
        if n == most:
            break
        n = min(2 * n, most)
    print(f"8 threads added 1 each, and the counter is {add_together(8)}")


if __name__ == "__main__":
    main()
