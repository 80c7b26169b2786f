"""Let processes wait for each other: the Python twin of ch3.primitives."""
import argparse
import multiprocessing
import os
import signal
import sys
import time

# A forked child has the functions of this program, wherever the program came from.
mp = multiprocessing.get_context("fork")


class Shared:
    """What each process gets. Python sends no locks around: children inherit them."""

    def __init__(self, processes, places, pause):
        self.processes, self.places, self.pause = processes, places, pause
        self.lock = mp.Lock()
        self.event = mp.Event()
        self.condition = mp.Condition()
        self.semaphore = mp.Semaphore(places)
        self.rlock = mp.RLock()
        self.barrier = mp.Barrier(processes + 1)  # all processes and main
        self.left = mp.Semaphore(0)
        self.number = mp.Value("q", 0)
        self.here = mp.Value("q", 0)


def use_lock(s, me, say):
    for _ in range(1000):
        with s.lock:
            s.number.value += 1
    say("added 1, 1000 times")


def use_event(s, me, say):
    if me == 1:
        s.here.value = 1
        say("giving the signal")
        s.event.set()
    s.event.wait()
    say("going on")
    with s.number.get_lock():  # += is two steps here
        s.number.value += s.here.value


def use_condition(s, me, say):
    with s.condition:
        s.condition.wait_for(lambda: s.number.value == me - 1)
        say(f"took {s.number.value}, giving {me}")
        s.number.value = me
        s.condition.notify_all()


def use_semaphore(s, me, say):
    with s.semaphore:
        with s.here.get_lock():
            s.here.value += 1
            here = s.here.value
        with s.number.get_lock():
            s.number.value += here > s.places
        say(f"inside, in place {here} of {s.places}")
        time.sleep(s.pause)
        with s.here.get_lock():
            s.here.value -= 1


def use_rlock(s, me, say):
    with s.rlock:
        with s.rlock:
            say("acquired it 2 times")
            s.number.value += 2


def use_barrier(s, me, say):
    with s.number.get_lock():
        s.number.value += 1
    say("arriving")


def hold_lock(s, me, say):
    if me == 1:
        s.lock.acquire()
        say("holding the lock")
        s.number.value += 1


def uses(s):
    return [
        ("Lock: one at a time changes a number, in two steps", 1000 * s.processes, use_lock),
        ("Event: all wait for a signal of p1", s.processes, use_event),
        ("Condition: each waits until it has its number", s.processes, use_condition),
        (f"Semaphore: it lets in {s.places} at a time", 0, use_semaphore),
        ("RLock: a process that holds it may acquire it again", 2 * s.processes, use_rlock),
        ("Barrier: nobody goes on before all are there", s.processes, use_barrier),
        ("Lock: the process that holds it is killed", 1, hold_lock),
    ]


def user(s, me):
    def say(text):
        print(f"p{me}: {text}", flush=True)

    for _, _, use in uses(s):
        s.barrier.wait()
        use(s, me, say)
        s.barrier.wait()
    if me == 1:
        s.left.release()  # killed inside the barrier, it would leave the others there for ever
        signal.pause()
    # Without the time-out this would wait for ever: the lock does not know which process held it.
    got = s.lock.acquire(timeout=0.01)
    say(f"acquire(timeout=0.01) returned {got}: nobody gets this lock again")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=4, help="processes that use each primitive")
    parser.add_argument("--places", type=int, default=2, help="places that the semaphore gives out")
    parser.add_argument("--speed", default="20", help="divides the pauses; max: none")
    args = parser.parse_args()
    if not 2 <= args.processes <= 50 or not 1 <= args.places <= 50:
        parser.error("want 2 to 50 processes and 1 to 50 places")
    pause = 0 if args.speed == "max" else 0.5 / float(args.speed)

    s = Shared(args.processes, args.places, pause)
    processes = [mp.Process(target=user, args=(s, i + 1), daemon=True) for i in range(args.processes)]
    for p in processes:
        p.start()
    for about, want, _ in uses(s):
        print(about, flush=True)
        s.number.value = s.here.value = 0
        s.barrier.wait()
        s.barrier.wait()
        if s.number.value != want:
            print(f"{s.number.value}, where {want} was wanted")
            return 1

    print("kill -9 p1", flush=True)
    s.left.acquire()
    os.kill(processes[0].pid, signal.SIGKILL)
    for p in processes:
        p.join()
    print(f"p1 (pid {processes[0].pid}, exit code {processes[0].exitcode})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
