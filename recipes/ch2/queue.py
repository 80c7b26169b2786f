"""Hand items to several consumers through a queue: the Python twin of ch2.queue."""
# compare: more work: --items 2000
import sys

sys.path.append(sys.path.pop(0))  # this file is called queue, too: look for the module elsewhere first

import argparse  # noqa: E402
import os  # noqa: E402
import queue  # noqa: E402
import random  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402

NO_MORE = object()  # tells one consumer to end; Python 3.13 has Queue.shutdown


def through_queue(items, consumers, chance, pause):
    """The book's program, with an end."""
    q = queue.Queue()
    done = []  # appending is atomic

    def produce():
        for _ in range(items):
            item = chance.randint(0, 256)
            say(f"Producer notify : item N° {item} appended to queue by {threading.current_thread().name}")
            q.put(item)
            pause(1)

    def consume():
        name = threading.current_thread().name
        while True:
            item = q.get()
            if item is NO_MORE:
                q.task_done()
                say("no more items")
                return
            say(f"Consumer notify : {item} popped from queue by {name}")
            done.append(item)
            q.task_done()

    producer = threading.Thread(target=produce, name="Thread-1")
    others = [threading.Thread(target=consume, name=f"Thread-{i + 2}") for i in range(consumers)]
    for thread in [producer, *others]:
        thread.start()
    producer.join()
    q.join()
    say(f"{len(done)} of {items} items are done")
    for _ in others:  # without these the consumers wait without end
        q.put(NO_MORE)
    for thread in others:
        thread.join()
    return done


def through_simple_queue(items, consumers):
    """A kind of queue that knows no task_done and has no bound."""
    q = queue.SimpleQueue()
    received = []

    def consume():
        while (item := q.get()) is not NO_MORE:
            received.append(item)

    threads = [threading.Thread(target=consume) for _ in range(consumers)]
    for thread in threads:
        thread.start()
    for item in [*items, *[NO_MORE] * consumers]:
        q.put(item)
    for thread in threads:
        thread.join()
    say(f"the same through a SimpleQueue: {len(items)} sent, {len(received)} received")


def in_their_orders():
    """Three kinds of queue give back what was put into them."""

    def put_and_get(q):
        for item in (2, 3, 1):
            q.put(item)
        return " ".join(str(q.get()) for _ in range(3))

    oldest, newest, least = (put_and_get(kind()) for kind in (queue.Queue, queue.LifoQueue, queue.PriorityQueue))
    say(f"put 2 3 1; got oldest first [{oldest}], newest first [{newest}], least first [{least}]")


def wait_or_not():
    """Put and get: waiting, not waiting, waiting for a time."""
    q = queue.Queue(1)
    q.put("first")
    at_once = failure(lambda: q.put_nowait("second"))
    in_time = failure(lambda: q.put("second", timeout=0.01))
    say(f"at once: {at_once}; within 10 ms: {in_time}")

    def put_second():
        q.put("second")
        say("put second as soon as there was room")

    putter = threading.Thread(target=put_second)
    putter.start()
    say("get, which makes room")
    first = q.get()
    putter.join()
    say(f"got {first}, then {q.get()}")
    at_once = failure(q.get_nowait)
    in_time = failure(lambda: q.get(timeout=0.01))
    say(f"at once: {at_once}; within 10 ms: {in_time}")


def failure(call):
    try:
        call()
    except (queue.Full, queue.Empty) as error:
        return f"queue.{type(error).__name__}"
    return "no error"


printing = threading.Lock()  # without it some of Python 3.8 to 3.12 lose lines that threads print at once


def say(line):
    try:
        with printing:  # which writes text and line break separately
            print(line)
    except BrokenPipeError:
        os._exit(1)  # the reader has gone; end all threads, also those that wait for this one


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10, help="items to produce, one a second")
    parser.add_argument("--consumers", type=int, default=3, help="threads that consume them")
    parser.add_argument("--seed", type=int, help="repeat the numbers of another run")
    parser.add_argument("--speed", default="20", help="divide every pause by this; max: no pauses")
    args = parser.parse_args()
    if not 0 <= args.items <= 100_000 or not 1 <= args.consumers <= 1000:
        parser.error("want --items of 0 to 100000 and --consumers of 1 to 1000")
    speed = float("inf") if args.speed == "max" else float(args.speed)

    done = through_queue(args.items, args.consumers, random.Random(args.seed), lambda seconds: time.sleep(seconds / speed))
    through_simple_queue(done, args.consumers)
    in_their_orders()
    wait_or_not()


if __name__ == "__main__":
    main()
