"""See what runs where in a task queue: the Python twin of ch5.celery, with Celery on a Redis of its own."""
# requires: celery, redis
# programs: redis-server
# compare: no ratio: most of the time here is the start of Celery's workers
import argparse
import collections
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.append(sys.path.pop(0))  # this file is called celery, too: look for the package elsewhere first
import celery
import celery.result
import redis

CONTEXT = multiprocessing.get_context("fork")  # a worker finds the tasks without a module to import
QUEUE = "celery"  # as the default queue is called here
app = celery.Celery("ch5")


def primes_in(first, end):
    primes = 0
    for n in range(max(first, 2), end):
        divisor = 2
        while divisor * divisor <= n and n % divisor:
            divisor += 1
        primes += divisor * divisor > n
    return primes


@app.task(name="ch5.count-primes", bind=True)
def count_primes(self, first, end):
    return primes_in(first, end), self.request.hostname


def start_redis(folder):
    """Start a Redis on a free port of the loopback interface, with a password; return its process and its URL."""
    if not shutil.which("redis-server"):
        sys.exit("this needs redis-server; Debian: apt install redis-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret = os.urandom(16).hex()
    server = subprocess.Popen(["redis-server", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    with server.stdin as config:
        config.write(f'bind 127.0.0.1\nport {port}\nrequirepass {secret}\ndir {folder}\nsave ""\n')
    client = redis.Redis(port=port, password=secret)
    for _ in range(200):
        try:
            client.ping()
            return server, f"redis://:{secret}@127.0.0.1:{port}/0"
        except redis.exceptions.ConnectionError:
            time.sleep(0.05)
    server.kill()
    sys.exit("redis-server does not answer")


def work(name, concurrency):
    """The main function of a worker process, which starts further ones that do the tasks."""
    print(f"process {os.getpid()} serves the queue {QUEUE}", flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # its log
    app.worker_main(["-q", "worker", "-c", str(concurrency), "--without-mingle", "--without-gossip", "-n", f"{name}@here"])


def send(tell, calls, limit):
    """Client 1: sends the calls and waits for nobody."""
    edges = [i * limit // calls for i in range(calls + 1)]
    ids = [count_primes.apply_async((edges[i], edges[i + 1]), expires=600).id for i in reversed(range(calls))]
    print(f"process {os.getpid()} has sent {calls} calls of {count_primes.name}", flush=True)
    with redis.Redis.from_url(app.conf.broker_url) as client:
        print(f"calls in the queue {QUEUE}: {client.llen(QUEUE)}", flush=True)
    tell.put(ids)


def find_workers(number):
    """Ask until that many workers have answered."""
    for _ in range(100):
        inspect = app.control.inspect(timeout=1, limit=number)
        if len(inspect.ping() or {}) == number:
            return inspect.registered(), inspect.stats(), inspect.active_queues()
    sys.exit(f"{number} workers do not answer")


def fetch(tell, ids, workers):
    """Client 2: asks which workers there are, and waits for the results."""
    registered, stats, queues = find_workers(workers)
    for name in sorted(next(iter(registered.values()))):
        print("registered task:", name)
    names = sorted(stats, key=lambda name: (len(name), name))
    for name in names:
        pool, at = stats[name]["pool"], ", ".join(q["name"] for q in queues[name])
        print(f"{name} answers: process {stats[name]['pid']}, concurrency {pool['max-concurrency']}, queues {at}")
    primes, done = 0, collections.Counter()
    for id_ in ids:
        found, worker = celery.result.AsyncResult(id_, app=app).get(timeout=600)
        primes += found
        done[worker] += 1
    for name in names:
        print(f"{name} has done {done[name]} of {len(ids)} calls", flush=True)
    tell.put(primes)


def run_client(function, *args):
    tell = CONTEXT.SimpleQueue()
    client = CONTEXT.Process(target=function, args=(tell, *args))
    client.start()
    client.join()
    if client.exitcode:
        sys.exit(f"a client has ended with exit code {client.exitcode}")
    return tell.get()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="workers, each of several processes")
    parser.add_argument("--concurrency", type=int, default=2, help="how many calls a worker does at a time")
    parser.add_argument("--calls", type=int, default=20, help="calls into which the work is divided")
    parser.add_argument("--limit", type=int, default=1_000_000, help="the primes below this number are counted")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.workers <= 64 or not 1 <= args.concurrency <= 64 or not 1 <= args.calls <= 1000 or not 10 <= args.limit <= 5_000_000:
        parser.error("want 1 to 64 workers, a concurrency of 1 to 64, 1 to 1000 calls and a limit of 10 to 5000000")

    workers = []
    with tempfile.TemporaryDirectory() as folder:
        broker, url = start_redis(folder)
        try:
            print(f"broker: Redis in process {broker.pid}, {url.rpartition('@')[2]}", flush=True)
            app.conf.update(broker_url=url, result_backend=url)
            ids = run_client(send, args.calls, args.limit)
            print("client 1 has ended, and no worker has been started", flush=True)
            for i in range(args.workers):
                workers.append(CONTEXT.Process(target=work, args=(f"worker{i + 1}", args.concurrency)))
                workers[-1].start()
            primes = run_client(fetch, ids, args.workers)
            print(f"there are {primes} primes below {args.limit}")
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.join()
            broker.terminate()
            broker.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
