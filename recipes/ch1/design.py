"""Share uneven tasks among workers: the Python twin of ch1.design."""
# compare: no ratio: a unit of work is 300 steps in Go and 30 in Python, so that both take a time that can be measured
import argparse
import math
import queue
import random
import statistics
import sys
import threading
import time
from collections import deque

MASK = 2**64 - 1


def do_task(task, size):
    x = task
    for _ in range(30 * size):  # in Go a unit is 300 steps
        x = (x * 6364136223846793005 + 1442695040888963407) & MASK
    return x


class Managed:
    """A manager hands out shares of eight pieces to others, which hand the pieces out to their own workers."""

    def __init__(self, managers, grain, tasks, workers):
        self.grain, self.tasks = grain, tasks
        self.shares = queue.Queue(maxsize=1)
        self.pieces = [queue.Queue(maxsize=1) for _ in range(managers)]
        self.threads = [threading.Thread(target=self.manage)]
        for m, pieces in enumerate(self.pieces):
            own_workers = len(range(m, workers, managers))
            self.threads.append(threading.Thread(target=self.manage_below, args=(pieces, own_workers)))
        for thread in self.threads:
            thread.start()

    def manage(self):
        for start in range(0, self.tasks, 8 * self.grain):
            self.shares.put(start)
        for _ in self.pieces:
            self.shares.put(None)  # a queue cannot be closed: each receiver needs a sign that it is over

    def manage_below(self, pieces, workers):
        while (share := self.shares.get()) is not None:
            for start in range(share, min(share + 8 * self.grain, self.tasks), self.grain):
                pieces.put(start)
        for _ in range(workers):
            pieces.put(None)

    def next(self, w):
        return self.pieces[w % len(self.pieces)].get()

    def join(self):
        for thread in self.threads:
            thread.join()


class Queues:
    """No manager: each worker takes the first piece of its own queue, and later the last of others in its reach."""

    def __init__(self, reach, grain, tasks, workers):
        self.reach = reach
        self.queues = [deque() for _ in range(workers)]
        for start in range(0, tasks, grain):
            self.queues[start * workers // tasks].append(start)

    def next(self, w):
        for i in range(self.reach):
            others = self.queues[(w + i) % len(self.queues)]
            try:  # a deque's two ends are safe for threads, so no lock is needed
                return others.pop() if i else others.popleft()
            except IndexError:
                pass
        return None

    def join(self):
        pass


class Trial:
    def __init__(self, name, mapping, number, grain):
        self.name, self.mapping, self.number, self.grain = name, mapping, number, grain

    def piece(self, start, sizes):
        return range(start, min(start + self.grain, len(sizes)))

    def work(self, sizes, workers):
        mapping = self.mapping(self.number, self.grain, len(sizes), workers)
        results = [0] * workers

        def run(w):
            while (start := mapping.next(w)) is not None:
                for task in self.piece(start, sizes):
                    results[w] += do_task(task, sizes[task])

        threads = [threading.Thread(target=run, args=(w,)) for w in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        mapping.join()
        return sum(results)

    def count(self, sizes, workers):
        """Each worker has a clock that counts units. The next piece goes to the one whose clock is behind all others."""
        mapping = self.mapping(self.number, self.grain, len(sizes), workers)
        loads, clocks = [0] * workers, [0] * workers
        while min(clocks) < math.inf:
            w = clocks.index(min(clocks))
            if (start := mapping.next(w)) is None:
                clocks[w] = math.inf
            else:
                clocks[w] += sum(sizes[task] for task in self.piece(start, sizes))
                loads[w] = clocks[w]
        mapping.join()
        return loads


def medians(works, rounds):
    """The median time of each work, all in turn."""
    times = [[] for _ in works]
    for _ in range(rounds):
        for work, own in zip(works, times):
            begun = time.perf_counter()
            work()
            own.append(time.perf_counter() - begun)
    return [statistics.median(own) for own in times]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=2000, help="number of tasks, most of them small")
    parser.add_argument("--workers", type=int, default=4, help="number of workers")
    parser.add_argument("--grain", type=int, default=8, help="tasks that go to a worker in one piece")
    parser.add_argument("--seed", type=int, help="the same random numbers for the same seed")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    tasks, workers, grain = args.tasks, args.workers, args.grain
    if not (2000 <= tasks <= 100_000 and 2 <= workers <= 16 and 1 <= grain <= 2000):
        parser.error("--tasks, --workers, --grain: want 2000 to 100000 tasks, 2 to 16 workers, and a grain of 1 to 2000")

    source = random.Random(args.seed)
    sizes = [int(min(200, 1 / (1 - source.random()))) for _ in range(tasks)]
    total = sum(sizes)
    print(f"decomposition: {tasks} tasks of 1 to {max(sizes)} units, {total} in all")
    print("assignment: a worker is told numbers and hands back a sum")
    print(f"agglomeration: grain {grain}, which makes {math.ceil(tasks / grain)} pieces")
    print(f"mapping: {workers} workers, four ways")

    trials = [Trial("static", Queues, 1, grain), Trial("dynamic", Managed, 1, grain),
              Trial("hierarchical", Managed, 2, grain), Trial("stealing", Queues, workers, grain)]
    trials += [Trial("dynamic", Managed, 1, size) for size in (1, 4, 16, 64, math.ceil(tasks / workers))]
    loads = [trial.count(sizes, workers) for trial in trials]
    print("mapping       makespan  loads of the workers, in units")
    for trial, load in list(zip(trials, loads))[:4]:
        print(f"{trial.name:<12}  {max(load):8}  [{' '.join(map(str, load))}]")
    if any(sum(load) != total for load in loads):
        sys.exit("units were lost")

    results = set()
    times = medians([lambda trial=trial: results.add(trial.work(sizes, workers)) for trial in trials], rounds=5)
    print("mapping       grain  pieces  max/mean  units/ms  ratio")
    for trial, load, took in zip(trials, loads, times):
        uneven, rate = max(load) * workers / total, total / took / 1000
        print(f"{trial.name:<12}  {trial.grain:5}  {math.ceil(tasks / trial.grain):6}  {uneven:8.2f}  {rate:8.0f}  {times[0] / took:5.2f}")
    if len(results) != 1:
        sys.exit("the mappings came to different results")


if __name__ == "__main__":
    main()
