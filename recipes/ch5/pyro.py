"""Call an object in another process by its name: the Python twin of ch5.pyro."""
# requires: Pyro4
# compare: no ratio: here a third process is the name server, and the refusals are Pyro4's own
import argparse
import multiprocessing

import Pyro4
import Pyro4.naming

CONTEXT = multiprocessing.get_context("fork")


class Greeter:
    """The book's object. Only what is exposed can be called; older versions exposed everything."""

    def __init__(self, daemon):
        self.daemon = daemon

    @Pyro4.expose
    def welcome_message(self, name):
        return self.prefix() + name

    @Pyro4.expose
    @Pyro4.oneway
    def shutdown(self):
        self.daemon.shutdown()

    def prefix(self):
        return "Hi welcome "


def serve_names(port):
    """Be the name server, on a free port of this machine alone."""
    _, daemon, _ = Pyro4.naming.startNS(host="127.0.0.1", port=0, enableBroadcast=False)
    port.put(daemon.locationStr.rpartition(":")[2])
    daemon.requestLoop()


def serve(ready):
    with Pyro4.Daemon(host="127.0.0.1") as daemon, Pyro4.locateNS() as names:
        names.register("server", daemon.register(Greeter(daemon)))
        print("Ready. The object's name is server", flush=True)
        ready.set()
        daemon.requestLoop()
        names.remove("server")  # a server that is killed stays in the list


def visit(name, ready):
    ready.wait()
    with Pyro4.Proxy("PYRONAME:server") as server:
        print(server.welcome_message(name), flush=True)


def refused(what):
    try:
        what()
    except (Pyro4.errors.NamingError, AttributeError, TypeError) as error:
        print(f"{type(error).__name__}: {error}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="Rashmi", help="name of the visitor that the object welcomes")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()

    port, ready = CONTEXT.SimpleQueue(), CONTEXT.Event()
    name_server = CONTEXT.Process(target=serve_names, args=(port,), daemon=True)
    name_server.start()
    Pyro4.config.NS_HOST, Pyro4.config.NS_PORT = "127.0.0.1", int(port.get())
    client = CONTEXT.Process(target=visit, args=(args.name, ready), daemon=True)
    server = CONTEXT.Process(target=serve, args=(ready,), daemon=True)
    client.start()
    server.start()
    client.join()

    with Pyro4.locateNS() as names, Pyro4.Proxy("PYRONAME:server") as proxy:
        refused(lambda: names.lookup("sever"))
        refused(lambda: proxy.prefix())
        refused(lambda: proxy.welcome_message(7))
        proxy.shutdown()
        server.join()
        refused(lambda: names.lookup("server"))
    name_server.terminate()
    name_server.join()


if __name__ == "__main__":
    main()
