"""Hand work to a pool of threads or processes: the Python twin of ch4.executors."""
import argparse
import multiprocessing
import threading
import time
from concurrent.futures import CancelledError, ProcessPoolExecutor, ThreadPoolExecutor, as_completed


def evaluate_item(number, count):
    """Count, only to be busy, and multiply."""
    if number < 0:
        raise ValueError(f"item {number}: want at least 0")
    i = 0
    for _ in range(count):
        i += 1
    return i * number


def in_pool(pool, count):
    """Submit all items and print their results in the order in which they come."""
    with pool:
        futures = [pool.submit(evaluate_item, number, count) for number in range(1, 11)]
        for future in as_completed(futures):
            print(future.result())


def the_rest():
    """What else an executor can do, on a pool of one worker that is busy until it is released."""
    begun, release = threading.Event(), threading.Event()

    def busy():
        begun.set()
        release.wait()

    with ThreadPoolExecutor(max_workers=1) as pool:
        runs = pool.submit(busy)
        waits = pool.submit(evaluate_item, 1, 1)
        begun.wait()
        print(f"cancel what waits: {str(waits.cancel()).lower()}, what runs: {str(runs.cancel()).lower()}")
        try:
            waits.result()
        except CancelledError:
            pass
        release.set()
        try:
            pool.submit(evaluate_item, -1, 1).result()
        except ValueError as error:
            print(f"the caller gets the error: {error}")
        print("map keeps the order of the arguments:", *pool.map(evaluate_item, [3, 1, 2], [1, 1, 1]))
    try:
        pool.submit(evaluate_item, 1, 1)
    except RuntimeError as error:
        print(error)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000_000, help="number to which each item counts")
    parser.add_argument("--workers", type=int, default=5, help="threads in the one pool, processes in the other")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()

    begun = time.perf_counter()
    for number in range(1, 11):
        print(evaluate_item(number, args.count))
    sequential = time.perf_counter() - begun
    print(f"Sequential execution in {sequential:.3f} seconds", flush=True)
    # A forked child knows the functions of this program as they are, wherever it was read from.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else None)
    for kind, pool in (
        ("Thread", ThreadPoolExecutor(max_workers=args.workers)),
        ("Process", ProcessPoolExecutor(max_workers=args.workers, mp_context=context)),
    ):
        begun = time.perf_counter()
        in_pool(pool, args.count)
        took = time.perf_counter() - begun
        print(f"{kind} pool execution in {took:.3f} seconds (ratio {sequential / took:.2f})", flush=True)
    the_rest()


if __name__ == "__main__":
    main()
