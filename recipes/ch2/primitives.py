"""Meet the threading module: the Python twin of ch2.primitives."""
# compare: more work: --threads 200
import argparse
import sys
import threading

sys.path.append(sys.path.pop(0))  # another recipe beside this one is called queue: look for Python's own first

import queue  # noqa: E402


def in_threads(n, function):
    """Runs function in n threads, waits until all have ended and returns how many said True."""
    said = [False] * n

    def body(i):
        said[i] = function(i)

    threads = [threading.Thread(target=body, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(said)


def try_thread(n):
    return in_threads(n, lambda i: True) == n


def try_lock(n):
    lock = threading.Lock()
    total = 0

    def add(_):
        nonlocal total
        with lock:
            total += 1
        return True

    in_threads(n, add)
    return total == n


def try_rlock(n):
    lock = threading.RLock()
    for _ in range(n):
        lock.acquire()
    others = in_threads(n, lambda i: lock.acquire(blocking=False))
    for _ in range(n):
        lock.release()
    return others == 0


def try_semaphore(n):
    places = threading.Semaphore(2)
    return in_threads(n, lambda i: places.acquire(blocking=False)) == 2


def try_condition(n):
    turn = 0
    changed = threading.Condition()

    def take_turn(i):
        nonlocal turn
        with changed:
            changed.wait_for(lambda: turn == i)
            turn += 1
            changed.notify_all()
            return turn == i + 1

    return in_threads(n, take_turn) == n


def try_event(n):
    event = threading.Event()
    done = False

    def wait(i):
        nonlocal done
        if i == 0:
            done = True
            event.set()
        event.wait()
        return done

    return in_threads(n, wait) == n


def try_barrier(n):
    there, met = [], []
    barrier = threading.Barrier(n, action=lambda: met.append(len(there) == n))  # the last to come calls it

    def meet(i):
        there.append(i)
        barrier.wait()
        return met == [True]

    return in_threads(n, meet) == n


def try_queue(n):
    numbers = queue.Queue(n)
    got = []

    def put_and_get(i):
        numbers.put(i)
        got.append(numbers.get())
        return True

    in_threads(n, put_and_get)
    return sum(got) == sum(range(n))


def try_timer(n):
    def set_two(_):
        fired, too_late = threading.Event(), threading.Event()
        soon, late = threading.Timer(0.001, fired.set), threading.Timer(3600, too_late.set)
        late.start()
        soon.start()
        soon.join()
        late.cancel()
        late.join()
        return fired.is_set() and not too_late.is_set()

    return in_threads(n, set_two) == n


def try_local(n):
    own = threading.local()
    own.value = "main's"

    def set_own(_):
        own.value = "another's"
        return True

    return in_threads(n, set_own) == n and own.value == "main's"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=5, help="threads that use each primitive")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    n = args.threads
    if not 2 <= n <= 1000:
        parser.error(f"--threads {n}: want 2 to 1000")

    for name, full_name, use, claim, holds in [
        ("Thread", "threading.Thread", f"{n} threads run", "all have run when join returns", try_thread),
        ("Lock", "threading.Lock", f"{n} threads add 1 each", "no addition is lost", try_lock),
        ("RLock", "threading.RLock", f"one thread acquires it {n} times", "no other thread can", try_rlock),
        ("Semaphore", "threading.Semaphore", f"{n} threads try for 2 places", "2 of them get one", try_semaphore),
        ("Condition", "threading.Condition", f"{n} threads wait for their turns", "each goes on in its turn", try_condition),
        ("Event", "threading.Event", f"{n} threads wait, one sets it", "none goes on before it is set", try_event),
        ("Barrier", "threading.Barrier", f"{n} threads wait for each other", "none goes on before all are there", try_barrier),
        ("Queue", "queue.Queue", f"{n} threads put and get a number", "the sum stays the same", try_queue),
        ("Timer", "threading.Timer", f"{n} threads set two and stop one", "the other one fires", try_timer),
        ("local", "threading.local", f"{n} threads set their own", "main's own stays what it was", try_local),
    ]:
        print(f"{name:9}  {full_name:19}  {use}")
        if not holds(n):
            raise SystemExit(f"{name}: it does not hold that {claim}")


if __name__ == "__main__":
    main()
