"""Give a process a name: the Python twin of ch3.name."""
import argparse
import multiprocessing
import time


def foo(pause):
    name = multiprocessing.current_process().name
    say(f"Starting {name}")
    time.sleep(pause)
    say(f"Exiting {name}")


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other process can print in between


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="foo_process", help="name of the first process; empty: the default name")
    parser.add_argument("--daemon", action="store_true", help="make the first process a daemon, as the book's listing does")
    parser.add_argument("--speed", default=20, type=speed, help="divides the pauses; max: none")
    args = parser.parse_args()

    multiprocessing.set_start_method("fork")
    pause = 3 / args.speed
    with_name = multiprocessing.Process(name=args.name or None, target=foo, args=(pause,), daemon=args.daemon)
    with_default_name = multiprocessing.Process(target=foo, args=(pause,))
    with_name.start()
    with_default_name.start()
    # There is no join here: at the end of the main program Python terminates the daemons and joins all.


def speed(text):
    number = float("inf") if text == "max" else float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text}: want a number above 0, or max")
    return number


if __name__ == "__main__":
    main()
