"""Release a lock whatever happens: the Python twin of ch2.with."""
import argparse
import logging
import sys
import threading


def hold_with(lock, body):
    with lock:
        body()


def hold_and_finally(lock, body):
    lock.acquire()
    try:
        body()
    finally:
        lock.release()


def hold_bare(lock, body):
    """Does not get to its last line if body raises."""
    lock.acquire()
    body()
    lock.release()


GUARDS = {"with": hold_with, "defer": hold_and_finally, "none": hold_bare}


class Numbered(threading.Thread):
    """A thread named Thread-N and no more (Python 3.10 and later add the name of the function), that keeps its error."""

    made = 0

    def __init__(self, target):
        Numbered.made += 1
        super().__init__(name=f"Thread-{Numbered.made}")
        self.target = target
        self.error = None

    def run(self):
        try:
            self.target()
        except Exception as error:
            self.error = error


def hold_each_twice(everything):
    for name, lock in everything:
        t1 = Numbered(lambda: hold_with(lock, lambda: logging.debug("%s acquired via with", name)))
        t2 = Numbered(lambda: hold_and_finally(lock, lambda: logging.debug("%s acquired directly", name)))
        t1.start()
        t2.start()
        t1.join()
        t2.join()


def drop_a_plate():
    raise RuntimeError("dropped a plate")


def raise_inside(everything, hold):
    for name, lock in everything:
        visitor = Numbered(lambda: hold(lock, drop_a_plate))
        visitor.start()
        visitor.join()
        free = lock.acquire(blocking=False)
        if free:
            lock.release()
        print(f"{visitor.name} raised: {visitor.error}; {name} is free: {str(free).lower()}")


def with_in_loop():
    lock = threading.Lock()
    turns = 0
    for _ in range(2):
        with lock:
            turns += 1
    print(f"a with in a loop: {turns} of 2 turns got the lock")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guard", choices=GUARDS, default="with",
                        help="what releases after an exception: with, defer (here: finally) or none")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()

    # logging knows the thread and is safe to use from all of them.
    logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, format="(%(threadName)s) %(message)s")
    everything = [
        ("Lock", threading.Lock()),
        ("RLock", threading.RLock()),
        ("Condition", threading.Condition()),
        ("Semaphore", threading.Semaphore(1)),
    ]
    hold_each_twice(everything)
    raise_inside(everything, GUARDS[args.guard])
    with_in_loop()


if __name__ == "__main__":
    main()
