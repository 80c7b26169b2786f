"""Wait until a buffer has an item, or room for one: the Python twin of ch2.condition."""
# compare: more work: --items 2000
import argparse
import math
import threading
import time


printing = threading.Lock()  # without it some of Python 3.8 to 3.12 lose lines that threads print at once


def say(text):
    """Print a line in one piece: print writes the line break separately, and another thread may print in between."""
    with printing:
        print(text)


class Stock:
    """A buffer of which only the number of items matters."""

    def __init__(self, capacity):
        self.changed = threading.Condition()
        self.capacity = capacity
        self.items = 0

    def put(self):
        with self.changed:
            while self.items == self.capacity:
                say(f"Producer notify : items produced are {self.items}")
                say("Producer notify : stop the production!!")
                self.changed.wait()
            self.items += 1
            say(f"Producer notify : total items produced {self.items}")
            self.changed.notify()

    def take(self):
        with self.changed:
            while self.items == 0:
                say("Consumer notify : no item to consume")
                self.changed.wait()
            self.items -= 1
            say("Consumer notify : consumed 1 item")
            say(f"Consumer notify : items to consume are {self.items}")
            self.changed.notify()


def produce_and_consume(items, capacity, pause):
    stock = Stock(capacity)

    def work(seconds, step):
        for _ in range(items):
            pause(seconds)
            step()

    both = [threading.Thread(target=work, args=(1, stock.put)), threading.Thread(target=work, args=(2, stock.take))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    say(f"{stock.items} items are left")


def wake_two_for_one_item(loop):
    """Both wait, both are notified of a single item. Python does not say which of them gets it."""
    buffer = threading.Condition(threading.Lock())
    items = []
    waits = threading.Semaphore(0)

    def consume(name):
        with buffer:
            while not items:
                say(f"{name} finds no item and waits")
                waits.release()
                buffer.wait()
                if not loop:
                    break  # an if does not look again
            try:
                items.pop()
            except IndexError as error:
                say(f"{name} fails: {error}")
            else:
                say(f"{name} takes the item")

    def put():
        with buffer:
            say("main puts 1 item and notifies all")
            items.append(1)
            buffer.notify_all()

    consumers = [threading.Thread(target=consume, args=(f"consumer {n}",)) for n in (1, 2)]
    for consumer in consumers:
        consumer.start()
        waits.acquire()
    put()
    if loop:
        waits.acquire()
        put()
    for consumer in consumers:
        consumer.join()


def speed(text):
    """A number above 0, or max for no pauses."""
    number = math.inf if text == "max" else float(text)
    if not number > 0:
        raise ValueError(text)
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=20, help="items to produce and to consume")
    parser.add_argument("--capacity", type=int, default=10, help="items that the buffer can hold")
    parser.add_argument("--speed", type=speed, default=20, help="divide every pause by this number; max has no pauses")
    args = parser.parse_args()
    if min(args.items, args.capacity) < 1:
        parser.error("--items and --capacity: each wants at least 1")

    produce_and_consume(args.items, args.capacity, lambda seconds: time.sleep(seconds / args.speed))
    say("two consumers, one item, and an if around the wait")
    wake_two_for_one_item(loop=False)
    say("two consumers, one item, and a loop around the wait")
    wake_two_for_one_item(loop=True)


if __name__ == "__main__":
    main()
