"""What the benchmark scripts beside this file share: their command line, their rounds and what they print.

Each time is the median of several rounds. The rounds go through a group of measurements in turn, so that whatever else the
machine does disturbs all of them alike, and each measurement is taken once before it counts, so that a pool's workers have
started. A measurement is a function that does its work a number of times and returns how many ns all of it took.
"""
import argparse
import gc
import json
import platform
import statistics
import sys


def square(n):
    """What pools are asked to do."""
    return n * n


def measure(measurements, rounds):
    """Take each measurement rounds times, in turn; return the ns per operation by name, a list of all rounds.

    The measurements are pairs by name, of a function and how often it is to do its work. A text in place of a function says
    why it cannot be measured here.
    """
    samples = {name: [] for name in measurements}
    here = {name: pair for name, pair in measurements.items() if callable(pair[0])}
    for take, count in here.values():
        take(count)
    for _ in range(rounds):
        for name, (take, count) in here.items():
            gc.collect()
            samples[name].append(take(count) / count)
    return samples


def write_table(samples, sizes, rounds, out):
    out.write(f"{interpreter()}, ns per operation, {rounds} rounds\n\n")
    out.write(f"{'':<24}  {'MEDIAN':>12}  {'MIN':>12}  {'MAX':>12}\n")
    for name, ns in samples.items():
        figures = [f"{of(ns):,.0f}" if ns else "-" for of in (statistics.median, min, max)]
        out.write(f"{name:<24}  {figures[0]:>12}  {figures[1]:>12}  {figures[2]:>12}\n")
    for name, size in sizes.items():
        out.write(f"{name:<24}  {size:>12,.0f}  bytes\n")


def interpreter():
    return f"{platform.python_implementation()} {platform.python_version()}"


def main(doc, groups, sizes=None):
    """Measure what the command line names, or everything, and print it.

    A group is a function that takes by how much to divide the work, and returns a context manager for measurements that take
    turns. Groups are measured one after the other. Sizes are functions by name that return bytes; each is called once.
    """
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure (default everything)")
    parser.add_argument("--rounds", type=int, default=5, help="of which the median is taken (default 5)")
    parser.add_argument("--quick", action="store_true", help="repeat each operation a tenth as often")
    parser.add_argument("--text", action="store_true", help="a table in place of JSON")
    args = parser.parse_args()
    if args.rounds < 1:
        parser.error(f"--rounds {args.rounds}: want at least 1")

    def chosen(of):
        known.update(of)
        return {name: value for name, value in of.items() if not args.names or name in args.names}

    known, samples, missing = set(), {}, {}
    for group in groups:
        with group(10 if args.quick else 1) as measurements:
            samples.update(measure(chosen(measurements), args.rounds))
            missing.update({name: why for name, (why, _) in chosen(measurements).items() if not callable(why)})
    sizes = {name: size() for name, size in chosen(sizes or {}).items()}
    unknown = sorted(set(args.names) - known)
    if unknown:
        parser.error(f"no measurement is called {', '.join(unknown)}; there are {', '.join(sorted(known))}")

    if args.text:
        write_table(samples, sizes, args.rounds, sys.stdout)
        return
    ns = {name: round(statistics.median(sample), 1) for name, sample in samples.items() if sample}
    sizes = {name: round(size, 1) for name, size in sizes.items()}
    json.dump({"python": interpreter(), "ns": ns, "bytes": sizes, "missing": missing}, sys.stdout, indent=2)
    sys.stdout.write("\n")
