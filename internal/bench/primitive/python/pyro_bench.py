"""What Pyro4 costs on this interpreter: nanoseconds per operation.

    pyro_call                a method with two numbers, of an object in another process, and their sum: over loopback, from a
                             proxy that is connected
"""
import contextlib
import multiprocessing
import sys
import time

import rounds

try:
    import Pyro4
except ImportError:
    Pyro4 = None

CONTEXT = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else None)


class Box:
    """The object."""

    def add(self, x, y):
        return x + y


def serve_object(tell):
    with Pyro4.Daemon(host="127.0.0.1") as daemon:
        tell.put(str(daemon.register(Pyro4.expose(Box))))
        daemon.requestLoop()


def call(box, count):
    begin = time.perf_counter_ns()
    for _ in range(count):
        box.add(1, 2)
    return time.perf_counter_ns() - begin


@contextlib.contextmanager
def calls(part):
    if Pyro4 is None:
        yield {"pyro_call": (f"there is no module Pyro4: {sys.executable} -m pip install Pyro4 · Debian: apt install python3-pyro4, for /usr/bin/python3", 1)}
        return
    tell = CONTEXT.SimpleQueue()
    server = CONTEXT.Process(target=serve_object, args=(tell,), daemon=True)
    server.start()
    with Pyro4.Proxy(tell.get()) as box:
        yield {"pyro_call": (lambda n: call(box, n), 5_000 // part)}
    server.terminate()
    server.join()


if __name__ == "__main__":
    rounds.main(__doc__, [calls])
