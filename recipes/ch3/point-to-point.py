"""Send a message from one rank to another: the Python twin of ch3.point-to-point.

Start it with: mpirun -n 9 python3 point-to-point.py
"""
# requires: mpi4py
import argparse
import sys
import time

from mpi4py import MPI


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other rank can print in between


def book(comm):
    """What the book's ranks do: lower-case send and recv take any object."""
    rank = comm.Get_rank()
    if rank == 0:
        data = 10000000
        say(f"sending data {data} to process 4")
        comm.send(data, dest=4)
    elif rank == 1:
        data = "hello"
        say(f"sending data {data} to process 8")
        comm.send(data, dest=8)
    elif rank == 4:
        data = comm.recv(source=0)
        say(f"data received is = {data}")
    elif rank == 8:
        data = comm.recv(source=1)
        say(f"data1 received is = {data}")


def modes(comm, size, pause):
    """Rank 0 sends some bytes to rank 4, which is late, in each of two modes: upper-case methods take buffers."""
    data = b"x" * size
    for name, send in (("Send", comm.Send), ("Ssend", comm.Ssend)):
        comm.Barrier()
        if comm.Get_rank() == 0:
            begun = MPI.Wtime()
            send(data, dest=4)
            say(f"{name} of {size} bytes returned after {(MPI.Wtime() - begun) * 1000:.3f}ms")
        elif comm.Get_rank() == 4:
            time.sleep(pause)
            say("calling Recv")
            received = bytearray(size)
            comm.Recv(received, source=0)
            assert received == data


def main():
    parser = argparse.ArgumentParser(description="send messages between ranks; start it by mpirun -n 9")
    parser.add_argument("--size", type=int, default=8, help="bytes to send in the two modes")
    parser.add_argument("--speed", default="20", help="divides the pauses; max: none")
    args = parser.parse_args()
    if not 0 <= args.size <= 100_000_000:
        parser.error(f"--size {args.size}: want 0 to 100000000 bytes")

    comm = MPI.COMM_WORLD
    if comm.Get_size() < 9:
        if comm.Get_rank() == 0:
            print(f"{comm.Get_size()} ranks: want at least 9 (mpirun -n 9), because ranks 4 and 8 receive",
                  file=sys.stderr, flush=True)
        sys.exit(2)
    say(f"my rank is : {comm.Get_rank()}")
    book(comm)
    modes(comm, args.size, 0 if args.speed == "max" else 1 / float(args.speed))


if __name__ == "__main__":
    main()
