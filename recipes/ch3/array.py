"""Let processes work on the same numbers: the Python twin of ch3.array."""
# compare: more work: --times 20000
import sys

sys.path.append(sys.path.pop(0))  # a file called queue.py lies beside this one, and multiprocessing wants the module

import argparse  # noqa: E402
import multiprocessing  # noqa: E402
import random  # noqa: E402


def work(me, times, squares, counts, accounts, places, seats):
    # Every process has a number of its own, and no other one writes it.
    squares[me] = me * me
    print(f"stored {squares[me]}", flush=True)

    # += is two steps, so it needs the lock, which all numbers of an array share.
    for _ in range(times):
        with counts.get_lock():
            counts[random.randrange(len(counts))] += 1
    for _ in range(times):
        source, to = random.randrange(len(accounts)), random.randrange(len(accounts))
        with accounts.get_lock():
            accounts[source] -= 0.5
            accounts[to] += 0.5

    with places:
        with seats.get_lock():
            seat = seats[:].index(0)
            seats[seat] = 1
        print("sits down", flush=True)
        seats[seat] = 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=4, help="processes that work on the numbers")
    parser.add_argument("--times", type=int, default=1000, help="number of times that each process counts and moves money")
    parser.add_argument("--places", type=int, default=2, help="number of seats, and of the semaphore's places")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not (1 <= args.processes <= 50 and 0 <= args.times <= 100_000 and 1 <= args.places <= 50):
        parser.error("want 1 to 50 processes, 0 to 100000 times and 1 to 50 places")

    # A forked child knows the functions of this program as they are, wherever it was read from.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else None)
    squares, counts = context.Array("q", args.processes), context.Array("q", 10)
    accounts, seats = context.Array("d", 3), context.Array("q", args.places)
    places = context.BoundedSemaphore(args.places)
    workers = [context.Process(target=work, args=(me, args.times, squares, counts, accounts, places, seats))
               for me in range(args.processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    print("squares:", squares[:])
    print("digits drawn:", sum(counts))
    assert sum(accounts) == 0
    try:
        places.release()
    except ValueError as error:
        print(error)


if __name__ == "__main__":
    main()
