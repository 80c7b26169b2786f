"""Weigh threads against processes: the Python twin of ch1.threads-processes."""
# compare: no ratio: Go starts and weighs goroutines as well, which Python does not have
import argparse
import multiprocessing
import os
import re
import statistics
import threading
import time

# fork copies this process as it is. It is what lets the twin run from standard input.
processes = multiprocessing.get_context("fork")


def change(variable):
    variable[0] += 1
    return os.getpid(), variable[0]


def in_thread(variable):
    seen = []
    thread = threading.Thread(target=lambda: seen.append(change(variable)))
    thread.start()
    thread.join()
    return seen[0]


def in_process(variable):
    here, there = processes.Pipe(duplex=False)
    child = processes.Process(target=lambda: there.send(change(variable)))
    child.start()
    seen = here.recv()
    child.join()
    return seen


def share():
    print(f"in process {os.getpid()} a variable is 1")
    for call in in_thread, in_process:
        variable = [1]
        process, value = call(variable)
        print(f"in process {process} I have made it {value}")
        print(f"here it is {variable[0]}")


def resident(pid):
    """Memory that is really there, in KiB; None where the system does not say."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return int(re.search(r"VmRSS:\s*(\d+)", status.read())[1])
    except (OSError, TypeError):
        return None


def weigh_threads(n):
    release = threading.Event()
    before = resident(os.getpid())
    threads = [threading.Thread(target=release.wait) for _ in range(n)]
    for thread in threads:
        thread.start()
    after = resident(os.getpid())
    release.set()
    for thread in threads:
        thread.join()
    return None if before is None else max(0, after - before) / n


def weigh_process():
    release = processes.Event()
    child = processes.Process(target=release.wait)
    child.start()
    weight = resident(child.pid)
    release.set()
    child.join()
    return weight


def cost(rounds, threads):
    def median(call, times):
        took = []
        for _ in range(rounds + 1):
            begun = time.perf_counter()
            for _ in range(times):
                call([1])
            took.append((time.perf_counter() - begun) / times)
        return statistics.median(took[1:])  # the first warms up

    starts = [median(in_thread, 20), median(in_process, 1)]
    weights = [weigh_threads(threads), weigh_process()]
    print("                 start     × thread         memory")
    for name, start, weight in zip(["OS thread", "process"], starts, weights):
        memory = "not known here" if weight is None else f"{weight:.1f} KiB"
        print(f"{name:<9}  {start * 1e6:8.1f} µs {start / starts[0]:12.0f} {memory:>14}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="measure each start this many times and take the median")
    parser.add_argument("--goroutines", type=int, default=10_000, help="Python has none; all twins have this flag")
    parser.add_argument("--threads", type=int, default=50, help="threads that wait at once, to measure their memory")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    share()
    cost(args.rounds, args.threads)


if __name__ == "__main__":
    main()
