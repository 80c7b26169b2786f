"""Share out work over a pool of processes: the Python twin of ch3.pool."""
import sys

sys.path.append(sys.path.pop(0))  # a file called queue.py lies beside this one, and multiprocessing wants the module

import argparse  # noqa: E402
import multiprocessing  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
  # noqa: E402
  # noqa: E402
def function_square(data):  # noqa: E402
    return data * data  # noqa: E402
  # noqa: E402
  # noqa: E402
def divide(data):  # noqa: E402
    return 12 // data  # noqa: E402
  # noqa: E402
  # noqa: E402
def fragile(data):  # noqa: E402
    if data == 13:  # noqa: E402
        os.kill(os.getpid(), signal.SIGKILL)  # noqa: E402
    return data  # noqa: E402
  # noqa: E402
  # noqa: E402
def pid(_):  # noqa: E402
    return os.getpid()  # noqa: E402
  # noqa: E402
  # noqa: E402
def main():  # noqa: E402
    parser = argparse.ArgumentParser(description=__doc__)  # noqa: E402
    parser.add_argument("--workers", type=int, default=4, help="processes in the pool")  # noqa: E402
    parser.add_argument("--count", type=int, default=100, help="numbers to square")  # noqa: E402
    parser.add_argument("--chunk", type=int, default=0, help="numbers that a process gets at once; 0 leaves it to the pool")  # noqa: E402
    parser.add_argument("--retries", type=int, default=1, help="taken for symmetry: Python's pool sends nothing again")  # noqa: E402
    parser.add_argument("--speed", default="20", help="no pauses here; taken so that all twins take it")  # noqa: E402
    args = parser.parse_args()  # noqa: E402
    if not 1 <= args.workers <= 64 or args.count < 1 or args.chunk < 0:  # noqa: E402
        parser.error("want 1 to 64 workers, at least 1 number, and a chunk of at least 0")  # noqa: E402
  # noqa: E402
    # A forked child knows the functions of this program already. A spawned one would have to import them.  # noqa: E402
    pool = multiprocessing.get_context("fork").Pool(processes=args.workers)  # noqa: E402
    inputs = list(range(args.count))  # noqa: E402
    outputs = pool.map(function_square, inputs, chunksize=args.chunk or None)  # noqa: E402
    for at in range(0, len(outputs), 10):  # noqa: E402
        print("Pool:", *(f"{square:4d}" for square in outputs[at:at + 10]))  # noqa: E402
    print("processes that had a part in it:", len(set(pool.map(pid, inputs, chunksize=1))))  # noqa: E402
  # noqa: E402
    print("apply       :", pool.apply(function_square, (12,)))  # noqa: E402
    print("apply_async :", pool.apply_async(function_square, (20,)).get())  # noqa: E402
    result = pool.map_async(function_square, [1, 2, 3],  # noqa: E402
                            callback=lambda squares: print("map_async has come to", squares, flush=True))  # noqa: E402
    print("map_async   :", result.get())  # noqa: E402
  # noqa: E402
    try:  # noqa: E402
        pool.map(divide, [3, 2, 0, 1])  # noqa: E402
    except ZeroDivisionError as error:  # noqa: E402
        print("divide:", error)  # which item it was, nobody says  # noqa: E402
  # noqa: E402
    result = pool.map_async(fragile, [10, 11, 12, 13, 14, 15], chunksize=2)  # noqa: E402
    try:  # noqa: E402
        result.get(timeout=0.5)  # noqa: E402
    except multiprocessing.TimeoutError:  # noqa: E402
        print("12 and 13 do not come back; without a time-out this would wait for ever")  # noqa: E402
    print("the pool goes on:", pool.map(function_square, [4, 5, 6]))  # noqa: E402
    # close and join would wait for the lost chunk, too.  # noqa: E402
    pool.terminate()  # noqa: E402
    pool.join()  # noqa: E402
    try:  # noqa: E402
        pool.apply(function_square, (2,))  # noqa: E402
    except ValueError as error:  # noqa: E402
        print("after close:", error)  # noqa: E402
    return 0  # noqa: E402
  # noqa: E402
  # noqa: E402
if __name__ == "__main__":  # noqa: E402
    sys.exit(main())  # noqa: E402
