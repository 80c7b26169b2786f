"""Keep a shop whose customers are processes: the Python twin of ch5.pyro-shop."""
# requires: Pyro4
# compare: no ratio: here the accounts are one file, written at each change by the one server
import argparse
import json
import multiprocessing
import os
import tempfile
import threading

import Pyro4
import Pyro4.naming

CONTEXT = multiprocessing.get_context("fork")
SHOP = "BuyAnythingOnline"


@Pyro4.behavior(instance_mode="single")
@Pyro4.expose
class Shop:
    """The accounts are whole cents by name. Threads call the methods, so a lock keeps a read and its write together."""

    def __init__(self, folder):
        self._file, self._lock, self._accounts = os.path.join(folder, "accounts.json"), threading.Lock(), {}
        if os.path.exists(self._file):
            with open(self._file) as f:
                self._accounts = json.load(f)

    def log_on(self, name):
        with self._lock:
            self._accounts.setdefault(name, 0)
            self._save()
            return self._accounts[name]

    def balance(self, name):
        return self._change(name, 0)

    def deposit(self, name, amount):
        return self._change(name, amount)

    def buy(self, name, price):
        return self._change(name, -price)

    def all_accounts(self):
        with self._lock:
            return dict(self._accounts)

    def _change(self, name, by):
        with self._lock:
            if name not in self._accounts:
                raise LookupError(f"{name}: there is no account of that name; log on first")
            if self._accounts[name] + by < 0:
                raise ValueError(f"{name} has {money(self._accounts[name])} and needs {money(-by)}: not enough money")
            self._accounts[name] += by
            self._save()
            return self._accounts[name]

    def _save(self):
        with open(self._file + ".new", "w") as f:
            json.dump(self._accounts, f)
        os.replace(self._file + ".new", self._file)  # the old accounts or the new ones, never half of them


def money(cents):
    return f"{cents // 100}.{cents % 100:02d}"


def serve_names(port):
    _, daemon, _ = Pyro4.naming.startNS(host="127.0.0.1", port=0, enableBroadcast=False)
    port.put(daemon.locationStr.rpartition(":")[2])
    daemon.requestLoop()


def serve(folder, ready):
    with Pyro4.Daemon(host="127.0.0.1") as daemon, Pyro4.locateNS() as names:
        names.register(SHOP, daemon.register(Shop(folder)))
        ready.put(True)
        daemon.requestLoop()


def shop_around(name, steps, gifts):
    with Pyro4.Proxy("PYRONAME:" + SHOP) as online:
        print(f"logged on: balance {money(online.log_on(name))}", flush=True)
        for step, amount in steps:
            try:
                balance = getattr(online, step)(name, amount)
                print(f"{step.capitalize()} {money(amount)}: balance {money(balance)}", flush=True)
            except ValueError as error:
                print(f"call {SHOP}.{step}: {error}", flush=True)
        for _ in range(gifts):
            online.deposit("charity", 100)
        print("logged out", flush=True)


def print_accounts(online):
    print("all accounts:", " ".join(f"{name}:{money(balance)}" for name, balance in sorted(online.all_accounts().items())), flush=True)


def run(folder, gifts):
    port, ready = CONTEXT.SimpleQueue(), CONTEXT.SimpleQueue()
    name_server = CONTEXT.Process(target=serve_names, args=(port,), daemon=True)
    name_server.start()
    Pyro4.config.NS_HOST, Pyro4.config.NS_PORT = "127.0.0.1", int(port.get())
    server = CONTEXT.Process(target=serve, args=(folder, ready), daemon=True)
    server.start()
    ready.get()
    with Pyro4.Proxy("PYRONAME:" + SHOP) as online:
        online.log_on("charity")
        customers = [CONTEXT.Process(target=shop_around, args=(name, steps, gifts), daemon=True) for name, steps in (
            ("Meeta", [("deposit", 5000), ("deposit", 5000)]),
            ("Rashmi", [("deposit", 10000), ("buy", 3700)]),
            ("John", [("deposit", 2000), ("buy", 100_000_000)]),
            ("Ken", []))]
        for customer in customers:
            customer.start()
        for customer in customers:
            customer.join()
        print_accounts(online)
        try:
            online.balance("Nobody")
        except LookupError as error:
            print(f"call {SHOP}.balance: {error}", flush=True)
        server.kill()
        server.join()
        try:
            online.balance("Rashmi")
        except Pyro4.errors.CommunicationError as error:
            print(f"call {SHOP}.balance: {error}", flush=True)
    server = CONTEXT.Process(target=serve, args=(folder, ready), daemon=True)
    server.start()
    ready.get()
    with Pyro4.Proxy("PYRONAME:" + SHOP) as online:
        print_accounts(online)
    for process in (server, name_server):
        process.terminate()
        process.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gifts", type=int, default=20, help="number of times that each customer gives 1.00 to one account, all at once")
    parser.add_argument("--store", default="", help="folder that keeps the accounts for the next run; without it they go with the run")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if args.store:
        os.makedirs(args.store, exist_ok=True)
        run(args.store, args.gifts)
    else:
        with tempfile.TemporaryDirectory() as folder:
            run(folder, args.gifts)


if __name__ == "__main__":
    main()
