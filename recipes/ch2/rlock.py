"""Take a lock that you already hold: the Python twin of ch2.rlock."""
# compare: more work: --items 5000
import argparse
import math
import threading
import time


class Box:
    """Every method takes the lock: execute too, although add and remove already hold it."""

    def __init__(self, lock, patience=-1):
        self.lock = lock
        self.patience = patience
        self.items = 0

    def execute(self, n):
        if not self.lock.acquire(timeout=self.patience):
            raise TimeoutError("adder holds plain lock, waits for plain lock, held by itself")
        try:
            self.items += n
        finally:
            self.lock.release()

    def add(self):
        with self.lock:
            self.execute(+1)

    def remove(self):
        with self.lock:
            self.execute(-1)


class SplitBox:
    """execute expects the lock to be held, so that a plain Lock is enough."""

    def __init__(self):
        self.lock = threading.Lock()
        self.items = 0

    def execute(self, n):
        self.items += n

    def add(self):
        with self.lock:
            self.execute(+1)


printing = threading.Lock()  # without it some of Python 3.8 to 3.12 lose lines that threads print at once


def say(text):
    """Print a line in one piece: print writes the line break separately, and another thread may print in between."""
    with printing:
        print(text)


def run_together(*bodies):
    threads = [threading.Thread(target=body) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def fill_and_empty(items, pause):
    box = Box(threading.RLock())

    def work(doing, change):
        for _ in range(items):
            say(f"{doing} 1 item in the box")
            change()
            time.sleep(pause)

    say(f"putting {items} items in the box")
    run_together(lambda: work("adding", box.add), lambda: work("removing", box.remove))
    say(f"{box.items} items still remain in the box")


def release_rlock(depth):
    lock = threading.RLock()
    for _ in range(depth):
        lock.acquire()
    say(f"acquired to depth {depth}")

    def release():
        try:
            lock.release()
        except RuntimeError as error:
            say(f"release box lock: {error}")

    def look():
        # An RLock of 3.11 does not tell whether it is taken, so another thread has to try.
        nonlocal locked
        locked = not lock.acquire(blocking=False)
        if not locked:
            lock.release()

    run_together(release)
    locked = True
    for n in range(1, depth + 1):
        lock.release()
        run_together(look)
        say(f"after release {n}: locked {str(locked).lower()}")


def add_under_plain_lock():
    box = Box(threading.Lock(), patience=0.01)  # without a time-out the adder would wait without end

    def add():
        try:
            box.add()
        except TimeoutError as error:
            say(f"acquire plain lock: {error}")

    say("putting 1 item in a box with a plain lock")
    run_together(add)


def fill_split_box(items):
    box = SplitBox()

    def add():
        for _ in range(items):
            box.add()

    run_together(add, add)
    say(f"{box.items} items in a box whose execute leaves the locking to add")


def speed(text):
    """A number above 0, or max for no pauses."""
    number = math.inf if text == "max" else float(text)
    if not number > 0:
        raise ValueError(text)
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=5, help="items to add and to remove")
    parser.add_argument("--depth", type=int, default=3, help="acquire the lock this many times before it is released")
    parser.add_argument("--speed", type=speed, default=20, help="divide every pause by this number; max has no pauses")
    args = parser.parse_args()
    if args.items < 1 or not 1 <= args.depth <= 1000:
        parser.error("want 1 item or more, and a depth of 1 to 1000")

    fill_and_empty(args.items, 1 / args.speed)
    release_rlock(args.depth)
    add_under_plain_lock()
    fill_split_box(args.items)


if __name__ == "__main__":
    main()
