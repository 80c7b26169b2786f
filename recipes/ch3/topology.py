"""Give the ranks places in a grid: the Python twin of ch3.topology.

Start it as: mpirun -n 4 python3 topology.py
"""
# requires: mpi4py, numpy
import argparse
import math
import sys

import numpy
from mpi4py import MPI


def neighbours(grid):
    """Who is up, down, left and right: -1 for no rank, whatever number this MPI has for it."""
    near = [*grid.Shift(0, 1), *grid.Shift(1, 1)]
    return [-1 if rank == MPI.PROC_NULL else rank for rank in near]


def part(size, dims, at):
    """The part of the plate for one place in a grid, with a border of one cell all around."""
    first, last = ([k * (size // parts) + min(k, size % parts) for k, parts in zip(ks, dims)]
                   for ks in (at, [k + 1 for k in at]))
    cells = numpy.zeros((last[0] - first[0] + 2, last[1] - first[1] + 2))
    if first[0] == 0:
        cells[0] = 100
    return first, cells


def exchange(mesh, cells):
    """Send the outermost lines of cells to the neighbours and put theirs into the border."""
    for dim in range(2):
        lines = cells if dim == 0 else cells.T  # a view: its row k is row k or column k of the plate
        for by, line, border in ((1, -2, 0), (-1, 1, -1)):
            source, dest = mesh.Shift(dim, by)
            received = lines[border, 1:-1].copy()  # unchanged if there is no neighbour
            mesh.Sendrecv(lines[line, 1:-1].copy(), dest, recvbuf=received, source=source)
            lines[border, 1:-1] = received


def step(cells):
    """Give each cell the mean of its four neighbours."""
    cells[1:-1, 1:-1] = (cells[:-2, 1:-1] + cells[2:, 1:-1] + cells[1:-1, :-2] + cells[1:-1, 2:]) / 4


def say(line):
    print(f"{line}\n", end="", flush=True)  # one write per line: no other rank can print in between


def show(ranks):
    return f"[{' '.join(f'{rank:2}' for rank in ranks)}]"


def main():
    comm = MPI.COMM_WORLD
    rank, ranks = comm.Get_rank(), comm.Get_size()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=15, help="cells on each side of the plate")
    parser.add_argument("--steps", type=int, default=150, help="steps in which the heat spreads")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not (1 <= args.size <= 200 and 0 <= args.steps <= 1000):
        if rank == 0:
            print(f"topology.py: --size {args.size} --steps {args.steps}: want 1 to 200 cells a side and 0 to 1000 steps",
                  file=sys.stderr, flush=True)
        comm.Barrier()
        sys.exit(2)

    dims = MPI.Compute_dims(ranks, 2)
    if rank == 0:
        for p in (5, 7, 10, 11, ranks):
            rows, (n, m) = math.isqrt(p), MPI.Compute_dims(p, 2)
            say(f"{p:2} ranks: {rows} x {p // rows} leaves out {p % rows}, {n:2} x {m} leaves out {p - n * m}")
        say(f"Building a {dims[0]} x {dims[1]} grid topology:")
    comm.Barrier()
    mesh = comm.Create_cart(dims, periods=[False, False])
    torus = comm.Create_cart(dims, periods=[True, True])
    if rank == 0:
        (size, rings, _), (torus_size, torus_rings, _) = mesh.Get_topo(), torus.Get_topo()
        say(f"mesh {size} closed to rings: {[bool(r) for r in rings]}, torus {torus_size}: {[bool(r) for r in torus_rings]}")
    at = mesh.Get_coords(mesh.Get_rank())
    say(f"({at[0]},{at[1]})  mesh {show(neighbours(mesh))}  torus {show(neighbours(torus))}")

    first, cells = part(args.size, dims, at)
    for _ in range(args.steps):
        exchange(mesh, cells)
        step(cells)
    say(f"computed {cells.shape[0] - 2} x {cells.shape[1] - 2} cells, from row {first[0]} and column {first[1]} on")

    parts = comm.gather((first, cells))
    if rank != 0:
        return
    _, whole = part(args.size, (1, 1), (0, 0))  # the same plate in one piece
    for _ in range(args.steps):
        step(whole)
    for row in range(8):
        line = (" .:-=+*#%@"[int(whole[1 + row * args.size // 8, 1 + column * args.size // 32] / 10)] for column in range(32))
        say(f"|{''.join(line)}|")
    for (row, column), cells in parts:
        if (cells[1:-1, 1:-1] != whole[1:-1, 1:-1][row:row + len(cells) - 2, column:column + cells.shape[1] - 2]).any():
            sys.exit("topology.py: the parts and the whole differ")


if __name__ == "__main__":
    main()
