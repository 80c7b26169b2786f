"""What mpi4py costs on this interpreter, between ranks of one machine: nanoseconds per operation.

mpirun starts this script anew for each measurement, in as many ranks as it takes. How it is started is in the environment variable
COOKBOOK_MPIRUN, a JSON list in which "N" stands for that number. Rank 0 measures.

    pingpong_8B      send and receive 8 bytes between two ranks: one way
    pingpong_1MiB    the same with 1 MiB
    value_pingpong   the same with an object, a number
    barrier          two ranks meet
    allreduce_2      two ranks add a number each
    allreduce_1MiB   two ranks add 131,072 numbers each
"""
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time

import rounds

MPIRUN = json.loads(os.environ.get("COOKBOOK_MPIRUN", '["mpirun", "--oversubscribe", "-n", "N"]'))
WORKS = {  # ranks, what, bytes, how often
    "pingpong_8B": (2, "pingpong", 8, 50_000),
    "pingpong_1MiB": (2, "pingpong", 1 << 20, 500),
    "value_pingpong": (2, "value", 0, 50_000),
    "barrier": (2, "barrier", 0, 50_000),
    "allreduce_2": (2, "allreduce", 8, 50_000),
    "allreduce_1MiB": (2, "allreduce", 1 << 20, 200),
}


def be_a_rank(what, size, count):
    import numpy
    from mpi4py import MPI

    comm = MPI.COMM_WORLD
    other = 1 - comm.rank
    block, ones = numpy.zeros(size, dtype="b"), numpy.ones(max(1, size // 8))
    sums = numpy.zeros_like(ones)

    def pingpong():
        if comm.rank == 0:
            comm.Send(block, other)
            comm.Recv(block, other)
        else:
            comm.Recv(block, other)
            comm.Send(block, other)

    def value():
        if comm.rank == 0:
            comm.send(7, other)
            comm.recv(source=other)
        else:
            comm.recv(source=other)
            comm.send(7, other)

    work = {"pingpong": pingpong, "value": value, "barrier": comm.Barrier, "allreduce": lambda: comm.Allreduce(ones, sums)}[what]
    for _ in range(count // 10 + 1):
        work()
    comm.Barrier()
    begin = time.perf_counter_ns()
    for _ in range(count):
        work()
    took = time.perf_counter_ns() - begin
    if comm.rank == 0:
        print(took // 2 if what in ("pingpong", "value") else took)


def under_mpirun(ranks, what, size):
    def measure(count):
        start = [str(ranks) if word == "N" else word for word in MPIRUN]
        command = [*start, sys.executable, os.path.abspath(__file__), "--rank", what, str(size), str(count)]
        return int(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)

    return measure


def lacking():
    if not shutil.which(MPIRUN[0]):
        return "there is no mpirun: Debian: apt install openmpi-bin"
    for module in "mpi4py", "numpy":
        with contextlib.suppress(ImportError):
            __import__(module)
            continue
        return f"there is no module {module}: {sys.executable} -m pip install {module} · Debian: apt install python3-{module}, for /usr/bin/python3"
    return ""


@contextlib.contextmanager
def ranks(part):
    why = lacking()
    yield {
        name: (why or under_mpirun(n, what, size), max(1, count // part)) for name, (n, what, size, count) in WORKS.items()
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["--rank"]:
        be_a_rank(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        rounds.main(__doc__, [ranks])
