"""Exchange blocks between all ranks with Alltoall: the Python twin of ch3.alltoall.

Start it as: mpirun -n 5 python3 alltoall.py
"""
# requires: mpi4py, numpy
import argparse
import bisect
import random
import sys

import numpy
from mpi4py import MPI


def matrix(comm):
    """The book's program: row r of a matrix is rank r's; afterwards it has column r."""
    rank, size = comm.Get_rank(), comm.Get_size()
    row = (rank + 1) * numpy.arange(size, dtype=numpy.int64)
    column = numpy.empty(size, dtype=numpy.int64)
    comm.Alltoall(row, column)
    say(f"process {rank} sending {show(row):14} receiving {show(column)}")
    return list(column) == [(r + 1) * rank for r in range(size)]


def value(r, s):
    """What rank r has for rank s: a number, a string or a list."""
    return (r, f"from {r}", [r, s])[(r + s) % 3]


def values(comm):
    """The lower-case form: each block may be any object."""
    rank, size = comm.Get_rank(), comm.Get_size()
    received = comm.alltoall([value(rank, s) for s in range(size)])
    shown = [str(v).replace(",", "") for v in received]
    say(f"process {rank} receiving {', '.join(shown[:8] + ['…'] * (size > 8))}")
    return received == [value(r, rank) for r in range(size)]


def sample_sort(comm, keys, seed):
    """Sort keys that lie on all ranks, by blocks of different lengths."""
    rank, size = comm.Get_rank(), comm.Get_size()
    source = random.Random(f"{seed}/{rank}")
    drawn = [source.randrange(10_000) for _ in range(keys * (rank + 1) // size - keys * rank // size)]
    own = sorted(drawn)

    samples = [own[i * len(own) // size] for i in range(1, size)] if own else []
    samples = sorted(sum(comm.allgather(samples), []))
    limits = [samples[i * len(samples) // size] for i in range(1, size)]

    send_counts = numpy.zeros(size, dtype=numpy.int64)
    for key in own:
        send_counts[bisect.bisect_left(limits, key)] += 1
    recv_counts = numpy.empty(size, dtype=numpy.int64)
    comm.Alltoall(send_counts, recv_counts)
    received = numpy.empty(recv_counts.sum(), dtype=numpy.int64)
    comm.Alltoallv([numpy.array(own, dtype=numpy.int64), (send_counts, starts(send_counts))],
                   [received, (recv_counts, starts(recv_counts))])
    received.sort()
    say(f"sending {show(send_counts)}, has {len(received)}: {show(received)}")
    return drawn, list(received)


def starts(counts):
    """Where blocks of those lengths begin that follow one another."""
    return numpy.cumsum(counts) - counts


def show(v):
    v = [str(x) for x in v]
    return f"[{' '.join(v)}]" if len(v) <= 8 else f"[{v[0]} {v[1]} … {v[-1]}]"


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other rank can print in between


def main():
    comm = MPI.COMM_WORLD
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=1000, help="random numbers that the ranks sort together")
    parser.add_argument("--seed", type=int, help="seed of the random numbers; without it a new one each time")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.keys <= 1_000_000:
        if comm.Get_rank() == 0:
            print(f"alltoall.py: --keys {args.keys}: want 1 to 1000000", file=sys.stderr, flush=True)
        comm.Barrier()
        sys.exit(2)

    seed = comm.bcast(args.seed if args.seed is not None else random.randrange(1_000_000))
    transposed = matrix(comm)
    comm.Barrier()  # the barriers keep the parts of the output apart
    right = values(comm)
    comm.Barrier()
    results = comm.gather((transposed, right, *sample_sort(comm, args.keys, seed)))
    if comm.Get_rank() != 0:
        return
    transposed, right, drawn, received = zip(*results)
    in_order = sum(received, [])
    share = max(len(block) for block in received) * comm.Get_size() / args.keys
    say(f"{len(in_order)} keys on {comm.Get_size()} ranks, on each at most {share:.2f} times its share")
    if not (all(transposed) and all(right) and in_order == sorted(sum(drawn, []))):
        sys.exit("alltoall.py: the exchange went wrong")


if __name__ == "__main__":
    main()
