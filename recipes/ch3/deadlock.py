"""Keep two ranks from waiting for each other: the Python twin of ch3.deadlock.

Start it with: mpirun -n 9 python3 deadlock.py
"""
# requires: mpi4py
import argparse
import sys

from mpi4py import MPI

PATIENCE = 0.05  # seconds


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other rank can print in between


def text(message):
    return message.decode() if len(message) == 1 else f"{message[:1].decode()} × {len(message)}"


def done_in_time(request):
    """MPI does not say that two ranks wait for each other. A rank can only begin, and look at the clock."""
    begun = MPI.Wtime()
    while not request.Test():
        if MPI.Wtime() - begun > PATIENCE:
            return False
    return True


class Exchange:
    """What rank 1 and rank 5 do: each sends a message to the other and receives one."""

    def __init__(self, comm, size):
        self.comm = comm
        letter, other_letter, self.other = (b"a", b"b", 5) if comm.Get_rank() == 1 else (b"b", b"a", 1)
        self.mine, self.wanted, self.theirs = letter * size, other_letter * size, bytearray(size)

    def sending(self):
        say(f"sending data {text(self.mine)} to process {self.other}")

    def send(self):
        self.sending()
        self.comm.Send(self.mine, dest=self.other)

    def receive(self):
        self.comm.Recv(self.theirs, source=self.other)
        self.received()

    def received(self):
        assert self.theirs == self.wanted
        say(f"data received is = {text(self.theirs)}")

    def both_receive_first(self):
        request = self.comm.Irecv(self.theirs, source=self.other)
        if not done_in_time(request):
            say(f"nothing came from process {self.other} in {PATIENCE} s: Recv would wait for ever")
            request.Cancel()
            request.Wait()

    def both_send_first(self):
        self.sending()
        request = self.comm.Isend(self.mine, dest=self.other)
        if not done_in_time(request):
            say(f"process {self.other} took nothing in {PATIENCE} s: Send would wait for ever")
        # Both have looked when this returns.
        self.comm.Sendrecv(b"", dest=self.other, sendtag=1, recvbuf=bytearray(), source=self.other, recvtag=1)
        self.receive()
        request.Wait()

    def one_sends_first(self):
        first, then = (self.send, self.receive) if self.comm.Get_rank() == 1 else (self.receive, self.send)
        first()
        then()

    def sendrecv(self):
        self.sending()
        self.comm.Sendrecv(self.mine, dest=self.other, recvbuf=self.theirs, source=self.other)
        self.received()

    def sendrecv_value(self):
        self.sending()
        self.theirs = self.comm.sendrecv(self.mine, dest=self.other, source=self.other)  # pickled, so it brings its length
        self.received()


def main():
    parser = argparse.ArgumentParser(description="let ranks 1 and 5 exchange messages; start it by mpirun -n 9")
    parser.add_argument("--size", type=int, default=1_000_000, help="bytes of each long message")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.size <= 100_000_000:
        parser.error(f"--size {args.size}: want 1 to 100000000 bytes")

    comm = MPI.COMM_WORLD
    rank, size = comm.Get_rank(), comm.Get_size()
    if size < 6:
        if rank == 0:
            print(f"{size} ranks: want at least 6 (mpirun -n 9), because ranks 1 and 5 exchange messages",
                  file=sys.stderr, flush=True)
        sys.exit(2)
    say(f"my rank is : {rank}")
    exchanges = [(1, Exchange.both_receive_first), (args.size, Exchange.both_send_first),
                 (1, Exchange.both_send_first), (args.size, Exchange.one_sends_first),
                 (args.size, Exchange.sendrecv), (args.size, Exchange.sendrecv_value)]
    for length, act in exchanges:
        comm.Barrier()
        if rank in (1, 5):
            act(Exchange(comm, length))


if __name__ == "__main__":
    main()
