"""Send and receive without waiting: the Python twin of ch3.requests.

Start it as: mpirun -n 4 python3 requests.py
"""
# requires: mpi4py, numpy
import argparse
import sys

import numpy
from mpi4py import MPI

TO_RIGHT, TO_LEFT, LATE = 0, 1, 2  # tags, which distinguish messages between the same two ranks


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other rank can print in between


def swap_with_neighbours(comm, size):
    rank, n = comm.Get_rank(), comm.Get_size()
    left, right = (rank - 1) % n, (rank + 1) % n
    own, from_left, from_right = numpy.full(size, rank), numpy.empty(size, dtype=int), numpy.empty(size, dtype=int)

    say(f"process {rank} begins to swap {size} numbers with {left} and {right}")
    requests = [comm.Irecv(from_left, source=left, tag=TO_RIGHT), comm.Irecv(from_right, source=right, tag=TO_LEFT),
                comm.Isend(own, dest=right, tag=TO_RIGHT), comm.Isend(own, dest=left, tag=TO_LEFT)]
    total = own.sum()  # messages travel while this rank computes
    MPI.Request.Waitall(requests)
    say(f"process {rank} has summed up its own, {total}, and has those of {from_left[0]} and {from_right[0]}")


def gather_texts(comm):
    rank = comm.Get_rank()
    if rank > 0:
        comm.isend(f"greetings from {rank}", dest=0, tag=TO_LEFT).wait()
        return
    requests = [comm.irecv(source=source, tag=TO_LEFT) for source in range(1, comm.Get_size())]
    for request in reversed(requests):
        say(request.wait())


def send_to_begun(comm):
    if comm.Get_rank() == 0:
        say("beginning to receive")
        request = comm.irecv(source=1, tag=TO_LEFT)
        comm.recv(source=1, tag=LATE)  # rank 1 sends this when its ssend has returned
        say("waiting only now")
        request.wait()
    elif comm.Get_rank() == 1:
        comm.ssend("in time", dest=0, tag=TO_LEFT)
        say("ssend has returned")
        comm.send(None, dest=0, tag=LATE)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=50_000, help="numbers in each message between neighbours")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    comm = MPI.COMM_WORLD
    if comm.Get_size() < 2 or not 1 <= args.size <= 1_000_000:
        if comm.Get_rank() == 0:
            print("want at least 2 ranks (mpirun -n 4) and a --size of 1 to 1000000", file=sys.stderr, flush=True)
        sys.exit(2)  # on every rank, so none waits for another
    swap_with_neighbours(comm, args.size)
    comm.Barrier()
    gather_texts(comm)
    send_to_begun(comm)


if __name__ == "__main__":
    main()
