"""Let a future call back with its result: the Python twin of ch4.futures."""
import argparse
import asyncio
import math


async def add_up(future, n, step, end):
    """The first coroutine: while it sleeps, the second one runs."""
    total = 0
    for i in range(1, n + 1):
        total += i
        await asyncio.sleep(step)
    await asyncio.sleep(end)
    future.set_result(f"first coroutine (sum of N integers) result = {total}")


async def multiply_up(future, n, step, end):
    """The second coroutine: it begins with 2, so it has one step fewer."""
    product = 1
    for i in range(2, n + 1):
        product *= i
        await asyncio.sleep(step)
    await asyncio.sleep(end)
    future.set_result(f"second coroutine (factorial) result = {product}")


def got_result(future):
    print(future.result(), flush=True)


async def sum_and_factorial(n1, n2, first_pause, second_pause):
    print(f"N1 = {n1}, N2 = {n2}", flush=True)
    loop = asyncio.get_running_loop()
    first, second = loop.create_future(), loop.create_future()
    first.add_done_callback(got_result)
    second.add_done_callback(got_result)
    await asyncio.gather(add_up(first, n1, *first_pause), multiply_up(second, n2, *second_pause))


async def end_otherwise():
    """The ends of a future that the book names but does not run."""
    loop = asyncio.get_running_loop()
    cancelled, failed, quiet = loop.create_future(), loop.create_future(), loop.create_future()
    calls = []
    cancelled.add_done_callback(lambda f: print("of the cancelled one:", "cancelled" if f.cancelled() else "?"))
    failed.add_done_callback(lambda f: print(f"of the failed one: {f.exception()}"))
    quiet.add_done_callback(calls.append)
    quiet.remove_done_callback(calls.append)

    cancelled.cancel()
    failed.set_exception(RuntimeError("no answer"))
    quiet.set_result(7)
    print("one future is cancelled, one failed, one has its result")
    await asyncio.sleep(0)  # the callbacks run in the loop's next turn
    assert not calls
    try:
        quiet.set_result(8)
    except asyncio.InvalidStateError as error:
        print(f"set the result of a future: {error}")


def number(text):
    value = int(text)
    if not 0 <= value <= 20:
        raise ValueError
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", metavar="N", type=number, nargs="*", help="N1 and N2, from 0 to 20")
    parser.add_argument("--swap", action="store_true", help="exchange the pauses: 3 s for the sum, 4 s for the factorial")
    parser.add_argument("--once", action="store_true", help="pause once, after the computation, not after every step")
    parser.add_argument("--speed", default="20", help="divide every pause by this; max has no pauses")
    args = parser.parse_args()
    if len(args.numbers) not in (0, 2):
        parser.error("want two numbers, N1 and N2")

    speed = math.inf if args.speed == "max" else float(args.speed)
    pauses = [4 / speed, 3 / speed]
    if args.swap:
        pauses.reverse()
    pauses = [(0, pause) if args.once else (pause, 0) for pause in pauses]
    for n1, n2 in [args.numbers] if args.numbers else [(n, n) for n in range(1, 5)]:
        asyncio.run(sum_and_factorial(n1, n2, *pauses))
    asyncio.run(end_otherwise())


if __name__ == "__main__":
    main()
