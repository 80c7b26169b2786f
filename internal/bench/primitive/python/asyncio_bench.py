"""What asyncio and concurrent.futures cost on this interpreter: nanoseconds per operation, bytes per waiting task.

Beside them stand the same operations in Go: async.go, one folder up. The processes are measured by themselves,
first, because a process that has threads should not be forked.

    call_soon                a callback that schedules the next, each a turn of the loop
    task_switch_1            await asyncio.sleep(0) in one task
    task_switch_100          the same in 100 tasks, each counted
    future                   create a future, call_soon its set_result, await it: the task waits and is woken
    future_done              create a future, set_result, await it: nobody waits
    call_later               10,000 timers due after a microsecond, set and fired
    gather                   10,000 tasks that return at once, created and gathered
    thread_pool_submit       a square is asked of 5 threads: submit 1,000 calls, then take their results in order, again
    thread_pool_as_completed the same, results taken as they come
    process_pool_submit      the same as thread_pool_submit of 5 forked processes; null where there is no fork
    parked_task              memory of a task that awaits a future: 100,000 of them wait for one. Counted by tracemalloc, which
                             sees what Python allocates, to the byte; the process grows by somewhat more
"""
import asyncio
import concurrent.futures
import contextlib
import gc
import multiprocessing
import time
import tracemalloc

import rounds
from rounds import square

WORKERS = 5
BATCH = 1_000  # calls that are submitted before the first result is asked for


async def call_soon(count):
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def step(left):
        if left == 0:
            done.set_result(None)
        else:
            loop.call_soon(step, left - 1)

    begin = time.perf_counter_ns()
    loop.call_soon(step, count - 1)
    await done
    return time.perf_counter_ns() - begin


async def switch(count):
    for _ in range(count):
        await asyncio.sleep(0)


async def task_switch_1(count):
    begin = time.perf_counter_ns()
    await switch(count)
    return time.perf_counter_ns() - begin


async def task_switch_100(count):
    tasks = [asyncio.ensure_future(switch(count // 100)) for _ in range(100)]
    begin = time.perf_counter_ns()
    await asyncio.wait(tasks)
    return time.perf_counter_ns() - begin


async def future(count):
    loop = asyncio.get_running_loop()
    begin = time.perf_counter_ns()
    for i in range(count):
        waited_for = loop.create_future()
        loop.call_soon(waited_for.set_result, i)
        await waited_for
    return time.perf_counter_ns() - begin


async def future_done(count):
    loop = asyncio.get_running_loop()
    begin = time.perf_counter_ns()
    for i in range(count):
        ready = loop.create_future()
        ready.set_result(i)
        await ready
    return time.perf_counter_ns() - begin


async def call_later(count):
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    left = count

    def fire():
        nonlocal left
        left -= 1
        if left == 0:
            done.set_result(None)

    begin = time.perf_counter_ns()
    for _ in range(count):
        loop.call_later(1e-6, fire)
    await done
    return time.perf_counter_ns() - begin


async def return_at_once():
    pass


async def gather(count):
    begin = time.perf_counter_ns()
    await asyncio.gather(*(return_at_once() for _ in range(count)))
    return time.perf_counter_ns() - begin


def submit_all(pool, count):
    begin = time.perf_counter_ns()
    for _ in range(count // BATCH):
        for submitted in [pool.submit(square, i) for i in range(BATCH)]:
            submitted.result()
    return time.perf_counter_ns() - begin


def take_as_completed(pool, count):
    begin = time.perf_counter_ns()
    for _ in range(count // BATCH):
        for completed in concurrent.futures.as_completed([pool.submit(square, i) for i in range(BATCH)]):
            completed.result()
    return time.perf_counter_ns() - begin


async def parked_task(count):
    loop = asyncio.get_running_loop()
    released = loop.create_future()

    async def park():
        await released

    gc.collect()
    tracemalloc.start()
    tasks = [loop.create_task(park()) for _ in range(count)]
    await asyncio.sleep(0)  # every task runs as far as its await
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    released.set_result(None)
    await asyncio.wait(tasks)
    return size


def in_loop(measurement):
    """A measurement that runs in a loop of its own."""
    return lambda count: asyncio.run(measurement(count))


@contextlib.contextmanager
def processes(part):
    if "fork" not in multiprocessing.get_all_start_methods():
        yield {"process_pool_submit": ("this system has no fork", 0)}
        return
    with concurrent.futures.ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("fork")) as pool:
        yield {"process_pool_submit": (lambda n: submit_all(pool, n), BATCH)}


@contextlib.contextmanager
def loops_and_threads(part):
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        yield {
            "call_soon": (in_loop(call_soon), 50_000 // part),
            "task_switch_1": (in_loop(task_switch_1), 50_000 // part),
            "task_switch_100": (in_loop(task_switch_100), 50_000 // part),
            "future": (in_loop(future), 30_000 // part),
            "future_done": (in_loop(future_done), 100_000 // part),
            "call_later": (in_loop(call_later), 10_000),
            "gather": (in_loop(gather), 10_000),
            "thread_pool_submit": (lambda n: submit_all(pool, n), 10 * BATCH // part),
            "thread_pool_as_completed": (lambda n: take_as_completed(pool, n), 10 * BATCH // part),
        }


if __name__ == "__main__":
    rounds.main(__doc__, [processes, loops_and_threads], {"parked_task": lambda: asyncio.run(parked_task(100_000)) / 100_000})
