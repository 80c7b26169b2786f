"""Let tasks wait for each other: the Python twin of ch4.primitives."""
# compare: more work: --tasks 100
import argparse
import asyncio
import math


def check(claim, holds):
    if not holds:
        raise SystemExit(f"it does not hold that {claim}")


async def start(n, body):
    """Makes task 1 to task n, lets each run to its first wait and returns them."""
    tasks = [asyncio.create_task(body(f"task {i}"), name=f"task {i}") for i in range(1, n + 1)]
    await asyncio.sleep(0)  # one turn of the loop
    return tasks


async def show_lock(n, second):
    lock = asyncio.Lock()
    await lock.acquire()

    async def body(name):
        async with lock:
            print(f"{name} has the lock")
            await asyncio.sleep(second)

    tasks = await start(n, body)
    print("main releases the lock and wants it again")
    lock.release()
    await lock.acquire()  # stands in line behind the others
    print("main has the lock")
    lock.release()
    await asyncio.gather(*tasks)


async def show_event(n, second):
    event = asyncio.Event()

    async def body(name):
        await event.wait()
        print(f"{name} goes on")

    tasks = await start(n, body)
    print("main sets the event and clears it")
    event.set()
    event.clear()
    await asyncio.gather(*tasks)
    check("the event is clear", not event.is_set())


async def show_semaphore(n, second):
    room = asyncio.Semaphore(2)
    inside = most = 0  # plain numbers, because no other task runs between two waits

    async def body(name):
        nonlocal inside, most
        async with room:
            inside += 1
            most = max(most, inside)
            print(f"{name} is in the room")
            await asyncio.sleep(second)
            inside -= 1

    print("main opens a room for two")
    tasks = await start(n, body)
    check("there is no third place", room.locked())
    await asyncio.gather(*tasks)
    check("no more than two tasks were in the room", most == 2)


async def show_queue(n, second):
    queue = asyncio.Queue(2)
    job, done = 1, 0
    while not queue.full():
        queue.put_nowait(job)
        job += 1
    print(f"main finds no place for job {job}")

    async def worker(name):
        nonlocal done
        while True:
            job = await queue.get()
            await asyncio.sleep(second or 0.001)  # or a worker that comes back takes the job of one that waits
            print(f"{name} has done job {job}")
            done += 1
            queue.task_done()

    workers = await start(n, worker)
    for job in range(job, 2 * n + 1):
        await queue.put(job)  # waits until a worker has made room
    await queue.join()
    print("main knows that all jobs are done")
    check("all jobs were done when join returned", done == 2 * n and queue.empty())
    for task in workers:
        task.cancel()  # Queue.shutdown came with Python 3.13
    await asyncio.gather(*workers, return_exceptions=True)


async def meet(n, second):
    for show in (show_lock, show_event, show_semaphore, show_queue):
        await show(n, second)


def speed(text):
    """A number above 0, or max for no pauses."""
    number = math.inf if text == "max" else float(text)
    if not number > 0:
        raise ValueError(text)
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=3, help="tasks that wait for each primitive, 2 to 100")
    parser.add_argument("--speed", type=speed, default=20, help="divide every pause by this number; max has no pauses")
    args = parser.parse_args()
    if not 2 <= args.tasks <= 100:
        parser.error(f"--tasks {args.tasks}: want 2 to 100")

    asyncio.run(meet(args.tasks, 1 / args.speed))


if __name__ == "__main__":
    main()
