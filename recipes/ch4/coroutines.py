"""Walk through a state machine of coroutines: the Python twin of ch4.coroutines."""
# compare: no ratio: each side draws a walk of its own, and chance decides how long it is
import argparse
import asyncio
import math
import random


class StateMachine:
    """Five coroutines that await each other. The machine draws the values that lead from one to the next."""

    def __init__(self, seed, most, second):
        self.random = random.Random(seed)
        self.most = most
        self.second = second
        self.steps = 0

    async def start_state(self):
        print("Start State called")
        return await self.step("Start State", self.state_2, self.state_1)

    async def state_1(self, value):
        return f"State 1 with transition value = {value}\n" + await self.step("State 1", self.state_3, self.state_2)

    async def state_2(self, value):
        return f"State 2 with transition value = {value}\n" + await self.step("State 2", self.state_1, self.state_3)

    async def state_3(self, value):
        return f"State 3 with transition value = {value}\n" + await self.step("State 3", self.state_1, self.end_state)

    async def end_state(self, value):
        print("...Stop Computation...")
        return f"End State with transition value = {value}"

    async def step(self, name, on_0, on_1):
        """Draw a value, go to one of two next states, and await it."""
        if self.steps == self.most:
            raise SystemExit(f"the walk has not ended after {self.steps} steps; --max-steps allows more")
        self.steps += 1
        await asyncio.sleep(self.second)
        print("...Evaluating...")
        value = self.random.randint(0, 1)
        following = on_1 if value else on_0
        return f"{name} calling " + await following(value)


async def walk(machine):
    print("Finite State Machine simulation with coroutines")
    start = machine.start_state()
    task = asyncio.create_task(start)
    asyncio.get_running_loop().call_soon(print, "Start State sleeps, and the loop calls others")
    chain = await task
    print("Resume of the Transition :")
    print(chain)
    try:
        await start
    except RuntimeError:  # cannot reuse already awaited coroutine
        pass


def speed(text):
    """A number above 0, or max for no pauses."""
    number = math.inf if text == "max" else float(text)
    if not number > 0:
        raise ValueError(text)
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--max-steps", type=int, default=1000, help="number of steps after which a longer walk fails")
    parser.add_argument("--seed", type=int, help="draw the same values again")
    parser.add_argument("--speed", type=speed, default=20, help="divide every pause by this number; max has no pauses")
    args = parser.parse_args()
    if args.max_steps < 1:
        parser.error("--max-steps: want at least 1")

    asyncio.run(walk(StateMachine(args.seed, args.max_steps, second=1 / args.speed)))


if __name__ == "__main__":
    main()
