"""Interleave tasks on one thread of control: the Python twin of ch4.async-model."""
import argparse
import asyncio
import math
import selectors
import threading
import time

NAMES = "ABC"


class BookClock:
    """It moves by the time that a step stands for, however long the step takes."""

    def __init__(self, speed):
        self.speed, self.now = speed, 0.0

    def spend(self, seconds):
        self.now += seconds
        time.sleep(seconds / self.speed)


class BookSelector(selectors.SelectSelector):
    """What an event loop sleeps in, on a BookClock."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def select(self, timeout=None):
        if timeout:
            self.clock.spend(timeout)
            timeout = 0
        return super().select(timeout)


class BookLoop(asyncio.SelectorEventLoop):
    """An event loop on the time of a BookClock, computing included."""

    def __init__(self, clock):
        self.clock = clock
        super().__init__(BookSelector(clock))

    def time(self):
        return self.clock.now


class Record:
    """What the tasks did, and when, by the clock of their model."""

    def __init__(self, now):
        self.now, self.lock = now, threading.Lock()
        self.spans, self.total, self.computing, self.most = [], 0, 0, 0

    def add(self, computing, *spans):
        with self.lock:
            self.spans += spans
            self.total = self.now()
            self.computing += computing
            self.most = max(self.most, self.computing)

    async def run(self, task, wait, compute):
        for name, waiting, computing in task:
            begun = self.now()
            await wait(waiting)
            resumed = self.now()
            due = min(begun + waiting, resumed)
            self.add(+1, (name, "─", begun, due), (name, "░", due, resumed))
            compute(computing)
            self.add(-1, (name, "█", resumed, self.now()))

    def draw(self, title, column, width):
        print(title)
        rows = {name: [" "] * width for name in NAMES + " "}
        for name, glyph, begin, end in self.spans:
            for i in range(int(begin / column + 0.5), min(int(end / column + 0.5), width)):
                rows[name][i] = glyph
                if glyph == "█":
                    rows[" "][i] = name
        for name, row in rows.items():
            if name != " " or self.most == 1:
                print(f"{name}  │{''.join(row)}│", flush=True)


def on_loop(speed, *tasks):
    """Runs the tasks interleaved on one loop. A single task runs its steps in sequence."""
    clock = BookClock(speed)
    record = Record(lambda: clock.now)
    loop = BookLoop(clock)

    async def interleave():
        await asyncio.gather(*(record.run(task, asyncio.sleep, clock.spend) for task in tasks))

    try:
        loop.run_until_complete(interleave())
    finally:
        loop.close()
    return record


def by_threads(speed, *tasks):
    begun = time.perf_counter()
    record = Record(lambda: time.perf_counter() - begun)
    together = threading.Barrier(len(tasks))

    def body(task):
        met = False

        async def wait(seconds):
            time.sleep(seconds / speed)

        def compute(seconds):
            nonlocal met
            if not met:
                met = True
                together.wait()
            time.sleep(seconds / speed)

        try:
            record.run(task, wait, compute).send(None)  # it never waits for a loop, so this runs all of it
        except StopIteration:
            pass

    threads = [threading.Thread(target=body, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return record


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waits", type=int, default=1, choices=range(3), help="factor for every wait; 0: none")
    parser.add_argument("--speed", default="20", help="divide every pause by this; max has no pauses")
    args = parser.parse_args()
    speed = math.inf if args.speed == "max" else float(args.speed)

    w = args.waits
    a = [("A", 0, 1), ("A", 2 * w, 1), ("A", 3 * w, 1)]
    b = [("B", 0, 1), ("B", 3 * w, 2), ("B", 1 * w, 1)]
    c = [("C", 0, 2), ("C", 1 * w, 1), ("C", 2 * w, 1)]
    column = max(1, w) / 2
    width = int((11 + 12 * w) / column)

    sequence = on_loop(speed, a + b + c)
    sequence.draw(f"one after another, in book time: {sequence.total:g}s", column, width)
    loop = on_loop(speed, a, b, c)
    loop.draw(f"interleaved, in book time: {loop.total:g}s", column, width)
    threads = by_threads(speed, a, b, c)
    column *= threads.total / max(3 + 5 * w, 4 + 4 * w)
    threads.draw(f"all at once, in real time: {threads.total * 1000:.3f}ms", column, width)


if __name__ == "__main__":
    main()
