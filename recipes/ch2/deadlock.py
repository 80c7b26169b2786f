"""Find a deadlock, and avoid it in three ways: the Python twin of ch2.deadlock."""
import argparse
import math
import random
import threading
import time


class NamedLock:
    """A lock that notes which thread holds it and which wait for it, so that this can be printed: threading.Lock knows neither."""

    def __init__(self, name):
        self.name = name
        self.lock = threading.Lock()
        self.holder = None
        self.waiting = None

    def acquire(self, timeout=-1):
        me = threading.current_thread().name
        self.waiting = me
        got = self.lock.acquire(timeout=timeout)
        if got:
            self.holder, self.waiting = me, None
        return got

    def release(self):
        self.holder = None
        self.lock.release()


class GaveWay(Exception):
    """Ends the wait of the thread that gives way, and with it the deadlock."""


printing = threading.Lock()  # without it some of Python 3.8 to 3.12 lose lines that threads print at once


def say(text):
    """Print a line in one piece: print writes the line break separately, and another thread may print in between."""
    with printing:
        print(text)


class Crossing:
    """Thread-A and Thread-B, which need both locks; if head_on, they take them in opposite orders."""

    def __init__(self, head_on, take_a, take_b, pause, dice):
        self.lock1, self.lock2 = NamedLock("lock 1"), NamedLock("lock 2")
        self.meet = threading.Barrier(2) if head_on else None
        self.pause = pause
        self.dice = dice
        b_order = (self.lock2, self.lock1) if head_on else (self.lock1, self.lock2)
        self.a = self.thread("Thread-A", (self.lock1, self.lock2), take_a)
        self.b = self.thread("Thread-B", b_order, take_b)

    def thread(self, name, locks, take):
        # A daemon, so that the program can end although a thread waits without end.
        thread = threading.Thread(target=self.cross, args=(*locks, take), name=name, daemon=True)
        thread.start()
        return thread

    def cross(self, first, second, take):
        attempt = 1
        try:
            while not self.take_both(first, second, take, attempt):
                attempt += 1
                self.pause(self.dice.random())
        except GaveWay:
            pass

    def take_both(self, first, second, take, attempt):
        me = threading.current_thread().name
        first.acquire()
        try:
            if attempt == 1:
                say(f"{me} holds {first.name}, wants {second.name}")
                if self.meet:
                    self.meet.wait()
            try:
                got = take(second)
            except GaveWay:
                say(f"{me} gives back {first.name}")
                raise
            if not got:
                if attempt == 1:
                    say(f"{me} gives back {first.name}")
                return False
            say(f"{me} has both (attempt {attempt})")
            second.release()
            return True
        finally:
            first.release()

    def join(self):
        self.a.join()
        self.b.join()


def insist(lock):
    return lock.acquire()


def run_into_deadlock(pause, dice):
    give_way = threading.Event()

    def wait_until_told(lock):
        # A wait for a Lock cannot be cancelled: this one looks every millisecond whether it has to give way.
        while not lock.acquire(timeout=0.001):
            if give_way.is_set():
                raise GaveWay
        return True

    crossing = Crossing(True, insist, wait_until_told, pause, dice)
    lock1, lock2 = crossing.lock1, crossing.lock2
    while not (lock1.waiting and lock2.waiting):
        time.sleep(0.001)  # ask again and again: a Lock does not tell which threads wait for it
    for held, wanted in (lock1, lock2), (lock2, lock1):
        say(f"{held.holder} holds {held.name}, waits for {wanted.name} (held by {wanted.holder})")
    give_way.set()
    crossing.join()


def cure(pause, dice, patience):
    def attempt(lock):
        return lock.acquire(timeout=0)

    def wait_a_while(lock):
        return lock.acquire(timeout=patience)

    for n, (how, head_on, take_a) in enumerate([
        ("both take lock 1 first", False, insist),
        ("Thread-A tries, and keeps nothing if it cannot have both", True, attempt),
        ("Thread-A waits for a while, and then gives back", True, wait_a_while),
    ], start=1):
        say(f"cure {n}: {how}")
        Crossing(head_on, take_a, insist, pause, dice).join()


def speed(text):
    """A number above 0, or max for no pauses."""
    number = math.inf if text == "max" else float(text)
    if not number > 0:
        raise ValueError(text)
    return number


def seconds(text):
    """200ms, 2s, or a bare number of seconds."""
    for unit, factor in ("ms", 1e-3), ("s", 1):
        if text.endswith(unit):
            return float(text[:-len(unit)]) * factor
    return float(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patience", type=seconds, default=0.2, help="cure 3: how long Thread-A waits for its second lock")
    parser.add_argument("--speed", type=speed, default=20, help="divide every pause by this number; max has no pauses")
    parser.add_argument("--seed", type=int, help="repeat the random numbers of another run")
    args = parser.parse_args()
    if args.patience < 0:
        parser.error("--patience: want a time that is not negative")

    def pause(duration):
        time.sleep(duration / args.speed)

    dice = random.Random(args.seed)
    run_into_deadlock(pause, dice)
    cure(pause, dice, args.patience / args.speed)


if __name__ == "__main__":
    main()
