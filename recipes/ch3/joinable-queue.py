"""Wait until every item of a queue is done: the Python twin of ch3.joinable-queue."""
# compare: more work: --items 300
import sys

sys.path.append(sys.path.pop(0))  # a twin beside this file is called queue: look for the module elsewhere first

import argparse  # noqa: E402
import multiprocessing  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402

NO_MORE = None  # ends one consumer; a queue between processes cannot be closed for those that get


def consume(queue, done, pause):
    while True:
        item = queue.get()
        if item is NO_MORE:
            queue.task_done()
            return
        time.sleep(pause)
        say(f"item {item} is done")
        with done.get_lock():
            done.value += 1
        queue.task_done()  # last of all: from here on join may return


def consumers(context, items, count, pause):
    queue, done = context.JoinableQueue(), context.Value("i", 0)
    processes = [context.Process(target=consume, args=(queue, done, pause), name=f"consumer-{i + 1}")
                 for i in range(count)]
    for process in processes:
        process.start()
    for item in range(items):
        queue.put(item)
    queue.join()
    say(f"joined: {done.value} of {items} items are done")
    for _ in processes:
        queue.put(NO_MORE)
    for process in processes:
        process.join()


def hold(queue, taken, finish):
    say(f"item {(item := queue.get())} is taken")
    taken.set()
    finish.wait()
    say(f"item {item} is done")
    queue.task_done()


def take(context, queue, name, item):
    """Put an item and start a process. When this returns, the process has taken the item."""
    taken, finish = context.Event(), context.Event()
    process = context.Process(target=hold, args=(queue, taken, finish), name=name)
    process.start()
    queue.put(item)
    taken.wait()
    return process, finish


def join_for(queue, seconds):
    """Queue.join has no time-out. So a daemon thread waits, perhaps until the program ends."""
    joiner = threading.Thread(target=queue.join, daemon=True)
    joiner.start()
    joiner.join(seconds)
    return not joiner.is_alive()


def taken_is_not_done(context):
    queue = context.JoinableQueue()
    slow, finish = take(context, queue, "slow", 100)
    say(f"in the queue: {0 if queue.empty() else 1}")
    say(f"joined within 10 ms: {join_for(queue, 0.01)}")
    finish.set()
    queue.join()
    slow.join()
    say("joined")

    unlucky, _ = take(context, queue, "unlucky", 101)
    unlucky.kill()
    unlucky.join()
    say(f"joined within 10 ms of its death: {join_for(queue, 0.01)}; without a time-out this would wait for ever")
    queue.task_done()  # any process may call it, even one that took nothing: there is only a counter
    try:
        queue.task_done()
    except ValueError as error:
        say(error)


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other process can print in between


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10, help="items to put into the queue")
    parser.add_argument("--consumers", type=int, default=3, help="processes that take them, one second each")
    parser.add_argument("--speed", default="20", help="divide every pause by this; max: no pauses")
    args = parser.parse_args()
    if not 0 <= args.items <= 1000 or not 1 <= args.consumers <= 50:
        parser.error("want 0 to 1000 items and 1 to 50 consumers")
    speed = float("inf") if args.speed == "max" else float(args.speed)

    context = multiprocessing.get_context("fork")
    consumers(context, args.items, args.consumers, 1 / speed)
    taken_is_not_done(context)


if __name__ == "__main__":
    main()
