"""The same work as the benchmarks beside it, in Python: bench.py WHAT BYTES ROUNDS, under mpirun. Rank 0 prints ns for each
round (of a ping-pong: each way). What begins with "object-" sends values, the others buffers."""

import sys

import numpy
from mpi4py import MPI

comm = MPI.COMM_WORLD
rank, size = comm.rank, comm.size
what, length, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
send = numpy.zeros(max(size * length, 1), dtype="b")
recv = numpy.zeros_like(send)
block = send[:length]
room = recv[:length]
ones, sums = numpy.ones(max(1, length // 8)), numpy.zeros(max(1, length // 8))


def pingpong():
    if rank == 0:
        comm.Send(block, 1)
        comm.Recv(room, 1)
    elif rank == 1:
        comm.Recv(room, 0)
        comm.Send(block, 0)


def object_pingpong():
    if rank == 0:
        comm.send(rounds, 1)
        comm.recv(source=1)
    elif rank == 1:
        comm.recv(source=0)
        comm.send(rounds, 0)


def inflight():
    requests = [comm.Irecv(room, 1 - rank) for _ in range(64)]
    requests += [comm.Isend(block, 1 - rank) for _ in range(64)]
    MPI.Request.Waitall(requests)


def allreduce():
    comm.Allreduce(ones, sums)


def reduce():
    comm.Reduce(ones, sums)


def scan():
    comm.Scan(ones, sums)


def bcast():
    comm.Bcast(block)


def scatter():
    comm.Scatter(send, room)


def gather():
    comm.Gather(block, recv)


def allgather():
    comm.Allgather(block, recv)


def alltoall():
    comm.Alltoall(send, recv)


work = globals()[what.replace("-", "_")]
for _ in range(rounds // 10 + 1):
    work()
comm.Barrier()
began = MPI.Wtime()
for _ in range(rounds):
    work()
took = (MPI.Wtime() - began) / rounds
if what.endswith("pingpong"):
    took /= 2
if rank == 0:
    print(f"{took * 1e9:.1f}")
