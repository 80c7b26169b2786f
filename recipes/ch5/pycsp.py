"""Let processes speak by channels alone: the Python twin of ch5.pycsp."""
# compare: no ratio: PyCSP is in no package of a system; this is its idea with threading and queue, and its processes are threads
import argparse
import queue
import threading


class Ended(Exception):
    """The channel is poisoned."""


class Channel:
    """Hands over one value at a time: write waits until its value has been read. Readers and writers may be several."""

    def __init__(self, name, writers=1):
        self.name, self.writers = name, writers
        self.turn = threading.Condition()
        self.values, self.written, self.read_so_far = [], 0, 0
        self.poisoned = False

    def write(self, value):
        with self.turn:
            self.turn.wait_for(lambda: self.poisoned or not self.values)
            if self.poisoned:
                raise Ended(f"write to channel {self.name}: the channel is poisoned")
            self.values.append(value)
            self.written += 1
            mine = self.written
            self.turn.notify_all()
            self.turn.wait_for(lambda: self.poisoned or self.read_so_far >= mine)
            if self.read_so_far < mine:
                raise Ended(f"write to channel {self.name}: the channel is poisoned")

    def read(self):
        with self.turn:
            self.turn.wait_for(lambda: self.poisoned or self.values or not self.writers)
            if self.poisoned or not self.values:
                raise Ended(f"read from channel {self.name}: the channel is poisoned")
            self.read_so_far += 1
            self.turn.notify_all()
            return self.values.pop()

    def poison(self):
        with self.turn:
            self.poisoned = True
            self.turn.notify_all()

    def retire(self):
        with self.turn:
            self.writers -= 1
            self.turn.notify_all()


def parallel(*processes):
    threads = [threading.Thread(target=p, args=args) for p, *args in processes]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


printing = threading.Lock()  # without it some of Python 3.8 to 3.12 lose lines that threads print at once


def say(line):
    with printing:
        print(line, flush=True)


def count_to(to, count):
    i = 0
    try:
        while count is None or i < count:
            to.write(i)
            i += 1
    except Ended as end:
        say(f"ends: {end}")
    finally:
        to.poison()


def print_from(source, enough):
    try:
        while enough is None or enough > 0:
            say(f"{source.read()}")
            enough = None if enough is None else enough - 1
    except Ended as end:
        say(f"ends: {end}")
    finally:
        source.poison()


def square(source, to):
    try:
        while True:
            i = source.read()
            to.write(i * i)
    except Ended as end:
        say(f"ends: {end}")
    finally:
        source.poison()
        to.poison()


def exchange(writers, readers, each):
    c, got = Channel("c", writers), []

    def write():
        for i in range(each):
            c.write(i)
        c.retire()

    def read():
        try:
            while True:
                got.append(c.read())  # appending is atomic
        except Ended:
            pass

    parallel(*[(write,)] * writers, *[(read,)] * readers)
    return got


def alternate(fair):
    """Chooses seven times. The module queue has no select: each queue is asked in turn, and nothing waits for several."""
    names, queues, order, first = ["urgent", "routine", "skip"], [queue.Queue(), queue.Queue()], [], 0
    for q in queues:
        for i in range(3):
            q.put(i)
    for _ in range(7):
        for k in range(len(names)):
            i = (first + k) % len(names)
            try:
                if i < len(queues):
                    queues[i].get_nowait()
            except queue.Empty:
                continue
            order.append(names[i])
            first = (i + 1) % len(names) if fair else 0
            break
    return " ".join(order)


def pipeline():
    a, b = Channel("A"), Channel("B")
    parallel((count_to, a, None), (square, a, b), (print_from, b, 3))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5, help="numbers that the counter writes")
    parser.add_argument("--each", type=int, default=20, help="values of each writer, for each kind of channel")
    parser.add_argument("--stretch", type=lambda s: s == "true", nargs="?", const=True, default=True,
                        help="here it says only that queue and threading have no channels between machines")
    parser.add_argument("--speed", default="20", help="nothing pauses here")
    parser.add_argument("--seed", type=int, help="nothing is random here")
    args = parser.parse_args()

    a = Channel("A")
    parallel((count_to, a, args.count), (print_from, a, None))
    for name, writers, readers in ("one2one", 1, 1), ("one2any", 1, 3), ("any2one", 3, 1), ("any2any", 3, 3):
        say(f"{name}, {writers} to {readers}: {len(exchange(writers, readers, args.each))} values")
    say(f"PriSelect:  {alternate(fair=False)}")
    say(f"FairSelect: {alternate(fair=True)}")
    pipeline()
    if args.stretch:
        say("channels between processes: not with threading and queue")


if __name__ == "__main__":
    main()
