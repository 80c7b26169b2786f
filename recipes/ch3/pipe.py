"""Connect processes with pipes: the Python twin of ch3.pipe."""
# compare: more work: --items 1000
import sys

sys.path.append(sys.path.pop(0))  # a twin beside this file is called queue: look for the module elsewhere first

import argparse  # noqa: E402
import multiprocessing  # noqa: E402


def create_items(pipe, items):
    output, other = pipe
    other.close()  # a forked child has both ends, as its parent has
    for item in range(items):
        output.send(item)
    say(f"sent {items} numbers, close")
    output.close()


def multiply_items(first, second):
    unused, source = first
    unused.close()  # otherwise this process would keep its own source open, and wait for ever
    output, other = second
    other.close()
    squared = 0
    try:
        while True:
            item = source.recv()
            output.send(item * item)
            squared += 1
    except EOFError:
        say(f"end of file after {squared} numbers, close")
        output.close()


def squares(context, items):
    """The book's program: create_items, first pipe, multiply_items, second pipe, main."""
    first, second = context.Pipe(True), context.Pipe(True)
    create = context.Process(target=create_items, args=(first, items))
    create.start()
    multiply = context.Process(target=multiply_items, args=(first, second))
    multiply.start()
    for end in (*first, second[0]):  # as long as one copy of the writing end is open, there is no end of file
        end.close()
    try:
        while True:
            say(second[1].recv())
    except EOFError:
        say("End")
    create.join()
    multiply.join()


def lengths(pipe):
    end, other = pipe
    other.close()
    while True:
        word = end.recv()
        say(f"{word}?")
        end.send(len(word))


def both_ways(context):
    other, end = context.Pipe(True)
    process = context.Process(target=lengths, args=((other, end),))
    process.start()
    other.close()
    for word in ("pipe", "queue"):
        end.send(word)
        say(f"{word} has {end.recv()} letters")
    try:
        other.send(0)  # an end that was given away
    except OSError as error:
        say(f"send: {error}")
    process.kill()
    process.join()
    for what, act in (("receive", end.recv), ("send", lambda: end.send("kill"))):
        try:
            act()
        except (EOFError, OSError) as error:
            say(f"{what}: {type(error).__name__}")


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other process can print in between


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10, help="numbers to send")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 0 <= args.items <= 1000:
        parser.error(f"--items {args.items}: want 0 to 1000")

    context = multiprocessing.get_context("fork")
    squares(context, args.items)
    both_ways(context)


if __name__ == "__main__":
    main()
