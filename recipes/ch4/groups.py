"""Wait for a group of tasks, or not too long: the Python twin of ch4.groups. It needs Python 3.11."""
# compare: more work: --printers 100
import argparse
import asyncio
import concurrent.futures
import logging
import math
import sys
import threading
import time


def check(claim, holds):
    if not holds:
        raise SystemExit(f"it does not hold that {claim}")


class NoPaper(Exception):
    pass


async def show_group(printers, second):
    async def printer(i):
        if i == 1:
            await asyncio.sleep(second)
            print("printer 1 has no paper")
            raise NoPaper("no paper")
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            print(f"printer {i} is cancelled")
            raise

    try:
        async with asyncio.TaskGroup() as group:
            for i in range(1, printers + 1):
                group.create_task(printer(i))
    except ExceptionGroup as errors:
        check("the group has one error", len(errors.exceptions) == 1)
        print(f"main has the group's error: {errors.exceptions[0]}")


async def show_shield(printers, second):
    async def pay():
        await asyncio.sleep(second)
        print("payment ends well")

    payment = asyncio.create_task(pay())
    shield = asyncio.shield(payment)
    shield.cancel()
    try:
        await shield
    except asyncio.CancelledError:
        print("main's wait is cancelled")
    check("the payment is not cancelled", not payment.done())
    await payment


async def show_first(printers, second):
    slow = asyncio.create_task(asyncio.sleep(2 * second or 0.001), name="slow offer")
    fast = asyncio.create_task(asyncio.sleep(second), name="fast offer")
    done, not_done = await asyncio.wait([slow, fast], return_when=asyncio.FIRST_COMPLETED)
    print(f"main has the {done.pop().get_name()}, but not the {not_done.pop().get_name()}")
    await asyncio.wait([slow, fast])


async def show_not_too_long(printers, second):
    async def call():
        try:
            await asyncio.sleep(3600)
        finally:
            print("call is cancelled")
            await asyncio.sleep(second)  # a cancelled task may still wait, to clean up
            print("call is over")

    begun = asyncio.get_running_loop().time()
    try:
        await asyncio.wait_for(call(), second or 0.001)
    except TimeoutError:
        print("main waits no longer")
    check("wait_for waits until the task has ended", asyncio.get_running_loop().time() - begun >= 2 * second)


async def show_answer(printers, second):
    answer = concurrent.futures.Future()

    def body():
        print("the future is set to 42 outside the loop")
        answer.set_result(42)

    thread = threading.Thread(target=body)
    thread.start()
    print(f"main has {await asyncio.wrap_future(answer)}")
    thread.join()


async def show_debug():
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = 0.001
    refused = []

    def body():
        try:
            loop.call_soon(print)  # instead of call_soon_threadsafe
        except RuntimeError as error:
            refused.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()  # blocks the loop
    time.sleep(0.002)  # blocks the loop as well: a task should await asyncio.sleep
    check("call_soon raises an error", refused)
    print("debug mode refuses a call from outside the loop")


async def meet(printers, second):
    for show in (show_group, show_shield, show_first, show_not_too_long, show_answer):
        await show(printers, second)


def speed(text):
    """A number above 0, or max for no pauses."""
    number = math.inf if text == "max" else float(text)
    if not number > 0:
        raise ValueError(text)
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--printers", type=int, default=3, help="tasks in the group, 1 to 100")
    parser.add_argument("--speed", type=speed, default=20, help="divide every pause by this number; max has no pauses")
    args = parser.parse_args()
    if not 1 <= args.printers <= 100:
        parser.error(f"--printers {args.printers}: want 1 to 100")
    if sys.version_info < (3, 11):
        raise SystemExit("asyncio.TaskGroup came with Python 3.11; run this with a newer Python")

    asyncio.run(meet(args.printers, 1 / args.speed))

    slow = []
    logger = logging.getLogger("asyncio")
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
    logger.addFilter(lambda record: slow.append(record.getMessage()) or True)
    asyncio.run(show_debug(), debug=True)
    check("debug mode reports a task that blocks the loop", any("took" in message for message in slow))


if __name__ == "__main__":
    main()
