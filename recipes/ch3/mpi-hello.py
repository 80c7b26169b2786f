"""Say hello from every rank of a program: the Python twin of ch3.mpi-hello.

Start it with: mpirun -n 5 python3 mpi-hello.py
"""
# requires: mpi4py
import argparse
import os
import socket

from mpi4py import MPI


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other rank can print in between


def main():
    parser = argparse.ArgumentParser(description="say hello from every rank; start it by mpirun -n RANKS")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    parser.parse_args()

    comm = MPI.COMM_WORLD
    rank, size = comm.Get_rank(), comm.Get_size()
    say(f"hello world from process {rank}")
    comm.Barrier()  # no rank goes on until all have come

    # In turn: each rank but the first waits for the one before it. The message is empty: only its arrival matters.
    if rank > 0:
        comm.Recv(bytearray(), source=rank - 1)
    say(f"hello again from process {rank} of {size}")
    if rank < size - 1:
        comm.Send(b"", dest=rank + 1)

    answers = comm.gather((rank, size, socket.gethostname(), os.getpid()), root=0)
    if rank == 0:
        assert [a[:2] for a in answers] == [(r, size) for r in range(size)]
        assert len({a[2:] for a in answers}) == size, "each is a process of its own"
        say(f"{len(answers)} of {size} ranks have said hello")


if __name__ == "__main__":
    main()
