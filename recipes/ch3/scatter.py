"""Deal a list out to the ranks by a scatter: the Python twin of ch3.scatter.

Start it as: mpirun -n 10 python3 scatter.py
"""
# requires: mpi4py, numpy
import argparse
import sys

import numpy
from mpi4py import MPI


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other rank can print in between


def scatter(comm, values, root):
    """comm.scatter with an error for all ranks. In mpi4py's own only the root notices a wrong length."""
    count = comm.bcast(len(values) if comm.Get_rank() == root else None, root=root)
    if count != comm.Get_size():
        raise ValueError(f"{count} values for {comm.Get_size()} ranks: there has to be one for each")
    return comm.scatter(values, root=root)


def layout(ranks):
    """A buffer in which each number is its own place, and blocks of it, with one number between them that no rank gets."""
    counts = [1 + r % 3 for r in range(ranks)]
    displs = [sum(counts[:r]) + r for r in range(ranks)]
    return numpy.arange(displs[-1] + counts[-1]), counts, displs


def blocks(comm, root):
    rank = comm.Get_rank()
    buffer = counts = displs = None
    if rank == root:
        buffer, counts, displs = layout(comm.Get_size())
        say(f"buffer = 0 to {len(buffer) - 1}")
        say(f"counts = {counts}")
        say(f"displs = {displs}")
    count = comm.scatter(counts, root=root)
    block = numpy.empty(count, dtype=int)
    comm.Scatterv([buffer, counts, displs, MPI.LONG] if rank == root else None, block, root=root)
    say(f"process = {rank} block = {block}")
    return block


def run(comm, root, items):
    rank = comm.Get_rank()
    array_to_share = None
    if rank == root:
        array_to_share = list(range(1, items + 1))
        say(f"array_to_share = {array_to_share}")
    recvbuf = scatter(comm, array_to_share, root)
    say(f"process = {rank} recvbuf = {recvbuf}")

    comm.Barrier()  # all have printed their items
    try:
        scatter(comm, array_to_share and array_to_share + [0], root)
    except ValueError as error:
        if rank == root:
            say(f"Scatter: {error}")
    got = comm.gather(blocks(comm, root), root=0)
    if rank == 0:
        left = set(layout(comm.Get_size())[0]) - set(numpy.concatenate(got))
        say(f"nobody got {sorted(int(i) for i in left)}")


def main():
    comm = MPI.COMM_WORLD
    rank, size = comm.Get_rank(), comm.Get_size()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=int, default=0, help="rank that has the list")
    parser.add_argument("--items", type=int, default=0, help="length of the list; 0: the number of ranks")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    wrong = ""
    if not 0 <= args.root < size:
        wrong = f"--root {args.root}: want 0 to {size - 1}, one of the {size} ranks"
    elif not 0 <= args.items <= 1000:
        wrong = f"--items {args.items}: want 0 to 1000"
    if wrong:
        if rank == 0:
            print(wrong, file=sys.stderr)
        sys.exit(2)  # on every rank, so none waits for another
    try:
        run(comm, args.root, args.items or size)
    except ValueError as error:
        if rank == args.root:
            print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
