"""Call what blocks while the loop goes on: the Python twin of ch4.run-in-executor."""
# compare: more work: --ticks 1000 --waiting 10000
import argparse
import asyncio
import threading
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor


def make_ready(n):
    print(f"made ready with {n}, before its first function", flush=True)


async def tick_meanwhile(ticks, speed):
    ticked = threading.Event()

    def until_ticked():
        print("blocks", flush=True)
        ticked.wait()  # blocks its thread: no task, and no loop, runs in it
        return ticks * ticks

    async def tick():
        for i in range(1, ticks + 1):
            print(f"tick {i}", flush=True)
            await asyncio.sleep(0 if speed == "max" else 1 / float(speed))
        ticked.set()

    with ThreadPoolExecutor(1, initializer=make_ready, initargs=(ticks,)) as pool:
        ticker = asyncio.create_task(tick())
        square = await asyncio.get_running_loop().run_in_executor(pool, until_ticked)
        print(f"the function that blocked returned {square}")
        await ticker


def cancel_pending(waiting):
    begun, release = threading.Event(), threading.Event()

    def busy():
        begun.set()
        release.wait()

    pool = ThreadPoolExecutor(1)
    pool.submit(busy)
    begun.wait()
    behind = [pool.submit(int, i) for i in range(waiting)]
    pool.shutdown(wait=False, cancel_futures=True)  # there is no way to cancel them all and keep the pool
    print(f"one function runs, {waiting} wait, {sum(future.cancelled() for future in behind)} are taken back")
    release.set()


def break_pool():
    def no_table():
        raise ValueError("there is no table")  # Python logs it, with a traceback

    with ThreadPoolExecutor(1, initializer=no_table) as pool:
        try:
            pool.submit(int, 1).result()
        except BrokenExecutor as error:
            print(error)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=3, help="times that the loop ticks while a function blocks")
    parser.add_argument("--waiting", type=int, default=4, help="functions that wait in the queue to be taken back")
    parser.add_argument("--speed", default="20", help="divide every pause by this; max: no pauses")
    args = parser.parse_args()
    asyncio.run(tick_meanwhile(args.ticks, args.speed))
    cancel_pending(args.waiting)
    break_pool()


if __name__ == "__main__":
    main()
