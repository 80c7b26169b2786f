"""Define a thread and wait for its end: the Python twin of ch2.define."""
# compare: more work: --count 1000
import argparse
import threading


printing = threading.Lock()  # without it some of Python 3.8 to 3.12 lose lines that threads print at once


def function(i):
    with printing:  # which writes text and line break separately
        print(f"function called by thread {i}")


def named(i):
    with printing:
        print(f"function called by thread {i}, named {threading.current_thread().name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5, help="threads to start in each of the three parts")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.count <= 10_000:
        parser.error(f"--count {args.count}: want 1 to 10000")

    # Joined in the loop. (The names keep these threads out of the count of the unnamed ones.)
    for i in range(args.count):
        thread = threading.Thread(target=function, args=(i,), name=f"thread {i}")
        thread.start()
        thread.join()

    # Joined after the loop.
    run_all([threading.Thread(target=function, args=(i,), name=f"thread {i}") for i in range(args.count)])

    # With default names, to which Python adds the target's name since 3.10.
    run_all([threading.Thread(target=named, args=(i,)) for i in range(args.count)])


def run_all(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
