"""Find out which thread is running: the Python twin of ch2.current."""
import argparse
import threading
import time


printing = threading.Lock()  # without it some of Python 3.8 to 3.12 lose lines that threads print at once


def says(what):
    """No argument tells who is calling; the interpreter knows."""
    with printing:  # which writes text and line break separately
        print(f"{threading.current_thread().name} {what}")


def work(pause):
    says("is Starting")
    time.sleep(pause)
    says("is Exiting")


def run_all(threads):
    threads = list(threads)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def exit_backwards(pause, names):
    """Each thread waits for the exit of the next one before its own."""
    exited = [threading.Event() for _ in range(len(names) + 1)]
    exited[-1].set()  # the last waits for none

    def body(i):
        says("is Starting")
        time.sleep(pause)
        exited[i + 1].wait()
        if i == len(names) - 1:  # all others wait for this one
            says("sees alive: " + ", ".join(thread.name for thread in threading.enumerate()))
        says("is Exiting")
        exited[i].set()

    run_all(threading.Thread(name=name, target=body, args=(i,)) for i, name in enumerate(names))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", default="first_function,second_function,third_function",
                        help="one name for each thread; an empty one stands for a thread without a name")
    parser.add_argument("--speed", default=20, type=speed, help="divides the pauses; max: none")
    args = parser.parse_args()
    names = args.names.split(",")
    pause = 2 / args.speed

    run_all(threading.Thread(name=name, target=work, args=(pause,)) for name in names)
    run_all(threading.Thread(name=name, target=work, args=(pause,)) for name in names[:-1] + [None])
    exit_backwards(pause, names)


def speed(text):
    number = float("inf") if text == "max" else float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text}: want a number above 0, or max")
    return number


if __name__ == "__main__":
    main()
