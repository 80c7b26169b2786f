"""Send calls of tasks to workers: the Python twin of ch5.celery-task, with Celery on a Redis of its own."""
# requires: celery, redis
# programs: redis-server
# compare: no ratio: Celery's workers take a second to start, and the part with the killed worker is missing here
import argparse
import gc
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings

sys.path.append(sys.path.pop(0))  # a twin beside this file is called celery: look for the package elsewhere first
from celery import Celery, chain, chord, signals
from celery.exceptions import SoftTimeLimitExceeded
import redis

CONTEXT = multiprocessing.get_context("fork")
app = Celery("ch5")


@app.task(name="ch5.add")
def add(x, y):
    return x + y


@app.task(name="ch5.twice")
def twice(x):
    return 2 * x


@app.task(name="ch5.total")
def total(numbers):
    return sum(numbers)


@app.task(name="ch5.flaky", bind=True, max_retries=5)
def flaky(self, failures):
    if self.request.retries < failures:
        error = RuntimeError(f"failure {self.request.retries + 1}")
        raise self.retry(exc=error, countdown=0.02 * 2**self.request.retries)
    return "well at last"


@app.task(name="ch5.lingering", soft_time_limit=1)
def lingering():
    time.sleep(60)


def start_redis(folder):
    """A Redis on a free port of the loopback interface, with a password."""
    if not shutil.which("redis-server"):
        sys.exit("this needs redis-server; Debian: apt install redis-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret = os.urandom(16).hex()
    config = f"bind 127.0.0.1\nport {port}\nrequirepass {secret}\ndir {folder}\nsave \"\"\n"
    server = subprocess.Popen(["redis-server", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    server.stdin.write(config)
    server.stdin.close()
    for _ in range(200):
        try:
            redis.Redis(port=port, password=secret).ping()
            return server, f"redis://:{secret}@127.0.0.1:{port}/0"
        except redis.exceptions.ConnectionError:
            time.sleep(0.05)
    sys.exit("redis-server does not answer")


def work():
    """The main function of a worker process. It logs what happens to its tasks and nothing else."""
    def say(text):
        print(text, flush=True)

    warnings.filterwarnings("ignore")  # as root it warns of root
    signals.setup_logging.connect(lambda **_: None, weak=False)
    signals.task_received.connect(lambda request, **_: say(f"Task {request.name}[{request.id}] received"), weak=False)
    signals.task_retry.connect(
        lambda request, reason, **_: say(f"Task {request.task}[{request.id}] retry: Retry in {reason.when:g}s: {reason.exc}"), weak=False)
    signals.task_success.connect(
        lambda sender, result, **_: say(f"Task {sender.name}[{sender.request.id}] succeeded in 0.0s: {result}"), weak=False)
    signals.task_failure.connect(
        lambda sender, task_id, exception, **_: say(f"Task {sender.name}[{task_id}] raised unexpected: {exception!r}"), weak=False)
    app.worker_main(["-q", "worker", "--pool", "prefork", "-c", "1", "--without-mingle", "--without-gossip", "-n", "worker1@%h"])


def result_of(call):
    """call.get, but by looking: with Celery 5.2 a get that comes after one which raised an error may miss its message."""
    while not call.ready():
        time.sleep(0.005)
    return call.get(timeout=10)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-x", "--first", type=int, default=5, help="first number to add")
    parser.add_argument("-y", "--second", type=int, default=5, help="second number to add")
    parser.add_argument("--failures", type=int, default=2, help="number of times that a call fails before it succeeds")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 0 <= args.failures <= 5:
        parser.error("want 0 to 5 failures")
    x, y = args.first, args.second

    with tempfile.TemporaryDirectory() as folder:
        server, url = start_redis(folder)
        app.conf.update(broker_url=url, result_backend=url, broker_connection_retry_on_startup=True)
        worker = CONTEXT.Process(target=work)
        try:
            call = add.delay(x, y)
            print(f"sent add({x}, {y})", flush=True)
            worker.start()
            print(f"the result is {result_of(call)}", flush=True)

            print(f"tried again {args.failures} times: {result_of(flaky.delay(args.failures))}", flush=True)
            try:
                result_of(lingering.delay())
            except SoftTimeLimitExceeded:
                print("the soft time limit is over", flush=True)
            print(f"chain: ({x} + {y}) * 2 = {result_of(chain(add.s(x, y), twice.s())())}", flush=True)
            last = chord([add.s(1, 0), add.s(2, 2), add.s(3, 6)])(total.s())
            print(f"group with a last step: 1 + 4 + 9 = {result_of(last)}", flush=True)
        finally:
            call = last = None
            gc.collect()  # results would ask Redis for something when they go
            worker.terminate()
            worker.join()
            server.terminate()
            server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
