"""Make a kind of process of your own: the Python twin of ch3.subclass."""
# compare: more work: --count 50
import argparse
import multiprocessing


class MyProcess(multiprocessing.Process):
    called = 0

    def run(self):
        print(f"called run method in process: {self.name}\n", end="", flush=True)  # one write per line
        self.called += 1  # in the copy that the child has


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5, help="processes to start")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.count <= 100:
        parser.error(f"--count {args.count}: want 1 to 100")

    multiprocessing.set_start_method("fork")
    jobs = []
    for _ in range(args.count):
        p = MyProcess()
        jobs.append(p)
        p.start()
        p.join()
    assert not any(p.called for p in jobs), "the child counts in its own copy"


if __name__ == "__main__":
    main()
