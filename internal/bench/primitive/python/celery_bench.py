"""What Celery on Redis costs on this interpreter: nanoseconds per operation.

Redis keeps all in memory and writes nothing to a disk, which is its quickest. There is one worker with the four processes of
its pool, as the worker in Go has four goroutines, and with Celery's defaults otherwise: it fetches ahead four calls for each
process, and takes a call out of the queue before it is done.

    celery_task      one call, from delay to its result
    celery_tasks     many calls, and then all their results
    celery_ignored   many calls whose results are not kept, until the last one is done
"""
import contextlib
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import rounds

try:
    import celery
    import redis
except ImportError:
    celery = None

CONTEXT = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else None)
NAMES = "celery_task", "celery_tasks", "celery_ignored"

if celery is not None:
    app = celery.Celery("bench")

    @app.task(name="add")
    def add(x, y):
        return x + y


def work(url):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # its log
    app.conf.update(broker_url=url, result_backend=url)
    app.worker_main(["-q", "worker", "-c", "4", "--without-mingle", "--without-gossip", "-n", "worker@here"])


@contextlib.contextmanager
def broker():
    """A Redis on a free port of the loopback interface; yields its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret = os.urandom(16).hex()
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(["redis-server", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        try:
            with server.stdin as config:
                config.write(f'bind 127.0.0.1\nport {port}\nrequirepass {secret}\ndir {folder}\nsave ""\n')
            client = redis.Redis(port=port, password=secret)
            for _ in range(200):
                with contextlib.suppress(redis.exceptions.ConnectionError):
                    client.ping()
                    break
                time.sleep(0.05)
            yield f"redis://:{secret}@127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait()


def one_by_one(count):
    begin = time.perf_counter_ns()
    for _ in range(count):
        add.delay(1, 2).get(timeout=60)
    return time.perf_counter_ns() - begin


def all_at_once(count):
    begin = time.perf_counter_ns()
    calls = [add.delay(i, 1) for i in range(count)]
    sums = [call.get(timeout=600) for call in calls]  # a group's get is no faster
    took = time.perf_counter_ns() - begin
    assert sums == list(range(1, count + 1))
    return took


def ignored(count):
    begin = time.perf_counter_ns()
    for i in range(count - 1):
        add.apply_async((i, 1), ignore_result=True)
    add.delay(1, 2).get(timeout=600)
    return time.perf_counter_ns() - begin


def lacking():
    """What is not here that it takes, and how to get it; empty if all is here."""
    if celery is None:
        return f"there is no module celery or redis: {sys.executable} -m pip install celery redis · Debian: apt install python3-celery python3-redis, for /usr/bin/python3"
    if not shutil.which("redis-server"):
        return "there is no redis-server: Debian: apt install redis-server"
    return ""


@contextlib.contextmanager
def tasks(part):
    why = lacking()
    if why:
        yield dict.fromkeys(NAMES, (why, 1))
        return
    with broker() as url:
        app.conf.update(broker_url=url, result_backend=url)
        worker = CONTEXT.Process(target=work, args=(url,))
        worker.start()
        try:
            add.delay(1, 2).get(timeout=60)
            yield dict(zip(NAMES, [(one_by_one, 500 // part), (all_at_once, 2_000 // part), (ignored, 2_000 // part)]))
        finally:
            worker.terminate()
            worker.join()


if __name__ == "__main__":
    rounds.main(__doc__, [tasks])
