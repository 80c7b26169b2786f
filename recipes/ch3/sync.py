"""Let two of four processes go on together: the Python twin of ch3.sync."""
import argparse
import multiprocessing
import sys
from datetime import datetime
from statistics import median
from time import time

# A forked child has the functions of this program, wherever the program came from.
mp = multiprocessing.get_context("fork")


def test_with_barrier(synchronizer, serializer, arrivals, stamps, i, speak):
    name = mp.current_process().name
    with arrivals.get_lock():
        arrivals.value += 1
    synchronizer.wait()
    seen, now = arrivals.value, time()
    stamps[i] = now
    if speak:
        with serializer:
            print(f"process {name} ----> {datetime.fromtimestamp(now):%H:%M:%S.%f}", flush=True)
            print(f"and {seen} had arrived by then", flush=True)


def test_without_barrier(stamps, i, speak):
    name = mp.current_process().name
    now = time()
    stamps[i] = now
    if speak:
        print(f"process {name} ----> {datetime.fromtimestamp(now):%H:%M:%S.%f}", flush=True)


def one_round(synchronizer, serializer, speak):
    """Starts the four processes and returns their time stamps."""
    arrivals, stamps = mp.Value("i", 0), mp.Array("d", 4)
    processes = [
        mp.Process(name=f"p{i + 1} - test_with_barrier", target=test_with_barrier,
                   args=(synchronizer, serializer, arrivals, stamps, i, speak))
        for i in (0, 1)
    ] + [
        mp.Process(name=f"p{i + 1} - test_without_barrier", target=test_without_barrier, args=(stamps, i, speak))
        for i in (2, 3)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return list(stamps)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20,
                        help="start the four processes this many times and compare the times")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.rounds <= 1000:
        parser.error("want 1 to 1000 rounds")

    synchronizer, serializer = mp.Barrier(2), mp.Lock()
    rounds = [one_round(synchronizer, serializer, speak=i == 0) for i in range(args.rounds)]
    print(f"the same {args.rounds} times, and how far the stamps were apart:")
    print(f"{'':18}  {'smallest':>11}  {'median':>11}  {'largest':>11}")
    for who, i in (("p1, p2: barrier", 0), ("p3, p4: no barrier", 2)):
        apart = [abs(stamps[i] - stamps[i + 1]) * 1e6 for stamps in rounds]
        print(f"{who:18}  {min(apart):8.1f} µs  {median(apart):8.1f} µs  {max(apart):8.1f} µs")
    equal = sum(datetime.fromtimestamp(stamps[0]) == datetime.fromtimestamp(stamps[1]) for stamps in rounds)
    print(f"equal to the microsecond, p1 and p2: {equal} of {args.rounds}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
