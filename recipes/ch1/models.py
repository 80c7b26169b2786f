"""Count letters in four programming models: the Python twin of ch1.models."""
import argparse
import multiprocessing
import os
import queue
import random
import statistics
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

BLOCK = 4 << 10
USUAL = " " * 18 + "eeeeeeeeeeeetttttttttaaaaaaaaoooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddllllcccuuummmwwffggyyppbbvkjxqz"


def write_text(blocks):
    """Random letters and blanks."""
    return ["".join(random.choices(USUAL, k=BLOCK)) for _ in range(blocks)]


def count_block(block):
    histogram = Counter(block)
    del histogram[" "]
    return histogram


def at_once(workers, work):
    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def shared(pieces):
    """One histogram that all can reach; a worker holds the lock while it counts a piece."""

    def count(blocks, workers):
        lock = threading.Lock()
        histogram = Counter()

        def work(worker):
            for block in blocks[worker::workers]:
                for piece in pieces(block):
                    with lock:
                        histogram.update(piece)

        at_once(workers, work)
        del histogram[" "]
        return histogram

    return count


def fork_join(blocks, workers):
    """Each worker has a histogram of its own; they are merged when all have joined."""

    def part(worker):
        own = Counter()
        for block in blocks[worker::workers]:
            own.update(block)
        del own[" "]
        return own

    with ThreadPoolExecutor(workers) as executor:
        return sum(executor.map(part, range(workers)), Counter())


def messages(blocks, workers):
    """One owner of the histogram; the others send it what they have counted."""
    counted = queue.Queue()

    def work(worker):
        for block in blocks[worker::workers]:
            counted.put(count_block(block))

    sender = threading.Thread(target=at_once, args=(workers, work))
    sender.start()
    histogram = Counter()
    for _ in blocks:
        histogram.update(counted.get())
    sender.join()
    return histogram


def data_parallel(blocks, workers):
    """out[i] is the histogram of blocks[i]. The workers are processes, so here Python computes in parallel."""
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        out = pool.map(count_block, blocks)
    histogram = Counter()
    for of_block in out:
        histogram.update(of_block)
    return histogram


def medians(rounds, works):
    """All works in turn, once to warm up and then in each round."""
    times = [[] for _ in works]
    results = [None] * len(works)
    for turn in range(rounds + 1):
        for i, work in enumerate(works):
            begun = time.perf_counter()
            results[i] = work()
            if turn > 0:
                times[i].append(time.perf_counter() - begun)
    return [statistics.median(t) for t in times], results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=256, help="blocks of text, of 4 KiB each")
    parser.add_argument("--workers", type=int, default=4, help="threads that count; in the last model, processes")
    parser.add_argument("--seed", type=int, default=None, help="the same random numbers again")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.blocks <= 65536 or not 1 <= args.workers <= 1000:
        parser.error("--blocks, --workers: want 1 to 65536 blocks and 1 to 1000 workers")

    random.seed(args.seed)
    blocks = write_text(args.blocks)
    models = [
        ("one worker", 1, fork_join),
        ("shared memory, a lock per word", args.workers, shared(str.split)),
        ("shared memory, a lock per block", args.workers, shared(lambda block: [block])),
        ("fork-join, parts merged", args.workers, fork_join),
        ("message passing, one owner", args.workers, messages),
        ("data parallel, out[i] for block i", args.workers, data_parallel),
    ]
    works = [lambda count=count, workers=workers: count(blocks, workers) for _, workers, count in models]
    times, results = medians(5, works)
    print(f"{args.blocks} blocks of 4 KiB, {args.workers} workers, {os.cpu_count()} processors")
    print(f"{'model':<34} {'ms':>8} {'MB/s':>6} {'ratio':>6}")
    for (name, _, _), t in zip(models, times):
        print(f"{name:<34} {1000 * t:8.3f} {args.blocks * BLOCK / 1e6 / t:6.0f} {times[0] / t:6.2f}")
    if any(result != results[0] for result in results):
        raise SystemExit("the models do not agree")


if __name__ == "__main__":
    main()
