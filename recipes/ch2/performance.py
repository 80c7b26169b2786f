"""Measure what threads gain: the Python twin of ch2.performance."""
import argparse
import http.server
import os
import re
import tempfile
import threading
import time
import timeit
import urllib.request

THREADS = [1, 2, 4, 8]


def nothing():
    return 0


def fibonacci():
    a, b = 0, 1
    for _ in range(10_000):
        a, b = b, a + b
    return a % 10**10


def read_file(name):
    """Unbuffered, so that each read goes to the operating system, as in Go."""
    read = 0
    with open(name, "rb", buffering=0) as file:
        for _ in range(1000):
            read += len(file.read(1024))
    return read


def fetch(url):
    read = 0
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(10):
        with opener.open(url) as answer:
            read += len(answer.read(1024))
    return read


def serve(delay):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            time.sleep(delay)
            page = b"page" * 1024
            self.send_response(200)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            try:
                self.wfile.write(page)
            except OSError:
                pass  # the client has read its first 1 KiB and gone

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        request_queue_size = 64  # the default of 5 turns away some of eight that come at once

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    return server


def non_threaded(function, results):
    for i in range(len(results)):
        results[i] = function()


def threaded(function, results):
    def run(i):
        results[i] = function()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(results))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measure(about, function, result, repeat):
    def best(label, form, n):
        results = [None] * n
        shortest = min(timeit.repeat(lambda: form(function, results), number=1, repeat=repeat))
        if results != [result] * n:
            raise SystemExit(f"{label}: got {results}, want {n} times {result}")
        print(f"{label:<23} {shortest:.8f} seconds", flush=True)
        return shortest

    print(about)
    ratios = []
    for n in THREADS:
        alone = best(f"non_threaded ({n} iters)", non_threaded, n)
        together = best(f"threaded ({n} threads)", threaded, n)
        ratios.append(alone / together)
    return ratios


def seconds(text):
    """Reads a time as Go writes it: 300us, 20ms, 1.5s, 0."""
    match = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)(us|µs|ms|s|m)", text)
    if text != "0" and not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time: want one such as 20ms")
    return float(match[1]) * {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[match[2]] if match else 0


def main():
    names = ["nothing", "fibonacci", "file", "http"]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, help="measure this many times and take the best time; the book has 100")
    parser.add_argument("--delay", type=seconds, default=0.001, help="time the HTTP server takes for an answer: 1ms")
    parser.add_argument("--plot", help="taken so that both sides take it; only the Go side draws")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if args.repeat < 1:
        parser.error("--repeat: want at least 1")

    handle, name = tempfile.mkstemp(prefix="cookbook-performance-")
    server = serve(args.delay)
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        with open(handle, "wb") as file:
            file.write(bytes(1000 * 1024))
        works = [
            ("a call does nothing and returns 0", nothing, 0),
            ("a call takes 10000 Fibonacci steps and returns the last ten digits", fibonacci, 9947366875),
            ("a call reads 1 KiB of a file 1000 times and returns the bytes read", lambda: read_file(name), 1000 * 1024),
            ("a call sends 10 requests, reads 1 KiB of each answer and returns the bytes read", lambda: fetch(url), 10 * 1024),
        ]
        print(f"Starting tests on {os.cpu_count()} processors, best of {args.repeat}")
        rows = []
        for work, (about, function, result) in zip(names, works):
            ratios = measure(about, function, result, args.repeat)
            rows.append(f"{work:<9}  " + "  ".join(f"{ratio:.2f}" for ratio in ratios))
        print("Iterations complete")
        print("threads    1     2     4     8")
        for row in rows:
            print(row)
    finally:
        server.shutdown()
        server.server_close()
        os.remove(name)


if __name__ == "__main__":
    main()
