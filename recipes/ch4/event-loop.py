"""Let functions call each other on an event loop: the Python twin of ch4.event-loop."""
# compare: more work: --seconds 5000
import argparse
import asyncio
import math
import selectors


class BookTime(selectors.DefaultSelector):
    """Waits for a loop. Its clock moves only during a wait, by the full time; the real wait may be shorter."""

    def __init__(self, speed):
        super().__init__()
        self.speed = speed
        self.now = 0.0

    def select(self, timeout=None):
        if not timeout:
            return super().select(timeout)
        events = super().select(timeout / self.speed)
        if not events:
            self.now += timeout
        return events


class PacedLoop(asyncio.SelectorEventLoop):
    """An event loop on that clock."""

    def __init__(self, speed):
        self.clock = BookTime(speed)
        super().__init__(self.clock)

    def time(self):
        return self.clock.now


def called(name, then, end_time, loop):
    """Print that a function was called, and schedule the next one a second later, if that is still in time."""
    print(f"{name} called at {loop.time():g}s")
    if loop.time() + 1.0 < end_time:
        loop.call_later(1.0, then, end_time, loop)
    else:
        loop.stop()


def function_1(end_time, loop):
    called("function_1", function_2, end_time, loop)


def function_2(end_time, loop):
    called("function_2", function_3, end_time, loop)


def function_3(end_time, loop):
    called("function_3", function_1, end_time, loop)


def function_4(end_time, loop):
    called("function_4", function_4, end_time, loop)


def speed(text):
    """A number above 0, or max for no pauses."""
    number = math.inf if text == "max" else float(text)
    if not number > 0:
        raise ValueError(text)
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=9, help="seconds of loop time for the calls")
    parser.add_argument("--with-fourth", action="store_true", help="let function_4, which calls itself, run as well")
    parser.add_argument("--speed", type=speed, default=20, help="divide every pause by this number; max has no pauses")
    args = parser.parse_args()
    if args.seconds < 1:
        parser.error("--seconds: want at least 1")

    loop = PacedLoop(args.speed)
    try:
        end_time = loop.time() + args.seconds
        loop.call_soon(function_1, end_time, loop)
        fourth = loop.call_soon(function_4, end_time, loop)
        if not args.with_fourth:
            fourth.cancel()
        loop.run_forever()
    finally:
        loop.close()


if __name__ == "__main__":
    main()
