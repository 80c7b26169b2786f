"""Collect a value from every rank by a gather: the Python twin of ch3.gather.

Start it as: mpirun -n 5 python3 gather.py
"""
# requires: mpi4py, numpy
import argparse
import sys

import numpy
from mpi4py import MPI


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other rank can print in between


def run(comm, root, zero):
    rank, size = comm.Get_rank(), comm.Get_size()
    data = 0 if rank == zero else (rank + 1) ** 2
    say(f"process = {rank} gives {data}")

    received = comm.gather(data, root=root)
    if rank == root:
        say(f"rank = {rank} ...receiving data from other processes")
        for source, value in enumerate(received):
            if source == rank:
                say(f"process {rank} has its own {value}")
            else:
                say(f"process {rank} receiving {value} from process {source}")

    known = numpy.empty(size, dtype=int)
    comm.Allgather(numpy.array([data]), known)
    say(f"process = {rank} knows {known.tolist()}")

    block = numpy.full(1 + rank % 3, rank)
    counts = [1 + r % 3 for r in range(size)]
    squares, blocks = (numpy.empty(size, dtype=int), numpy.empty(sum(counts), dtype=int)) if rank == root else (None, None)
    comm.Gather(numpy.array([data]), squares, root=root)
    comm.Gatherv(block, [blocks, counts] if rank == root else None, root=root)
    if rank == root:
        say(f"Gather  {squares.tolist()}")
        say(f"Gatherv {blocks.tolist()}")
    every = numpy.empty(sum(counts), dtype=int)
    comm.Allgatherv(block, [every, counts])
    say(f"process = {rank} knows all blocks {every.tolist()}")


def main():
    comm = MPI.COMM_WORLD
    rank, size = comm.Get_rank(), comm.Get_size()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=int, default=0, help="rank that collects")
    parser.add_argument("--zero", type=int, default=-1, help="rank that gives 0 and not its square; -1: none")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    wrong = ""
    if not 0 <= args.root < size:
        wrong = f"--root {args.root}: want 0 to {size - 1}, one of the {size} ranks"
    elif not -1 <= args.zero < size:
        wrong = f"--zero {args.zero}: want 0 to {size - 1}, one of the {size} ranks, or -1"
    if wrong:
        if rank == 0:
            print(wrong, file=sys.stderr)
        sys.exit(2)  # on every rank, so none waits for another
    run(comm, args.root, args.zero)


if __name__ == "__main__":
    main()
