"""Kill a process and read its exit code: the Python twin of ch3.kill."""
import argparse
import multiprocessing
import signal
import sys


def foo():
    print("Starting function\n", end="", flush=True)
    signal.pause()
    print("Finished function")


def leave(status):
    sys.exit(status)


def fail():
    sys.stderr.close()  # otherwise the traceback is printed here
    raise RuntimeError("out of luck")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--status", type=int, default=3, help="the exit status that one of the children asks for")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.status <= 255:
        parser.error(f"--status {args.status}: want 1 to 255")

    multiprocessing.set_start_method("fork")
    p = multiprocessing.Process(target=foo)
    say("Process before execution:", p, p.is_alive())
    p.start()
    say("Process running:", p, p.is_alive())
    p.terminate()
    say("Process terminated:", p, p.is_alive())
    p.join()
    say("Process joined:", p, p.is_alive())
    say("Process exit code:", p.exitcode)

    children = [
        multiprocessing.Process(name="well", target=leave, args=(0,)),
        multiprocessing.Process(name="exits", target=leave, args=(args.status,)),
        multiprocessing.Process(name="fails", target=fail),
        multiprocessing.Process(name="killed", target=foo),
    ]
    for p in children:
        p.start()
    for p in children:
        if p.name == "killed":
            p.kill()
        p.join()
        say(f"{p.name:6}  exit code {p.exitcode:3}")


def say(*what):
    print(*what, flush=True)  # a fork copies what is still in the buffer


if __name__ == "__main__":
    main()
