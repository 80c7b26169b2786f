"""Guard a shared counter with a lock: the Python twin of ch2.lock."""
# compare: more work: --count 1000000
import argparse
import threading
import time


def add_and_subtract_locked(count):
    """Each update happens with the lock held."""
    lock = threading.Lock()
    shared = 0

    def update(by):
        nonlocal shared
        for _ in range(count):
            with lock:
                shared += by

    run_both(lambda: update(+1), lambda: update(-1))
    return shared


def add_and_subtract_in_lockstep(steps):
    """Both read, then one writes, then the other: an update is lost in every step."""
    shared = 0
    adder, subtracter = threading.Semaphore(0), threading.Semaphore(0)

    def add():
        nonlocal shared
        for _ in range(steps):
            read = shared
            subtracter.release()
            adder.acquire()
            shared = read + 1
            subtracter.release()
            adder.acquire()

    def subtract():
        nonlocal shared
        for _ in range(steps):
            subtracter.acquire()
            read = shared
            adder.release()
            subtracter.acquire()
            shared = read - 1
            adder.release()

    run_both(add, subtract)
    return shared


def add_and_subtract_by_chance(steps):
    """Others may run between the read and the write."""
    shared = 0

    def update(by):
        nonlocal shared
        for _ in range(steps):
            read = shared
            time.sleep(0)
            shared = read + by

    run_both(lambda: update(+1), lambda: update(-1))
    return shared


def hold_in_turn(pause):
    """Two threads want one lock at the same time. The adder has it first, and keeps it for a while."""
    lock = threading.Lock()
    taken = threading.Event()

    def hold(name):
        print(f"{name} holds the lock")
        time.sleep(pause)

    def add():
        with lock:
            taken.set()
            hold("adder")

    def subtract():
        taken.wait()
        with lock:
            hold("subtracter")

    run_both(add, subtract)


def run_both(first, second):
    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="updates per thread of the pair with the lock")
    parser.add_argument("--steps", type=int, default=1_000, help="updates per thread of the pairs without a lock")
    parser.add_argument("--rounds", type=int, default=1, help="leave the sum to chance this many times")
    parser.add_argument("--speed", default=20, type=speed, help="divides the pauses; max: none")
    args = parser.parse_args()

    print(f"the value of shared variable with lock management is {add_and_subtract_locked(args.count)}")
    print(f"the value of shared variable with race condition is {add_and_subtract_in_lockstep(args.steps)}")
    wrong = sum(add_and_subtract_by_chance(args.steps) != 0 for _ in range(args.rounds))
    print(f"left to chance, the sum was wrong in {wrong} of {args.rounds} rounds")
    hold_in_turn(0.2 / args.speed)
    try:
        threading.Lock().release()
    except RuntimeError as error:
        print(f"release lock: {error}")


def speed(text):
    number = float("inf") if text == "max" else float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text}: want a number above 0, or max")
    return number


if __name__ == "__main__":
    main()
