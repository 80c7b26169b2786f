"""Signal a finished item with a semaphore: the Python twin of ch2.semaphore."""
# compare: more work: --rounds 500
import argparse
import os
import random
import threading
import time


def signal_items(rounds, chance, pause):
    """The semaphore counts the items that are ready, so it begins at 0."""
    semaphore = threading.Semaphore(0)
    item = None

    def producer():
        nonlocal item
        pause(10)
        item = chance.randint(0, 1000)
        say(f"producer notify : produced item number {item}")
        semaphore.release()

    def consumer():
        say("consumer is waiting.")
        semaphore.acquire()
        say(f"Consumer notify : consumed item number {item}")

    for _ in range(rounds):
        run(threading.Thread(target=producer), threading.Thread(target=consumer))
    say("program terminated")
    try:
        threading.Semaphore(-1)
    except ValueError as error:
        say(f"make semaphore: {error}")


def shut_others_out(pause):
    """A semaphore of 1 is a mutex. A mutex is never above 1, so it is bounded."""
    mutex = threading.BoundedSemaphore(1)

    def visit():
        with mutex:
            say(f"is inside; would another be let in? {str(mutex.acquire(blocking=False)).lower()}")
            pause(1)

    run(*(threading.Thread(target=visit) for _ in range(3)))
    try:
        mutex.release()
    except ValueError as error:
        say(f"release mutex: {error}")


def cross_semaphores(patience):
    """Nothing in Python notices a deadlock, so t2 gives up after a while. Otherwise both would wait without end."""
    s1, s2 = threading.Semaphore(1), threading.Semaphore(1)
    each_holds_one = threading.Barrier(2)

    def take_s1_then_s2():
        with s1:
            each_holds_one.wait()
            with s2:
                say("has both")

    def take_s2_then_s1():
        with s2:
            each_holds_one.wait()
            say("deadlock: t1 holds s1, waits for s2; t2 holds s2, waits for s1")
            if s1.acquire(timeout=patience):
                say("has both")
                s1.release()
                return
            say(f"t2 gave up: s1 did not come within {patience} s")

    run(threading.Thread(target=take_s1_then_s2), threading.Thread(target=take_s2_then_s1))


printing = threading.Lock()  # without it some of Python 3.8 to 3.12 lose lines that threads print at once


def say(line):
    try:
        with printing:  # which writes text and line break separately
            print(line)
    except BrokenPipeError:
        os._exit(1)  # the reader has gone; end all threads, also those that wait for this one


def run(*threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="items to produce and consume, one in each round")
    parser.add_argument("--seed", type=int, help="repeat the numbers of another run")
    parser.add_argument("--speed", default="20", help="divide every pause by this; max: no pauses")
    args = parser.parse_args()
    if not 1 <= args.rounds <= 100_000:
        parser.error(f"--rounds {args.rounds}: want 1 to 100000")
    speed = float("inf") if args.speed == "max" else float(args.speed)

    def pause(seconds):
        time.sleep(seconds / speed)

    signal_items(args.rounds, random.Random(args.seed), pause)
    shut_others_out(pause)
    cross_semaphores(patience=0.01)


if __name__ == "__main__":
    main()
