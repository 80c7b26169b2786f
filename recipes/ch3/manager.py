"""Share a dictionary through a manager: the Python twin of ch3.manager."""
# compare: more work: --times 200
import sys

sys.path.append(sys.path.pop(0))  # a file called queue.py lies beside this one, and multiprocessing wants the module

import argparse  # noqa: E402
import multiprocessing  # noqa: E402
import os  # noqa: E402


def worker(dictionary, order, key, item):
    dictionary[key] = item
    order.append(key)
    print(f"process {os.getpid()}: key = {key} value = {item}\n", end="", flush=True)  # one write per line


def add(dictionary, lock, key, times):
    """dictionary[key] += 1 reads and writes: two requests. The lock keeps them together."""
    for _ in range(times):
        with lock:
            dictionary[key] += 1


def die(lock):
    lock.acquire()
    os._exit(3)


def run_all(context, target, arguments):
    jobs = [context.Process(target=target, args=args) for args in arguments]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=10, help="processes that write into the dictionary")
    parser.add_argument("--times", type=int, default=20, help="number of times that each of five processes adds 1")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.workers <= 50 or args.times < 0:
        parser.error("want 1 to 50 workers, and at least 0 times")

    context = multiprocessing.get_context("fork")
    manager = context.Manager()
    dictionary, order, lock = manager.dict(), manager.list(), manager.Lock()
    run_all(context, worker, [(dictionary, order, i, 2 * i) for i in range(args.workers)])
    print("Results:", dict(sorted(dictionary.items())))
    print("they came in this order:", order)

    dictionary[-1] = 0
    run_all(context, add, [(dictionary, lock, -1, args.times)] * 5)
    read = dictionary[-1]
    print(f"five processes added {args.times} each: {read}")
    run_all(context, add, [(dictionary, lock, -1, 1)])
    dictionary[-1] = read + 1
    print("two more, one of them without the lock:", dictionary[-1])

    run_all(context, die, [(lock,)])
    if not lock.acquire(True, 0.01):
        print("the lock died with its holder; without a time-out this would wait for ever")

    manager.shutdown()
    try:
        len(dictionary)
    except OSError as error:
        print("after shutdown:", type(error).__name__)


if __name__ == "__main__":
    main()
