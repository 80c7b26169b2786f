"""Tell a waiting thread with an event: the Python twin of ch2.event."""
# compare: more work: --items 2000
import argparse
import os
import random
import threading
import time


class EventList:
    """A list with an event for threads that found it empty: a fresh one for each pulse."""

    def __init__(self):
        self.lock = threading.Lock()
        self.items = []
        self.ended = False
        self.changed = threading.Event()

    def append(self, item):
        with self.lock:
            self.items.append(item)
            self.pulse()

    def end(self):
        with self.lock:
            self.ended = True
            self.pulse()

    def pulse(self):
        self.changed.set()
        self.changed = threading.Event()  # cleared, while threads that hold the old one see it set

    def pop(self):
        """Look at the list and take the event in hand in one step, so that no pulse falls between."""
        while True:
            with self.lock:
                if self.items:
                    return self.items.pop(0)
                if self.ended:
                    return None
                changed = self.changed
            changed.wait()


def sound(items, chance, pause):
    """The book's program without its faults."""
    shared = EventList()
    popped = []

    def produce():
        producer(items, chance, pause, shared.append)
        shared.end()

    def consume():
        pause(2)
        while (item := shared.pop()) is not None:
            popped.append(item)
            say(f"Consumer notify : {item} popped from list by Thread-2")
            pause(2)

    run(threading.Thread(target=produce, name="Thread-1"), threading.Thread(target=consume, name="Thread-2"))
    say(f"{items} items appended, {len(popped)} popped")


def as_in_book(items, chance, pause):
    """The book's program without the consumer's pause. Its turns are arranged so that its two faults show."""
    event = threading.Event()
    shared = []
    patience = 0.01

    def consume():
        try:
            while event.wait(timeout=patience):
                item = shared.pop()
                say(f"Consumer notify : {item} popped from list by {threading.current_thread().name}")
            say(f"{threading.current_thread().name}: no pulse in {patience} s, and there will never be one")
        except IndexError as error:
            say(f"{threading.current_thread().name}: {error}")

    def append_and_pulse(item):
        shared.append(item)
        event.set()
        event.clear()

    # A pulse reaches only threads that wait when it comes. This consumer sleeps until all pulses are over.
    run(threading.Thread(target=producer, args=(items, chance, pause, append_and_pulse), name="Thread-1"))
    run(threading.Thread(target=consume, name="Thread-2"))
    say(f"items left behind: {len(shared)}")

    # While an event is set no thread waits for it. This consumer pops twice before the event is cleared.
    shared.clear()
    consumer = threading.Thread(target=consume, name="Thread-4")

    def append_and_dawdle(item):
        shared.append(item)
        event.set()
        consumer.start()
        consumer.join()
        event.clear()

    run(threading.Thread(target=producer, args=(1, chance, pause, append_and_dawdle), name="Thread-3"))


def producer(items, chance, pause, pulse):
    name = threading.current_thread().name
    for _ in range(items):
        pause(2)
        item = chance.randint(0, 256)
        say(f"Producer notify : item N° {item} appended to list by {name}")
        say(f"Producer notify : event set by {name}")
        pulse(item)
        say(f"Producer notify : event cleared by {name}")


def run(*threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


printing = threading.Lock()  # without it some of Python 3.8 to 3.12 lose lines that threads print at once


def say(line):
    try:
        with printing:  # which writes text and line break separately
            print(line)
    except BrokenPipeError:
        os._exit(1)  # the reader has gone; end all threads, also those that wait for this one


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10, help="items to append, one every two seconds; the book has 100")
    parser.add_argument("--book", action="store_true", help="run the book's program and force its faults")
    parser.add_argument("--seed", type=int, help="repeat the numbers of another run")
    parser.add_argument("--speed", default="20", help="divide every pause by this; max: no pauses")
    args = parser.parse_args()
    if args.items < 1:
        parser.error("--items: want at least 1")
    speed = float("inf") if args.speed == "max" else float(args.speed)

    program = as_in_book if args.book else sound
    program(args.items, random.Random(args.seed), lambda seconds: time.sleep(seconds / speed))


if __name__ == "__main__":
    main()
