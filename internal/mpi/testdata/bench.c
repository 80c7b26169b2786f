/* The same work as the benchmarks beside it, in C: bench WHAT BYTES ROUNDS, under mpirun. Rank 0 prints ns for each round (of a
   ping-pong: each way). */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IN_FLIGHT 64 /* messages each way at a time */

int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    int rank, size;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (argc != 4) {
        if (rank == 0) fprintf(stderr, "bench WHAT BYTES ROUNDS\n");
        MPI_Abort(MPI_COMM_WORLD, 2);
    }
    const char *what = argv[1];
    int bytes = atoi(argv[2]), rounds = atoi(argv[3]), warm = rounds / 10 + 1;
    MPI_Request requests[2 * IN_FLIGHT];
    char *in = calloc(size, bytes + 8), *out = calloc(size, bytes + 8);
    int many = bytes < 8 ? 1 : bytes / 8;
    double began = 0, *ones = calloc(many, 8), *sums = calloc(many, 8);
    for (int i = -warm; i < rounds; i++) {
        if (i == 0) {
            MPI_Barrier(MPI_COMM_WORLD);
            began = MPI_Wtime();
        }
        if (!strcmp(what, "pingpong")) {
            if (rank == 0) {
                MPI_Send(out, bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
                MPI_Recv(in, bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            } else if (rank == 1) {
                MPI_Recv(in, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
                MPI_Send(out, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
            }
        } else if (!strcmp(what, "inflight")) {
            for (int m = 0; m < IN_FLIGHT; m++)
                MPI_Irecv(in, bytes, MPI_BYTE, 1 - rank, 0, MPI_COMM_WORLD, &requests[m]);
            for (int m = 0; m < IN_FLIGHT; m++)
                MPI_Isend(out, bytes, MPI_BYTE, 1 - rank, 0, MPI_COMM_WORLD, &requests[IN_FLIGHT + m]);
            MPI_Waitall(2 * IN_FLIGHT, requests, MPI_STATUSES_IGNORE);
        } else if (!strcmp(what, "allreduce")) {
            MPI_Allreduce(ones, sums, many, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
        } else if (!strcmp(what, "reduce")) {
            MPI_Reduce(ones, sums, many, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
        } else if (!strcmp(what, "scan")) {
            MPI_Scan(ones, sums, many, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
        } else if (!strcmp(what, "bcast")) {
            MPI_Bcast(out, bytes, MPI_BYTE, 0, MPI_COMM_WORLD);
        } else if (!strcmp(what, "scatter")) {
            MPI_Scatter(out, bytes, MPI_BYTE, in, bytes, MPI_BYTE, 0, MPI_COMM_WORLD);
        } else if (!strcmp(what, "gather")) {
            MPI_Gather(out, bytes, MPI_BYTE, in, bytes, MPI_BYTE, 0, MPI_COMM_WORLD);
        } else if (!strcmp(what, "allgather")) {
            MPI_Allgather(out, bytes, MPI_BYTE, in, bytes, MPI_BYTE, MPI_COMM_WORLD);
        } else if (!strcmp(what, "alltoall")) {
            MPI_Alltoall(out, bytes, MPI_BYTE, in, bytes, MPI_BYTE, MPI_COMM_WORLD);
        }
    }
    double took = (MPI_Wtime() - began) / rounds;
    if (!strcmp(what, "pingpong")) took /= 2;
    if (rank == 0) printf("%.1f\n", took * 1e9);
    free(in);
    free(out);
    free(ones);
    free(sums);
    MPI_Finalize();
    return 0;
}
