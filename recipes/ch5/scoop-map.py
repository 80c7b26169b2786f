"""Map and reduce on worker processes: the Python twin of ch5.scoop-map.

SCOOP itself is in few distributions. concurrent.futures has map and as_completed; its workers are on this machine
only, and reduce is functools.reduce in this process.
"""
# compare: no ratio: nearly all of the time is sleep, and on Linux a Go program sleeps whole milliseconds
import argparse
import functools
import math
import operator
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed


def double(x):
    return 2 * x


def manipulate(task):
    numbers, pause = task
    time.sleep(pause)
    return sum(numbers)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--lists", type=int, default=1000, help="lists to reduce; list a holds a copies of a")
    parser.add_argument("--speed", default="20", help="1 is the book's pace; max: no pauses")
    args = parser.parse_args()
    if not 1 <= args.workers <= 64 or not 1 <= args.lists <= 2000:
        parser.error("want 1 to 64 workers and 1 to 2000 lists")
    pause = 0 if args.speed == "max" else 0.010 / float(args.speed)

    numbers = list(range(1, 11))
    with ProcessPoolExecutor(args.workers) as executor:
        print("map: [" + " ".join(str(x) for x in executor.map(double, numbers)) + "]")

        calls = {executor.submit(double, n): n for n in numbers}
        for call in as_completed(calls):
            print(f"map_as_completed: {calls[call]} doubled is {call.result()}")

        lists = [([a] * a, pause) for a in range(args.lists)]
        begun = time.perf_counter()
        sums = executor.map(manipulate, lists, chunksize=math.ceil(len(lists) / 64))
        parallel = functools.reduce(operator.add, sums)
        print(f"mapReduce of {args.lists} lists: {parallel}")
        print(f"  in parallel: {time.perf_counter() - begun:.3f} seconds")

    begun = time.perf_counter()
    serial = functools.reduce(operator.add, map(manipulate, lists))
    print(f"in sequence: {serial}")
    print(f"  in sequence: {time.perf_counter() - begun:.3f} seconds")
    assert parallel == serial == sum(a * a for a in range(args.lists))
    return 0


if __name__ == "__main__":
    sys.exit(main())
