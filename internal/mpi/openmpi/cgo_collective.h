// The collective calls, whose buffers are chars: then cgo does not look for pointers in what lies around them. See cgo.h.

#include "cgo_p2p.h"

static inline int ck_barrier(ck_comm c) { return ck_end(MPI_Barrier((MPI_Comm)c)); }

static inline int ck_bcast(char *b, int n, int t, int root, ck_comm c) {
	return ck_end(MPI_Bcast(b, n, ck_datatype(t), root, (MPI_Comm)c));
}

static inline int ck_scatter(char *s, int each, int st, char *r, int n, int t, int root, ck_comm c) {
	return ck_end(MPI_Scatter(s, each, ck_datatype(st), r, n, ck_datatype(t), root, (MPI_Comm)c));
}

static inline int ck_scatterv(char *s, int *counts, int *displs, int st, char *r, int n, int t, int root, ck_comm c) {
	return ck_end(MPI_Scatterv(s, counts, displs, ck_datatype(st), r, n, ck_datatype(t), root, (MPI_Comm)c));
}

static inline int ck_gather(char *s, int n, int t, char *r, int each, int rt, int root, ck_comm c) {
	return ck_end(MPI_Gather(s, n, ck_datatype(t), r, each, ck_datatype(rt), root, (MPI_Comm)c));
}

static inline int ck_gatherv(char *s, int n, int t, char *r, int *counts, int *displs, int rt, int root, ck_comm c) {
	return ck_end(MPI_Gatherv(s, n, ck_datatype(t), r, counts, displs, ck_datatype(rt), root, (MPI_Comm)c));
}

static inline int ck_allgather(char *s, int n, int t, char *r, int each, int rt, ck_comm c) {
	return ck_end(MPI_Allgather(s, n, ck_datatype(t), r, each, ck_datatype(rt), (MPI_Comm)c));
}

static inline int ck_allgatherv(char *s, int n, int t, char *r, int *counts, int *displs, int rt, ck_comm c) {
	return ck_end(MPI_Allgatherv(s, n, ck_datatype(t), r, counts, displs, ck_datatype(rt), (MPI_Comm)c));
}

static inline int ck_alltoall(char *s, int each, int st, char *r, int reach, int rt, ck_comm c) {
	return ck_end(MPI_Alltoall(s, each, ck_datatype(st), r, reach, ck_datatype(rt), (MPI_Comm)c));
}

static inline int ck_alltoallv(char *s, int *sn, int *sd, int st, char *r, int *rn, int *rd, int rt, ck_comm c) {
	return ck_end(MPI_Alltoallv(s, sn, sd, ck_datatype(st), r, rn, rd, ck_datatype(rt), (MPI_Comm)c));
}

static inline int ck_reduce(char *s, char *r, int n, int t, int op, int root, ck_comm c) {
	return ck_end(MPI_Reduce(s == r ? MPI_IN_PLACE : s, r, n, ck_datatype(t), ck_op(op), root, (MPI_Comm)c));
}

static inline int ck_allreduce(char *s, char *r, int n, int t, int op, ck_comm c) {
	return ck_end(MPI_Allreduce(s == r ? MPI_IN_PLACE : s, r, n, ck_datatype(t), ck_op(op), (MPI_Comm)c));
}

static inline int ck_scan(char *s, char *r, int n, int t, int op, ck_comm c) {
	return ck_end(MPI_Scan(s == r ? MPI_IN_PLACE : s, r, n, ck_datatype(t), ck_op(op), (MPI_Comm)c));
}

// A star is a round of messages between rank 0 and each other rank, where MPI's own calls pass on what they have along trees and
// rings: each step of these waits until another rank has its turn on a processor, and in a star each rank waits once.

enum { ck_star_tag = 0 };

// ck_star_in is rank 0 that receives blocks of n elements from the others. all begins with its own.
static inline int ck_star_in(char *all, int n, int t, int size, int ranks, ck_comm c) {
	MPI_Status s;
	int rc = MPI_SUCCESS;
	for (int r = 1; r < ranks && rc == MPI_SUCCESS; r++)
		rc = ck_take(all + (size_t)r * size, n, t, r, ck_star_tag, c, &s);
	return ck_end(rc);
}

// ck_star_out is rank 0 that sends a buffer to the others.
static inline int ck_star_out(char *b, int n, int t, int ranks, ck_comm c) {
	int rc = MPI_SUCCESS;
	for (int r = 1; r < ranks && rc == MPI_SUCCESS; r++)
		rc = MPI_Send(b, n, ck_datatype(t), r, ck_star_tag, (MPI_Comm)c);
	return ck_end(rc);
}

// ck_star_leaf is another rank that sends its block and receives what rank 0 makes of them all.
static inline int ck_star_leaf(char *s, char *r, int n, int t, ck_comm c) {
	MPI_Status status;
	int rc = MPI_Send(s, n, ck_datatype(t), 0, ck_star_tag, (MPI_Comm)c);
	if (rc == MPI_SUCCESS)
		rc = ck_take(r, n, t, 0, ck_star_tag, c, &status);
	return ck_end(rc);
}
