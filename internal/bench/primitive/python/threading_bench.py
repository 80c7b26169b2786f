"""What threading and queue cost on this interpreter: nanoseconds per operation.

Where two threads take part, an operation is there and back, unless it says otherwise.

    start_join    start a thread that does nothing, join it
    lock          acquire and release a Lock that nobody else wants
    lock_of_two   the same in two threads at once, the acquisitions of both counted
    rlock         acquire and release an RLock that nobody else wants
    semaphore     acquire and release a Semaphore that nobody else wants
    condition     two threads take turns: notify the other one, wait for it
    event         two threads take turns: set an event, wait for the other one's, clear that
    barrier       two threads meet at a Barrier
    queue         an item through a Queue for 64, from one thread to three others
"""
import contextlib
import queue
import threading
import time

import rounds

CONSUMERS, CAPACITY = 3, 64


def nothing():
    """What a thread is started for."""


def start_join(count):
    begin = time.perf_counter_ns()
    for _ in range(count):
        thread = threading.Thread(target=nothing)
        thread.start()
        thread.join()
    return time.perf_counter_ns() - begin


def take(lock, count):
    begin = time.perf_counter_ns()
    for _ in range(count):
        lock.acquire()
        lock.release()
    return time.perf_counter_ns() - begin


def with_partner(mine, partners):
    """Let two threads play, of which this is one."""
    other = threading.Thread(target=partners)
    begin = time.perf_counter_ns()
    other.start()
    mine()
    other.join()
    return time.perf_counter_ns() - begin


def lock_of_two(count):
    lock = threading.Lock()

    def play():
        take(lock, count // 2)

    return with_partner(play, play)


def condition(count):
    turns = threading.Condition()
    turn = 0

    def play(me):
        nonlocal turn
        with turns:
            for _ in range(count):
                while turn != me:
                    turns.wait()
                turn = 1 - me
                turns.notify()

    return with_partner(lambda: play(0), lambda: play(1))


def event(count):
    ping, pong = threading.Event(), threading.Event()

    def serve():
        for _ in range(count):
            ping.set()
            pong.wait()
            pong.clear()

    def answer():
        for _ in range(count):
            ping.wait()
            ping.clear()
            pong.set()

    return with_partner(serve, answer)


def barrier(count):
    meeting = threading.Barrier(2)

    def play():
        for _ in range(count):
            meeting.wait()

    return with_partner(play, play)


def through_queue(count):
    items = queue.Queue(CAPACITY)

    def consume():
        while items.get() is not None:
            pass

    consumers = [threading.Thread(target=consume) for _ in range(CONSUMERS)]
    for thread in consumers:
        thread.start()
    begin = time.perf_counter_ns()
    for i in range(count):
        items.put(i)
    for _ in consumers:
        items.put(None)
    for thread in consumers:
        thread.join()
    return time.perf_counter_ns() - begin


@contextlib.contextmanager
def threads(part):
    yield {
        "start_join": (start_join, 2_000 // part),
        "lock": (lambda n: take(threading.Lock(), n), 500_000 // part),
        "lock_of_two": (lock_of_two, 200_000 // part),
        "rlock": (lambda n: take(threading.RLock(), n), 500_000 // part),
        "semaphore": (lambda n: take(threading.Semaphore(), n), 100_000 // part),
        "condition": (condition, 5_000 // part),
        "event": (event, 5_000 // part),
        "barrier": (barrier, 5_000 // part),
        "queue": (through_queue, 20_000 // part),
    }


if __name__ == "__main__":
    rounds.main(__doc__, [threads])
