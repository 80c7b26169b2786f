"""Make workers ready, and take results as they come: the Python twin of ch3.pool-options."""
import sys

sys.path.append(sys.path.pop(0))  # a file called queue.py lies beside this one, and multiprocessing wants the module

import argparse  # noqa: E402
import multiprocessing  # noqa: E402
import os  # noqa: E402
import time  # noqa: E402

discount = 0  # in percent; belongs to a worker's process: it is set there, before the first task


def set_discount(percent):
    global discount
    discount = percent


def reduce_price(price):
    if price < 0:
        raise ValueError("a price below 0")
    return price * (100 - discount) // 100, os.getpid()


def hang_on():
    time.sleep(60)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=3, help="processes in each pool")
    parser.add_argument("--percent", type=int, default=25, help="discount that each worker is told before its first task")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not (1 <= args.workers <= 64 and 1 <= args.percent <= 99):
        parser.error("want 1 to 64 workers and 1 to 99 percent")

    # A forked child knows the functions of this program as they are, wherever it was read from.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else None)
    with context.Pool(args.workers, initializer=set_discount, initargs=(args.percent,), maxtasksperchild=1) as pool:
        sales = list(pool.imap_unordered(reduce_price, [100, 200, 300, 400, 500, 600]))
    print("in the order in which they came:", *(price for price, _ in sales))
    print("sorted:", *sorted(price for price, _ in sales))
    assert len({pid for _, pid in sales}) == len(sales) and discount == 0

    with context.Pool(args.workers) as pool:  # its end terminates the workers, also one that hangs
        slow = pool.apply_async(hang_on)
        try:
            slow.get(timeout=0.02)
        except multiprocessing.TimeoutError:
            print("not there in time, ready:", slow.ready())
        print("Python cannot call off a call that has begun, ready:", slow.ready(), flush=True)
        if args.workers > 1:
            failed = pool.apply_async(reduce_price, (-1,), error_callback=lambda error: print(error, flush=True))
            failed.wait()
            print("the callback has returned, successful:", failed.successful())


if __name__ == "__main__":
    main()
