"""Chain objects of several servers into a ring: the Python twin of ch5.pyro-chain."""
# requires: Pyro4
# compare: no ratio: here one more process is the name server
import argparse
import multiprocessing

import Pyro4
import Pyro4.naming

CONTEXT = multiprocessing.get_context("fork")
CHAIN, SERIAL = "example.chain", "example.serial"


@Pyro4.expose
class Link:
    """The book's chain: it passes a message on to the next one, unless it has had the message already."""

    def __init__(self, chain, name, following):
        self.chain, self.name, self.following = chain, name, following

    def process(self, message):
        if self.name in message:
            print(f"Back at {self.name}; the chain is closed!", flush=True)
            return ["complete at " + self.name]
        print(f"{self.name} forwarding the message to the object {self.following}", flush=True)
        with Pyro4.Proxy(f"PYRONAME:{self.chain}.{self.following}") as proxy:
            return ["passed on from " + self.name] + proxy.process(message + [self.name])


def serve_names(port):
    _, daemon, _ = Pyro4.naming.startNS(host="127.0.0.1", port=0, enableBroadcast=False)
    port.put(daemon.locationStr.rpartition(":")[2])
    daemon.requestLoop()


def serve(chain, number, following, ready):
    """Serve one link: with a thread for each connection, or one call after the other."""
    Pyro4.config.SERVERTYPE = "multiplex" if chain == SERIAL else "thread"
    with Pyro4.Daemon(host="127.0.0.1") as daemon, Pyro4.locateNS() as names:
        names.register(f"{chain}.{number}", daemon.register(Link(chain, number, following)))
        ready.put(number)
        daemon.requestLoop()


def milliseconds(text):
    return float(text.removesuffix("s")) if not text.endswith("ms") else float(text[:-2]) / 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, default=3, help="servers in the ring, each in a process of its own")
    parser.add_argument("--patience", type=milliseconds, default=0.2, help="how long the caller of the serial ring waits, as in 200ms")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.servers <= 20 or args.patience <= 0:
        parser.error("want 1 to 20 servers, and some patience")

    port, ready = CONTEXT.SimpleQueue(), CONTEXT.SimpleQueue()
    name_server = CONTEXT.Process(target=serve_names, args=(port,), daemon=True)
    name_server.start()
    Pyro4.config.NS_HOST, Pyro4.config.NS_PORT = "127.0.0.1", int(port.get())
    # A daemon is of one kind, so each ring has processes of its own.
    servers = [CONTEXT.Process(target=serve, args=(chain, str(i + 1), str((i + 1) % args.servers + 1), ready), daemon=True)
               for chain in (CHAIN, SERIAL) for i in range(args.servers)]
    for server in servers:
        server.start()
    for _ in servers:
        ready.get()

    with Pyro4.Proxy(f"PYRONAME:{CHAIN}.1") as first:
        print(f"Result=[{', '.join(first.process(['hello']))}]", flush=True)
    with Pyro4.Proxy(f"PYRONAME:{SERIAL}.1") as first:
        first._pyroTimeout = args.patience
        try:
            print(first.process(["hello"]), flush=True)
        except Pyro4.errors.TimeoutError:
            print("call example.serial.1.process: no answer; without a time-out this would wait for ever", flush=True)
    for process in [*servers, name_server]:
        process.kill()  # those of the serial ring still wait for each other
        process.join()


if __name__ == "__main__":
    main()
