"""Combine what all ranks have with Reduce: the Python twin of ch3.reduce.

Start it as: mpirun -n 3 python3 reduce.py
"""
# requires: mpi4py, numpy
import argparse
import functools
import sys

import numpy
from mpi4py import MPI

# What each operator does, once more in Python, for numbers that are not negative.
OPERATORS = {
    "PROD": (MPI.PROD, lambda a, b: a * b),
    "MAX": (MPI.MAX, max),
    "MIN": (MPI.MIN, min),
    "LAND": (MPI.LAND, lambda a, b: min(a, b, 1)),
    "LOR": (MPI.LOR, lambda a, b: min(max(a, b), 1)),
    "BAND": (MPI.BAND, lambda a, b: a & b),
    "BOR": (MPI.BOR, lambda a, b: a | b),
}


def append(a, b):
    """Write the digits of b behind those of a, and keep the last 18."""
    return int(f"{a}{b}"[-18:])


def append_buffers(lower, higher, datatype):
    """The same for buffers: an operator of MPI leaves its result in the second."""
    a, b = numpy.frombuffer(lower, numpy.int64), numpy.frombuffer(higher, numpy.int64)
    b[:] = [append(x, y) for x, y in zip(a, b)]


def reduce_all(comm, length, root):
    rank, size = comm.Get_rank(), comm.Get_size()
    places = numpy.arange(length, dtype=numpy.int64)
    send, recv = (rank + 1) * places, numpy.zeros(length, dtype=numpy.int64)
    say(f"process {rank} sending {show(send)}")
    comm.Reduce(send, recv, op=MPI.SUM, root=root)
    comm.Barrier()  # so that it can be read in order; only the root has waited
    say(f"on task {rank} after Reduce: data = {show(recv)}")
    right = list(recv) == [i * size * (size + 1) // 2 * (rank == root) for i in range(length)]

    for name, (op, plain) in OPERATORS.items():
        recv = numpy.zeros(length, dtype=numpy.int64)
        comm.Reduce(send, recv, op=op, root=root)
        if rank == root:
            say(f"{name:6} {show(recv)}")
            want = [functools.reduce(plain, [(r + 1) * i for r in range(size)]) for i in range(length)]
            right = right and all((int(got) - w) % 2**64 == 0 for got, w in zip(recv, want))  # a product may run over

    pairs = numpy.zeros(length, dtype=numpy.dtype([("value", numpy.int64), ("rank", numpy.intc)], align=True))
    pairs["value"], pairs["rank"] = send, rank
    for name, op in (("MAXLOC", MPI.MAXLOC), ("MINLOC", MPI.MINLOC)):
        recv = numpy.zeros_like(pairs)
        comm.Reduce([pairs, MPI.LONG_INT], [recv, MPI.LONG_INT], op=op, root=root)
        if rank == root:
            say(f"{name} {show([f'{{{v} {r}}}' for v, r in recv])}")

    op = MPI.Op.Create(append_buffers, commute=False)
    digits, recv = (rank + places) % 9 + 1, numpy.zeros(length, dtype=numpy.int64)
    comm.Reduce(digits, recv, op=op, root=root)
    op.Free()
    if rank == root:
        say(f"digits {show(recv)}")
        right = right and list(recv) == [functools.reduce(append, [(r + i) % 9 + 1 for r in range(size)])
                                         for i in range(length)]

    comm.Allreduce(send, recv, op=MPI.SUM)
    say(f"on task {rank} after Allreduce: data = {show(recv)}")
    return right and list(recv) == [i * size * (size + 1) // 2 for i in range(length)]


def show(v):
    v = [str(x) for x in v]
    return f"[{' '.join(v)}]" if len(v) <= 8 else f"[{' '.join(v[:3])} … {v[-1]}]"


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other rank can print in between


def main():
    comm = MPI.COMM_WORLD
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--length", type=int, default=3, help="numbers that each rank has")
    parser.add_argument("--root", type=int, default=0, help="rank that gets the result")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    wrong = None
    if not 1 <= args.length <= 100_000:
        wrong = f"--length {args.length}: want 1 to 100000"
    elif not 0 <= args.root < comm.Get_size():
        wrong = f"--root {args.root}: of {comm.Get_size()} ranks it can be 0 to {comm.Get_size() - 1}"
    if wrong:
        if comm.Get_rank() == 0:
            print(f"reduce.py: {wrong}", file=sys.stderr, flush=True)
        comm.Barrier()
        sys.exit(2)
    if not reduce_all(comm, args.length, args.root):
        print(f"reduce.py: rank {comm.Get_rank()} has a wrong result", file=sys.stderr, flush=True)
        comm.Abort(1)


if __name__ == "__main__":
    main()
