"""Share a few values of different types: the Python twin of ch3.namespace."""
# compare: more work: --workers 30
import sys

sys.path.append(sys.path.pop(0))  # a file called queue.py lies beside this one, and multiprocessing wants the module

import argparse  # noqa: E402
import multiprocessing  # noqa: E402

WEIGHTS = [3, 1, 4, 1, 5, 9, 2, 6]


def compete(settings, best, lock, worker):
    weights = settings.weights
    points = settings.factor * weights[worker % len(weights)]
    weights[0] = -1  # changes the copy that came here, and nothing else
    with lock:  # reading and writing are two requests
        if points > best.value[1]:
            best.value = (worker, points)
    setattr(settings, f"points of {worker}", points)
    print(f"has {points:.1f} points", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=6, help="processes that read the settings")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.workers <= 50:
        parser.error(f"--workers {args.workers}: want 1 to 50")

    # A forked child knows the functions of this program as they are, wherever it was read from.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else None)
    with context.Manager() as manager:
        settings, best, lock = manager.Namespace(), manager.Value("O", (-1, 0)), manager.Lock()
        settings.factor, settings.weights = 1.5, WEIGHTS
        workers = [context.Process(target=compete, args=(settings, best, lock, i)) for i in range(args.workers)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        print(f"the best: {best.value[1]:.1f} points")
        assert settings.weights == WEIGHTS
        del settings.factor
        try:
            print(settings.factor)
        except AttributeError as error:
            print(error)


if __name__ == "__main__":
    main()
