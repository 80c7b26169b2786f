"""Estimate π by tasks on worker processes: the Python twin of ch5.scoop.

SCOOP itself is in few distributions. concurrent.futures has the same map; its workers are on this machine only.
"""
import argparse
import math
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor


def count_hits(task):
    seed, index, samples = task
    own = random.Random(f"{seed} {index}")  # of the task, not of the worker
    hits = 0
    for _ in range(samples):
        x, y = own.random(), own.random()
        if x * x + y * y <= 1:
            hits += 1
    return hits


def report(round_, hits, samples, seconds):
    total = len(hits) * samples
    pi = 4 * sum(hits) / total
    print(f"{len(hits)} tasks of {samples} samples")
    print(f"  hits per task: {sum(hits) / len(hits):.3f}")
    print(f"  pi           : {pi:.6f}")
    print(f"  error        : {100 * abs(pi - math.pi) / math.pi:.6f} %")
    print(f"  seconds      : {seconds:.3f}", flush=True)
    deviation = 4 * math.sqrt(math.pi / 4 * (1 - math.pi / 4) / total)
    assert abs(pi - math.pi) <= 6 * deviation, round_


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds; each has more tasks than the one before")
    parser.add_argument("--step", type=int, default=1000, help="tasks in the first round, and samples in each of them")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.workers <= 64 or not 1 <= args.rounds <= 5 or not 1 <= args.step <= 3000:
        parser.error("want 1 to 64 workers, 1 to 5 rounds and a step of 1 to 3000")

    seed = random.randrange(2**63)
    with ProcessPoolExecutor(args.workers) as executor:
        for round_ in range(1, args.rounds + 1):
            tasks = [(seed, i, round_ * args.step) for i in range(round_ * args.step)]
            begun = time.perf_counter()
            hits = list(executor.map(count_hits, tasks, chunksize=math.ceil(len(tasks) / 64)))
            report(round_, hits, round_ * args.step, time.perf_counter() - begun)
            if round_ == 1:
                assert hits == [count_hits(task) for task in tasks], "the same seed, other hits"
    return 0


if __name__ == "__main__":
    sys.exit(main())
