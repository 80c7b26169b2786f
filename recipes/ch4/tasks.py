"""Interleave three computations as tasks: the Python twin of ch4.tasks."""
import argparse
import asyncio
import math


async def factorial(number, pause):
    f = 1
    for i in range(2, number + 1):
        print(f"Asyncio.Task: Compute factorial({i})")
        await asyncio.sleep(pause)
        f *= i
    print(f"Asyncio.Task - factorial({number}) = {f}")


async def fibonacci(number, pause):
    a, b = 0, 1
    for i in range(number):
        print(f"Asyncio.Task: Compute fibonacci ({i})")
        await asyncio.sleep(pause)
        a, b = b, a + b
    print(f"Asyncio.Task - fibonacci({number}) = {a}")


async def binomial_coefficient(n, k, pause):
    result = 1
    for i in range(1, k + 1):
        result = result * (n - i + 1) // i  # is n over i: no remainder, and no float
        print(f"Asyncio.Task: Compute binomialCoeff ({i})")
        await asyncio.sleep(pause)
    print(f"Asyncio.Task - binomialCoeff({n} , {k}) = {result}")


async def run_tasks(args):
    second = 1 / args.speed
    tasks = [
        asyncio.create_task(factorial(args.factorial, args.pause * second)),
        asyncio.create_task(fibonacci(args.fibonacci, second)),
        asyncio.create_task(binomial_coefficient(args.n, args.k, second)),
    ]
    await asyncio.gather(*tasks)


def seconds(text):
    """A time such as 1s, 500ms or 2."""
    for unit, size in (("ms", 0.001), ("s", 1), ("m", 60)):
        if text.endswith(unit):
            return float(text[: -len(unit)]) * size
    return float(text)


def speed(text):
    """A number above 0, or max for no pauses."""
    number = math.inf if text == "max" else float(text)
    if not number > 0:
        raise ValueError(text)
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--factorial", type=int, default=10, help="compute the factorial of this number, 1 to 20")
    parser.add_argument("--fibonacci", type=int, default=10, help="compute this Fibonacci number, 1 to 60")
    parser.add_argument("--n", type=int, default=20, help="compute the binomial coefficient n over k: n, 1 to 60")
    parser.add_argument("--k", type=int, default=10, help="compute the binomial coefficient n over k: k, 1 to n")
    parser.add_argument("--pause", type=seconds, default="1s", help="pause after a step of factorial; the others' is 1s")
    parser.add_argument("--speed", type=speed, default=20, help="divide every pause by this number; max has no pauses")
    args = parser.parse_args()
    if not (1 <= args.factorial <= 20 and 1 <= args.fibonacci <= 60 and 1 <= args.k <= args.n <= 60 and args.pause > 0):
        parser.error("a number is out of its range, see --help")

    asyncio.run(run_tasks(args))


if __name__ == "__main__":
    main()
