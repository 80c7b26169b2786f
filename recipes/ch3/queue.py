"""Hand items to another process through a queue: the Python twin of ch3.queue."""
# compare: more work: --items 1000
import sys

sys.path.append(sys.path.pop(0))  # this file is called queue, too: multiprocessing looks for the module of that name

import argparse  # noqa: E402
import multiprocessing  # noqa: E402
import random  # noqa: E402
import time  # noqa: E402

END = None  # what the producer puts when nothing more will come


def pause(seconds, speed):
    if speed != "max":
        time.sleep(seconds / float(speed))


def producer(queue, items, speed, seed):
    name = multiprocessing.current_process().name
    numbers = random.Random(seed)
    for _ in range(items):
        item = numbers.randint(0, 256)
        queue.put(item)
        print(f"Process Producer : item {item} appended to queue {name}", flush=True)
        pause(1, speed)
        try:
            print(f"The size of queue is {queue.qsize()}", flush=True)
        except NotImplementedError:  # macOS
            print("The size of queue is not known here", flush=True)
    queue.put(END)


def consumer(queue, speed, taken):
    name = multiprocessing.current_process().name
    while True:
        pause(2, speed)
        item = queue.get()
        if item is END:
            print("the queue is empty and closed", flush=True)
            return
        print(f"Process Consumer : item {item} popped from by {name}", flush=True)
        taken.value += 1
        pause(1, speed)


def hasty_consumer(queue, taken):
    """The book's consumer: it ends as soon as it finds the queue empty."""
    while not queue.empty():
        queue.get()
        taken.value += 1
    print("the queue is empty", flush=True)


def returner(there, back):
    customer, _, books, prices = there.get()
    books.reverse()
    back.put((customer, multiprocessing.current_process().name, books, prices))


def run_all(*processes):
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10, help="numbers that the producer makes")
    parser.add_argument("--capacity", type=int, default=0, help="numbers that the queue has room for; 0: no limit")
    parser.add_argument("--speed", default="20", help="divide every pause by this; max: no pauses")
    parser.add_argument("--seed", type=int, help="seed of the random numbers")
    args = parser.parse_args()
    # A forked child knows the functions of this program as they are, wherever it was read from.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else None)

    queue, taken = context.Queue(args.capacity), context.Value("i", 0)
    run_all(context.Process(target=hasty_consumer, args=(queue, taken), name="hasty"))
    print(f"it took {taken.value} of {args.items} items", flush=True)

    run_all(context.Process(target=producer, args=(queue, args.items, args.speed, args.seed), name="producer-1"),
            context.Process(target=consumer, args=(queue, args.speed, taken), name="consumer-2"))
    print(f"it took {taken.value} of {args.items} items", flush=True)

    there, back = context.Queue(1), context.Queue(1)
    order = ("Rashmi", None, ["Go", "Python"], {"Go": 37, "Python": 42})
    there.put(order)
    run_all(context.Process(target=returner, args=(there, back), name="clerk"))
    print("an order went to another process and came back:", *back.get())


if __name__ == "__main__":
    main()
