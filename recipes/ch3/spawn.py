"""Start a process and wait for its end: the Python twin of ch3.spawn."""
# compare: more work: --count 30
import argparse
import multiprocessing
import os


def foo(i):
    print(f"called function in process: {i} (pid {os.getpid()})\n", end="", flush=True)  # one write per line


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5, help="processes to start in each of two ways")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.count <= 100:
        parser.error(f"--count {args.count}: want 1 to 100")

    # A forked child is a copy of this process, so it has every function. With spawn, as on Windows and macOS, it would be a
    # fresh interpreter that imports this file to find foo.
    context = multiprocessing.get_context("fork")
    print(f"this is process {os.getpid()}", flush=True)

    # Joined in the loop.
    for i in range(args.count):
        process = context.Process(target=foo, args=(i,))
        process.start()
        process.join()

    # Joined after the loop.
    processes = [context.Process(target=foo, args=(i,)) for i in range(args.count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    # A lambda has no name by which another process could import it.
    try:
        multiprocessing.reduction.ForkingPickler.dumps(lambda i: 0)
    except (AttributeError, multiprocessing.reduction.pickle.PicklingError) as error:
        print(f"a lambda cannot be sent to a process: {error}")


if __name__ == "__main__":
    main()
