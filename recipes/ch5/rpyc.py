"""Run source text on a server, and use its objects: the Python twin of ch5.rpyc."""
# compare: no ratio: RPyC has no secret, and no limit of what a text may load or of how long it may run
# requires: rpyc
import sys

sys.path.append(sys.path.pop(0))  # this file may be called rpyc.py, too

import argparse  # noqa: E402
import multiprocessing  # noqa: E402

import rpyc  # noqa: E402

BILL = """
def discount(price): return price * 90 // 100
def bill(order, price):
    total = 0
    for title, count in order: total += count * price(title)
    return total
"""


def serve(address):
    """What rpyc_classic.py does, on a free port of the loopback interface."""
    from rpyc.utils.server import ThreadedServer

    sys.stdout.reconfigure(line_buffering=True)  # or it keeps its lines for itself
    server = ThreadedServer(rpyc.SlaveService, hostname="127.0.0.1", port=0)
    server.listener.listen()
    print(f"server started on {server.host}:{server.port}")
    address.send((server.host, server.port))
    server.start()


def use(c):
    c.execute("print('hi python cookbook')")
    c.modules.sys.stdout = sys.stdout  # for all clients of the server
    c.execute("print('hi here')")

    words = c.eval("['to', 'be', 'or', 'not']")
    words.append("be")
    print("the server's list:", words)
    math = c.modules.math
    print(f"math.pi is {math.pi:.6}, math.sqrt(2) is {math.sqrt(2):.6}, isinstance(True, int) is {c.eval('isinstance(True, int)')}")

    c.execute(BILL)
    bill, discount = c.namespace["bill"], c.namespace["discount"]
    prices = {"Go": 37, "Python": 42}

    def price(title):
        reduced = discount(prices[title])  # while the server waits for this function
        print(f"{title}: {reduced} instead of {prices[title]}")
        return reduced

    order = (("Go", 2), ("Python", 1))
    print("synchronous:", bill(order, price))

    # The client serves the server's calls only while it waits itself, so the result cannot be there early.
    result = rpyc.async_(bill)(order, lambda title: 20)
    print("asynchronous: ready is", result._is_ready)  # .ready would look, and serve
    result.wait()
    print(f"asynchronous: ready is {result.ready}: {result.value}")

    print("os can be loaded, and remove called:", callable(c.modules.os.remove))
    c._config["sync_request_timeout"] = 0.05
    try:
        c.execute("while True: pass")
    except TimeoutError:
        print("the client gives up the loop; the server goes on with it")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000, help="no effect: RPyC bounds no text")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1000 <= args.steps <= 20_000_000:
        parser.error("want 1000 to 20000000 steps")

    context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "fork")
    here, there = context.Pipe()
    server = context.Process(target=serve, args=(there,), daemon=True)
    server.start()
    there.close()
    c = rpyc.classic.connect(*here.recv())
    use(c)
    server.kill()
    server.join()
    try:
        c.eval("bill")
    except (EOFError, ConnectionError) as error:
        print("after the server was killed:", type(error).__name__)


if __name__ == "__main__":
    main()
