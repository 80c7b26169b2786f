"""What RPyC's classic mode costs on this interpreter: nanoseconds per operation.

The server is a forked process, the connection goes over the loopback interface, and one call is made after the other.

    call      call a function at the server that adds two numbers
    callback  evaluate an expression at the server that calls a function of the client
    execute   execute a text of one line
"""
import contextlib
import multiprocessing
import sys
import time

import rounds

try:
    import rpyc
except ImportError:
    rpyc = None


def serve(address):
    from rpyc.utils.server import ThreadedServer

    server = ThreadedServer(rpyc.SlaveService, hostname="127.0.0.1", port=0)
    server.listener.listen()
    address.send((server.host, server.port))
    server.start()


def take(call, count, *args):
    begin = time.perf_counter_ns()
    for _ in range(count):
        call(*args)
    return time.perf_counter_ns() - begin


@contextlib.contextmanager
def server():
    """A client of a server that lives as long."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there,), daemon=True)
    process.start()
    there.close()
    try:
        with rpyc.classic.connect(*here.recv()) as client:
            yield client
    finally:
        process.kill()
        process.join()


@contextlib.contextmanager
def classic(part):
    if rpyc is None:
        yield {name: (f"there is no module rpyc: {sys.executable} -m pip install rpyc · Debian: apt install python3-rpyc, for /usr/bin/python3", 1) for name in ("call", "callback", "execute")}
        return
    with server() as client:
        client.execute("def add(x, y): return x + y")
        add = client.namespace["add"]
        client.namespace["f"] = lambda: 1
        yield {
            "call": (lambda n: take(add, n, 2, 3), 5_000 // part),
            "callback": (lambda n: take(client.eval, n, "f()"), 2_000 // part),
            "execute": (lambda n: take(client.execute, n, "x = 1"), 2_000 // part),
        }


if __name__ == "__main__":
    rounds.main(__doc__, [classic])
