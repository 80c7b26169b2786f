"""Find out what the ranks before this one have: the Python twin of ch3.scan.

Start it as: mpirun -n 4 python3 scan.py
"""
# requires: mpi4py, numpy
import argparse
import collections
import sys

import numpy
from mpi4py import MPI

TEXT = "the quick brown fox jumps over the lazy dog and the fox runs".split()


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other rank can print in between


def scan_words(comm, root):
    rank, size = comm.Get_rank(), comm.Get_size()
    words = TEXT[len(TEXT) * rank // size:len(TEXT) * (rank + 1) // size]

    up_to = numpy.empty(1, dtype=int)
    comm.Scan(numpy.array([len(words)]), up_to, op=MPI.SUM)
    say(f"process {rank} has \"{' '.join(words)}\", from word {up_to[0] - len(words)} on")

    text = comm.scan(" ".join(words), op=lambda a, b: f"{a} {b}".strip())
    say(f"process {rank} has read {len(text.replace(' ', ''))} letters")

    counts = comm.reduce(collections.Counter(words), op=lambda a, b: a + b, root=root)
    if rank == root:
        say(dict(sorted(counts.items())))

    longest = comm.allreduce(max(words, key=len, default=""), op=lambda a, b: max(a, b, key=len))
    say(f"process {rank} knows the longest word: {longest}")


def main():
    comm = MPI.COMM_WORLD
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=int, default=0, help="rank that counts the words")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 0 <= args.root < comm.Get_size():
        if comm.Get_rank() == 0:
            print(f"--root {args.root}: want 0 to {comm.Get_size() - 1}, one of the {comm.Get_size()} ranks", file=sys.stderr)
        sys.exit(2)  # on every rank, so none waits for another
    scan_words(comm, args.root)


if __name__ == "__main__":
    main()
