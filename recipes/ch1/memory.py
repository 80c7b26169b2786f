"""See cache lines, cache levels and messages: the Python twin of ch1.memory."""
# compare: no ratio: Go counts with atomic operations in goroutines, in one counter too; Python has none and counts in processes
import argparse
import multiprocessing
import os
import random
import statistics
import time
from array import array

LINE = 8  # numbers of 8 bytes on a cache line of 64
NUMBERS, RANKS = 1 << 20, 4

# A child starts as a copy of its parent, so it knows the functions of this file even if the file came through a pipe.
fork = multiprocessing.get_context("fork")


def medians(rounds, works):
    """All works in turn, once to warm up and then in each round."""
    times = [[] for _ in works]
    for turn in range(rounds + 1):
        for i, work in enumerate(works):
            begun = time.perf_counter()
            work()
            if turn > 0:
                times[i].append(time.perf_counter() - begun)
    return [statistics.median(t) for t in times]


def count_in(memory, first, second, count):
    """Two processes count at once in memory that both see. Only two counters are safe: a shared one would need a lock."""

    def work(at):
        for _ in range(count):
            memory[at] += 1

    children = [fork.Process(target=work, args=(at,)) for at in (first, second)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    total = memory[first] + memory[second]
    memory[first] = memory[second] = 0
    return total


def count_and_send(count):
    receiver, sender = fork.Pipe(duplex=False)

    def work():
        own = 0
        for _ in range(count):
            own += 1
        sender.send(own)

    children = [fork.Process(target=work) for _ in range(2)]
    for child in children:
        child.start()
    total = receiver.recv() + receiver.recv()
    for child in children:
        child.join()
    return total


def show_counting(count):
    memory = fork.RawArray("q", 4 * LINE)
    sums = {}
    rows = [
        ("two counters on one cache line", lambda: count_in(memory, 0, 1, count)),
        ("two counters on two cache lines", lambda: count_in(memory, 0, 2 * LINE, count)),
        ("own variables, sums sent", lambda: count_and_send(count)),
    ]

    def note(about, work):
        sums[about] = work()

    times = medians(5, [lambda row=row: note(*row) for row in rows])
    print(f"two processes count to {count} each, on {os.cpu_count()} processors")
    print(f"{'in':<32} {'ns/add':>7} {'ratio':>7}")
    for (about, _), t in zip(rows, times):
        print(f"{about:<32} {1e9 * t / (2 * count):7.2f} {times[0] / t:7.2f}")
    if set(sums.values()) != {2 * count}:
        raise SystemExit(f"the sums differ: {sums}")


def show_levels(most, reads=1 << 16, rounds=3):
    """A chain of reads, each of which says where the next one is to be made."""
    print("ns per read, by the distance between two reads")
    print(f"{'KiB':>7} {'8 B':>9} {'64 B':>9} {'4 KiB':>9} {'random':>9}")
    at = 0
    size = 16 << 10
    while size <= most:
        row = f"{size >> 10:7}"
        for stride, name in (8, "8 B"), (64, "64 B"), (4096, "4 KiB"), (64, "random"):
            route = array("q", range(0, size // 8, stride // 8))
            following = array("q", bytes(size))
            if name == "random":
                random.shuffle(route)
                for here, there in zip(route, route[1:] + route[:1]):
                    following[here] = there
            else:
                following[::stride // 8] = route[1:] + route[:1]
            at = route[0]

            def walk():
                nonlocal at
                here = at
                for _ in range(reads):
                    here = following[here]
                at = here

            [t] = medians(rounds, [walk])
            if at != route[(1 + rounds) * reads % len(route)]:
                raise SystemExit("a walk lost its way")
            row += f" {1e9 * t / reads:9.2f}"
        print(row)
        size *= 4


def show_messages():
    counter = fork.Value("q", 0)  # comes with a lock

    def add_shared(rank):
        for start in range(rank, NUMBERS, 4096 * RANKS):
            part = sum(range(start + 1, min(start + 4096 * RANKS, NUMBERS) + 1, RANKS))
            with counter.get_lock():
                counter.value += part

    children = [fork.Process(target=add_shared, args=(r,)) for r in range(RANKS)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    print(f"shared memory: {RANKS} processes added to one sum")

    receiver, sender = fork.Pipe(duplex=False)

    def add_own(rank):
        first, last = 1 + rank * NUMBERS // RANKS, (rank + 1) * NUMBERS // RANKS
        sender.send((first, last, sum(range(first, last + 1))))

    children = [fork.Process(target=add_own, args=(r,)) for r in range(RANKS)]
    for child in children:
        child.start()
    received = 0
    for _ in range(RANKS):
        first, last, own = receiver.recv()
        print(f"adds {first} to {last}, sends {own}")
        received += own
    for child in children:
        child.join()
    print(f"distributed memory: {RANKS} sums received and added")
    if counter.value != received:
        raise SystemExit(f"the sums differ: {counter.value} and {received}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1 << 19, help="additions of each process")
    parser.add_argument("--mib", type=int, default=64, help="walk through arrays of 16 KiB up to this number of MiB")
    parser.add_argument("--plot", help="taken so that both sides take it; only the Go side draws")
    parser.add_argument("--seed", type=int, default=None, help="the same random numbers again")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if args.count < 1 or args.mib < 1:
        parser.error("--count, --mib: each wants at least 1")
    random.seed(args.seed)
    show_counting(args.count)
    show_levels(args.mib << 20)
    show_messages()


if __name__ == "__main__":
    main()
