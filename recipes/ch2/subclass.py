"""Make a kind of thread of your own: the Python twin of ch2.subclass."""
# compare: more work: --ticks 2000
import argparse
import datetime
import threading


class ExitFlag:
    """Is raised after a number of ticks of all threads together."""

    def __init__(self, after):
        self.left = after
        self.lock = threading.Lock()
        self.raised = threading.Event()

    def ticked(self):
        with self.lock:
            self.left -= 1
            if self.left == 0:
                self.raised.set()


class ClockThread(threading.Thread):
    def __init__(self, name, delay, ticks, exit_flag):
        super().__init__(name=name)
        self.delay = delay
        self.ticks = ticks
        self.exit_flag = exit_flag

    def run(self):
        say(f"Starting {self.name}")
        for _ in range(self.ticks):
            if self.exit_flag.raised.wait(self.delay):  # a pause that the flag can end
                break
            say(f"{self.name}: {datetime.datetime.now().time().isoformat('milliseconds')}")
            self.exit_flag.ticked()
        say(f"Exiting {self.name}")


def set_timers():
    """Two threads of a kind that is there already: Timer is derived from Thread, too."""
    fired = []
    soon, late = threading.Timer(0.001, fired.append, [1]), threading.Timer(3600, fired.append, [1])
    soon.start()
    late.start()
    late.cancel()
    soon.join()
    late.join()
    print(f"of 2 timers {len(fired)} fired, and the other was cancelled")


printing = threading.Lock()  # without it some of Python 3.8 to 3.12 lose lines that threads print at once


def say(line):
    with printing:  # which writes text and line break separately
        print(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=5, help="ticks of each thread")
    parser.add_argument("--exit-after", type=int, default=0,
                        help="raise the exit flag after this number of ticks of both together; 0 is never")
    parser.add_argument("--speed", type=speed, default=20, help="divides the pauses; max: none")
    args = parser.parse_args()
    if args.ticks < 1:
        parser.error(f"--ticks {args.ticks}: want at least 1")
    if not 0 <= args.exit_after <= 2 * args.ticks:
        parser.error(f"--exit-after {args.exit_after}: want 0 to {2 * args.ticks}, the ticks of both together")

    flag = ExitFlag(args.exit_after)
    threads = [
        ClockThread("Thread-1", 1 / args.speed, args.ticks, flag),
        ClockThread("Thread-2", 2 / args.speed, args.ticks, flag),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    set_timers()
    print("Exiting Main Thread")


def speed(text):
    number = float("inf") if text == "max" else float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text}: want a number above 0, or max")
    return number


if __name__ == "__main__":
    main()
