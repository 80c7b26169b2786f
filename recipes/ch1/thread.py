"""Start a thread and wait for its end: the Python twin of ch1.thread."""
import argparse
import sys
import threading
import time


def say(line):
    """Print a line in one piece: print writes text and line break separately, and another thread may print in between."""
    sys.stdout.write(line + "\n")


class CookBook(threading.Thread):
    """Says a message again and again, and its last line only when main has said its own."""

    def __init__(self, times, pause):
        super().__init__()
        self.message = "Hello Parallel Python CookBook!!"
        self.times = times
        self.pause = pause
        self.said = 0
        self.main_spoke = threading.Event()
        self.cut_off = threading.Event()

    def run(self):
        say("Thread Starting")
        for _ in range(self.times):
            say(self.message)
            self.said += 1
            if self.cut_off.wait(self.pause):  # a pause that can be ended
                return
        self.main_spoke.wait()
        if not self.cut_off.is_set():
            say("Thread Ended")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10, help="messages that the thread says, one every two seconds")
    parser.add_argument("--pauses", type=int, default=0, help="pauses of two seconds that main makes before its last line")
    parser.add_argument("--no-wait", action="store_true", help="do not wait for the thread; cut it off")
    parser.add_argument("--speed", default="20", help="a number that divides the pauses, or max")
    args = parser.parse_args()
    pause = 0 if args.speed == "max" else 2 / float(args.speed)

    say("Process Started")
    thread = CookBook(args.messages, pause)
    thread.start()
    for _ in range(args.pauses):
        time.sleep(pause)
    say("Process Ended")

    if args.no_wait:
        # A daemon thread would be dropped when the interpreter exits. This one is told to end, and joined: its messages can be counted.
        thread.cut_off.set()
        thread.main_spoke.set()
        thread.join()
        say(f"never said: {args.messages - thread.said} of {args.messages} messages, and Thread Ended")
    else:
        thread.main_spoke.set()
        # No join: the interpreter waits for the thread before it exits.


if __name__ == "__main__":
    main()
