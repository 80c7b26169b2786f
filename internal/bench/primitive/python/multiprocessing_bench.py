"""What multiprocessing costs on this interpreter: nanoseconds per operation.

Processes are forked, or spawned where there is no fork. What two or four of them do together begins when all have come to a
barrier and ends when the last has done its part. The pool is measured by itself, last, because its threads are in this
process, and a process that has threads should not be forked.

    process_start_fork       start a process that does nothing, join it; null where there is no fork
    process_start_spawn      the same with a fresh interpreter
    lock_uncontended         acquire and release a Lock in one process
    lock_contended_2         the same in two processes at once, the acquisitions of both counted
    semaphore_uncontended    acquire and release a Semaphore in one process
    queue_1to1_8B            8 bytes through a Queue, from one process to another
    queue_1to1_1KiB          1 KiB in place of 8 bytes
    queue_2to2_8B            8 bytes through one Queue, from two processes to two others
    pipe_1to1_8B             8 bytes through a Pipe, from one process to another
    barrier_2                two processes meet at a Barrier: a meeting, not a wait
    pool_apply               a square asked of a Pool of 4 processes, the answer awaited
    pool_map_100000          Pool.map of 100,000 numbers to their squares by 4 processes: all of it
    manager_dict_set         set a key of a Manager's dict, one of 100
"""
import contextlib
import multiprocessing
import time

import rounds
from rounds import square

FORK = "fork" in multiprocessing.get_all_start_methods()
SPAWNED = multiprocessing.get_context("spawn")
CONTEXT = multiprocessing.get_context("fork") if FORK else SPAWNED
WORKERS = 4


def nothing():
    """What a process is started for."""


def start(context, count):
    begin = time.perf_counter_ns()
    for _ in range(count):
        process = context.Process(target=nothing)
        process.start()
        process.join()
    return time.perf_counter_ns() - begin


def take_part(work, ready, times):
    """What a process of several does: its work, once all are ready. The clock is the same in all processes."""
    ready.wait()
    begin = time.perf_counter_ns()
    work[0](*work[1:])
    times.send((begin, time.perf_counter_ns()))


def together(*works):
    """Let each work, a function and its arguments, be done by a process of its own, all at once."""
    ready, running = CONTEXT.Barrier(len(works)), []
    for work in works:
        reader, writer = CONTEXT.Pipe(duplex=False)
        process = CONTEXT.Process(target=take_part, args=(work, ready, writer))
        process.start()
        writer.close()
        running.append((process, reader))
    times = []
    for process, reader in running:
        times.append(reader.recv())
        process.join()
    return max(end for _, end in times) - min(begin for begin, _ in times)


def take(lock, count):
    begin = time.perf_counter_ns()
    for _ in range(count):
        lock.acquire()
        lock.release()
    return time.perf_counter_ns() - begin


def lock_contended_2(count):
    lock = CONTEXT.Lock()
    return together((take, lock, count // 2), (take, lock, count // 2))


def put(queue, item, count):
    for _ in range(count):
        queue.put(item)


def get(queue, count):
    for _ in range(count):
        queue.get()


def through_queue(pairs, size, count):
    queue, each = CONTEXT.Queue(), count // pairs
    return together(*[(put, queue, bytes(size), each)] * pairs, *[(get, queue, each)] * pairs)


def send(connection, item, count):
    for _ in range(count):
        connection.send(item)


def receive(connection, count):
    for _ in range(count):
        connection.recv()


def pipe_1to1(count):
    reader, writer = CONTEXT.Pipe(duplex=False)
    with reader, writer:
        return together((send, writer, bytes(8), count), (receive, reader, count))


def meet(barrier, count):
    for _ in range(count):
        barrier.wait()


def barrier_2(count):
    barrier = CONTEXT.Barrier(2)
    return together((meet, barrier, count), (meet, barrier, count))


def pool_apply(pool, count):
    begin = time.perf_counter_ns()
    for i in range(count):
        pool.apply(square, (i,))
    return time.perf_counter_ns() - begin


def pool_map(pool, count):
    begin = time.perf_counter_ns()
    for _ in range(count):
        pool.map(square, range(100_000))
    return time.perf_counter_ns() - begin


def dict_set(shared, count):
    begin = time.perf_counter_ns()
    for i in range(count):
        shared[i % 100] = i
    return time.perf_counter_ns() - begin


@contextlib.contextmanager
def processes(part):
    with CONTEXT.Manager() as manager:
        shared = manager.dict()
        yield {
            "process_start_fork": ((lambda n: start(CONTEXT, n)) if FORK else "this system has no fork", 100 // part),
            "process_start_spawn": (lambda n: start(SPAWNED, n), 10 // part),
            "lock_uncontended": (lambda n: take(CONTEXT.Lock(), n), 200_000 // part),
            "lock_contended_2": (lock_contended_2, 200_000 // part),
            "semaphore_uncontended": (lambda n: take(CONTEXT.Semaphore(), n), 200_000 // part),
            "queue_1to1_8B": (lambda n: through_queue(1, 8, n), 20_000 // part),
            "queue_1to1_1KiB": (lambda n: through_queue(1, 1024, n), 20_000 // part),
            "queue_2to2_8B": (lambda n: through_queue(2, 8, n), 20_000 // part),
            "pipe_1to1_8B": (pipe_1to1, 50_000 // part),
            "barrier_2": (barrier_2, 2_000 // part),
            "manager_dict_set": (lambda n: dict_set(shared, n), 5_000 // part),
        }


@contextlib.contextmanager
def pools(part):
    with CONTEXT.Pool(WORKERS) as pool:
        yield {
            "pool_apply": (lambda n: pool_apply(pool, n), 5_000 // part),
            "pool_map_100000": (lambda n: pool_map(pool, n), max(5 // part, 1)),
        }


if __name__ == "__main__":
    rounds.main(__doc__, [processes, pools])
