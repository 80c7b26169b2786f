"""Start a thread and wait for its end: the Python twin of ch1.thread."""
import argparse
import threading
import time


printing = threading.Lock()  # without it some of Python 3.8 to 3.12 lose lines that threads print at once


def say(line):
    """Print a line in one piece: print writes text and line break separately, and another thread may print in between."""
    with printing:
        print(line)


class CookBook(threading.Thread):
    """Says a message again and again, and its last line only when main has said its own."""

    def __init__(self, times, pause):
        super().__init__()
        self.message = "Hello Parallel Python CookBook!!"
        self.times = times
        self.pause = pause
        self.main_spoke = threading.Event()

    def run(self):
        say("Thread Starting")
        for _ in range(self.times):
            say(self.message)
            time.sleep(self.pause)
        self.main_spoke.wait()
        say("Thread Ended")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10, help="messages that the thread says, one every two seconds")
    parser.add_argument("--pauses", type=int, default=0, help="pauses of two seconds that main makes before its last line")
    parser.add_argument("--speed", default="20", help="a number that divides the pauses, or max")
    args = parser.parse_args()
    pause = 0 if args.speed == "max" else 2 / float(args.speed)

    say("Process Started")
    thread = CookBook(args.messages, pause)
    thread.start()
    for _ in range(args.pauses):
        time.sleep(pause)
    say("Process Ended")

    thread.main_spoke.set()
    # No join: the interpreter waits for the thread before it exits.


if __name__ == "__main__":
    main()
