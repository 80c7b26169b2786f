"""Share a dictionary through a manager: the Python twin of ch3.manager."""
import sys

sys.path.append(sys.path.pop(0))  # a file called queue.py lies beside this one, and multiprocessing wants the module

import argparse  # noqa: E402
import multiprocessing  # noqa: E402
import os  # noqa: E402
  # noqa: E402
  # noqa: E402
def worker(dictionary, order, key, item):  # noqa: E402
    dictionary[key] = item  # noqa: E402
    order.append(key)  # noqa: E402
    print(f"process {os.getpid()}: key = {key} value = {item}", flush=True)  # noqa: E402
  # noqa: E402
  # noqa: E402
def add(dictionary, lock, key, times):  # noqa: E402
    """dictionary[key] += 1 reads and writes: two requests. The lock keeps them together."""  # noqa: E402
    for _ in range(times):  # noqa: E402
        with lock:  # noqa: E402
            dictionary[key] += 1  # noqa: E402
  # noqa: E402
  # noqa: E402
def die(lock):  # noqa: E402
    lock.acquire()  # noqa: E402
    os._exit(3)  # noqa: E402
  # noqa: E402
  # noqa: E402
def run_all(context, target, arguments):  # noqa: E402
    jobs = [context.Process(target=target, args=args) for args in arguments]  # noqa: E402
    for job in jobs:  # noqa: E402
        job.start()  # noqa: E402
    for job in jobs:  # noqa: E402
        job.join()  # noqa: E402
  # noqa: E402
  # noqa: E402
def main():  # noqa: E402
    parser = argparse.ArgumentParser(description=__doc__)  # noqa: E402
    parser.add_argument("--workers", type=int, default=10, help="processes that write into the dictionary")  # noqa: E402
    parser.add_argument("--times", type=int, default=20, help="how often each of five processes adds 1")  # noqa: E402
    parser.add_argument("--speed", default="20", help="no pauses here; taken so that all twins take it")  # noqa: E402
    args = parser.parse_args()  # noqa: E402
    if not 1 <= args.workers <= 50 or args.times < 0:  # noqa: E402
        parser.error("want 1 to 50 workers, and at least 0 times")  # noqa: E402
  # noqa: E402
    context = multiprocessing.get_context("fork")  # noqa: E402
    manager = context.Manager()  # noqa: E402
    dictionary, order, lock = manager.dict(), manager.list(), manager.Lock()  # noqa: E402
    run_all(context, worker, [(dictionary, order, i, 2 * i) for i in range(args.workers)])  # noqa: E402
    print("Results:", dict(sorted(dictionary.items())))  # noqa: E402
    print("they came in this order:", order)  # noqa: E402
  # noqa: E402
    dictionary[-1] = 0  # noqa: E402
    run_all(context, add, [(dictionary, lock, -1, args.times)] * 5)  # noqa: E402
    read = dictionary[-1]  # noqa: E402
    print(f"five processes added {args.times} each: {read}")  # noqa: E402
    run_all(context, add, [(dictionary, lock, -1, 1)])  # noqa: E402
    dictionary[-1] = read + 1  # noqa: E402
    print("two more, one of them without the lock:", dictionary[-1])  # noqa: E402
  # noqa: E402
    run_all(context, die, [(lock,)])  # noqa: E402
    if not lock.acquire(True, 0.2):  # noqa: E402
        print("the lock died with its holder; without a time-out this would wait for ever")  # noqa: E402
  # noqa: E402
    manager.shutdown()  # noqa: E402
    try:  # noqa: E402
        len(dictionary)  # noqa: E402
    except OSError as error:  # noqa: E402
        print("after shutdown:", type(error).__name__)  # noqa: E402
  # noqa: E402
  # noqa: E402
if __name__ == "__main__":  # noqa: E402
    main()  # noqa: E402
