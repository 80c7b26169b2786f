"""Share out work over a pool of processes: the Python twin of ch3.pool."""
import sys

sys.path.append(sys.path.pop(0))  # a file called queue.py lies beside this one, and multiprocessing wants the module

import argparse  # noqa: E402
import multiprocessing  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402


def function_square(data):
    return data * data


def divide(data):
    return 12 // data


def fragile(data):
    if data == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return data


def pid(_):
    return os.getpid()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=4, help="processes in the pool")
    parser.add_argument("--count", type=int, default=100, help="numbers to square")
    parser.add_argument("--chunk", type=int, default=0, help="numbers that a process gets at once; 0 leaves it to the pool")
    parser.add_argument("--retries", type=int, default=1, help="no effect: Python's pool sends nothing again")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.workers <= 64 or args.count < 1 or args.chunk < 0:
        parser.error("want 1 to 64 workers, at least 1 number, and a chunk of at least 0")

    # A forked child knows the functions of this program already. A spawned one would have to import them.
    pool = multiprocessing.get_context("fork").Pool(processes=args.workers)
    inputs = list(range(args.count))
    outputs = pool.map(function_square, inputs, chunksize=args.chunk or None)
    for at in range(0, len(outputs), 10):
        print("Pool:", *(f"{square:4d}" for square in outputs[at:at + 10]))
    print("processes that had a part in it:", len(set(pool.map(pid, inputs, chunksize=1))))

    print("apply       :", pool.apply(function_square, (12,)))
    print("apply_async :", pool.apply_async(function_square, (20,)).get())
    result = pool.map_async(function_square, [1, 2, 3],
                            callback=lambda squares: print("map_async has come to", squares, flush=True))
    print("map_async   :", result.get())

    try:
        pool.map(divide, [3, 2, 0, 1])
    except ZeroDivisionError as error:
        print("divide:", error)  # the error does not say which item it was

    result = pool.map_async(fragile, [10, 11, 12, 13, 14, 15], chunksize=2)
    try:
        result.get(timeout=0.01)
    except multiprocessing.TimeoutError:
        print("12 and 13 do not come back; without a time-out this would wait for ever")
    print("the pool goes on:", pool.map(function_square, [4, 5, 6]))
    # close and join would wait for the lost chunk, too.
    pool.terminate()
    pool.join()
    try:
        pool.apply(function_square, (2,))
    except ValueError as error:
        print("after close:", error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
