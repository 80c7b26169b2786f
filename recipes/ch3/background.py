"""Run a process in the background: the Python twin of ch3.background."""
import argparse
import atexit
import multiprocessing
import time


def foo(pause):
    name = multiprocessing.current_process().name
    say(f"Starting {name}")
    time.sleep(pause)
    say(f"Exiting {name}")


def parent():
    child = multiprocessing.Process(target=foo, args=(0,))
    try:
        child.start()
    except AssertionError as error:
        say(f"start a child: {error}")


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other process can print in between


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--join", action="store_true", help="join the daemon as well before the main program ends")
    parser.add_argument("--speed", default=20, type=speed, help="divides the pauses; max: none")
    args = parser.parse_args()

    # What is registered first is called last. multiprocessing registers at the first start of a process, so this line comes after
    # the daemon is ended and the other is joined.
    atexit.register(say, "main program: NO_background_process is over, background_process too")
    multiprocessing.set_start_method("fork")
    sterile = multiprocessing.Process(target=parent, daemon=True)
    sterile.start()
    sterile.join()

    pause = 3 / args.speed
    daemon = multiprocessing.Process(name="background_process", target=foo, daemon=True,
                                     args=(pause if args.join else 1e6,))
    other = multiprocessing.Process(name="NO_background_process", target=foo, args=(pause,))
    daemon.start()
    other.start()
    if args.join:
        daemon.join()
    # The end of the main program: Python terminates the daemon and then joins both.


def speed(text):
    number = float("inf") if text == "max" else float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text}: want a number above 0, or max")
    return number


if __name__ == "__main__":
    main()
