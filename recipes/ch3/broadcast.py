"""Give every rank the same value by a broadcast: the Python twin of ch3.broadcast.

Start it as: mpirun -n 10 python3 broadcast.py
"""
# requires: mpi4py, numpy
import argparse
import sys

import numpy
from mpi4py import MPI


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other rank can print in between


def run(comm, root, value):
    rank = comm.Get_rank()
    shared = None
    numbers = numpy.zeros(3, dtype="i8")
    if rank == root:
        shared = value
        numbers[:] = value, 2 * value, 3 * value
        say(f"process = {rank} has {shared} to share")
    before = shared

    shared = comm.bcast(shared, root=root)
    say(f"process = {rank} variable shared  = {shared}")
    after = shared

    shared += rank
    comm.Bcast(numbers, root=root)

    records = comm.gather((before, after, shared, numbers), root=0)
    if rank == 0:  # it has a value of every rank, so all have printed their lines
        before, after, changed, buffers = zip(*records)
        say(f"before  {list(before)}")
        say(f"after   {list(after)}")
        say(f"plus r  {list(changed)}")
        say(f"buffer  {buffers[-1]}")


def parse(comm):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=int, default=0, help="rank that has the value")
    parser.add_argument("--value", type=int, default=100, help="number that this rank has")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 0 <= args.root < comm.Get_size():
        if comm.Get_rank() == 0:
            print(f"--root {args.root}: want 0 to {comm.Get_size() - 1}, one of the {comm.Get_size()} ranks", file=sys.stderr)
        sys.exit(2)  # on every rank, so none waits for another
    return args


if __name__ == "__main__":
    world = MPI.COMM_WORLD
    arguments = parse(world)
    run(world, arguments.root, arguments.value)
