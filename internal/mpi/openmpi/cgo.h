// What the Go files need of MPI, on communicators and with statuses, in a form that cgo can call: MPI's constants are macros
// of C, and an envelope says in bytes what a status says. Communicators and requests are numbers here, datatypes and operators
// places in a table: of a pointer to what it does not know, cgo looks in each call where it leads to.

#ifndef CK_CGO_H
#define CK_CGO_H

#include <limits.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <mpi.h>

typedef uintptr_t ck_comm;

static inline ck_comm ck_world(void) { return (ck_comm)MPI_COMM_WORLD; }

// A goroutine that Go's scheduler has not started for 10 ms is taken for one that runs too long. If it is found in C then, it
// loses its processor, a thread begins to look after it all 20 µs, and on its way back it has to ask for a processor and to wake
// that thread. A rank that makes one call of MPI after the other is such a goroutine. So calls end with ck_end, which says every few
// milliseconds that the goroutine is to let itself be scheduled. Otherwise nine ranks on two cores take twice the time.
enum { ck_turn = 1 << 30, ck_turn_ns = 4000000 };

#ifdef CLOCK_MONOTONIC_COARSE
enum { ck_clock = CLOCK_MONOTONIC_COARSE }; // takes 5 ns
#else
enum { ck_clock = CLOCK_MONOTONIC };
#endif

extern long long ck_last_turn; // ns

// ck_due is ck_turn if it is time for that, and otherwise 0.
static inline int ck_due(void) {
	struct timespec t;
	clock_gettime(ck_clock, &t);
	long long now = t.tv_sec * 1000000000LL + t.tv_nsec;
	if (now - ck_last_turn < ck_turn_ns)
		return 0;
	ck_last_turn = now;
	return ck_turn;
}

static inline int ck_end(int rc) { return rc | ck_due(); }

// ck_return makes errors return values instead of the end of all ranks.
static inline int ck_return(ck_comm c) { return MPI_Comm_set_errhandler((MPI_Comm)c, MPI_ERRORS_RETURN); }

// ck_init begins MPI for calls from any thread, one at a time. MPI_THREAD_MULTIPLE would cost locks in each.
//
// Open MPI 4.1 lets a receiver read a large message right out of the sender's memory, all of it, also where the buffer is smaller:
// what lies behind the buffer is overwritten. So its transports are told to copy messages in pieces, which are cut where the buffer
// ends. The user's own settings remain.
static inline int ck_init(int *enough) {
	int provided = MPI_THREAD_SINGLE;
	setenv("OMPI_MCA_btl_vader_flags", "send,inplace", 0);
	setenv("OMPI_MCA_btl_self_flags", "send,inplace", 0);
	setenv("OMPI_MCA_btl_tcp_flags", "send,inplace", 0);
	int rc = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
	*enough = provided >= MPI_THREAD_SERIALIZED;
	return rc == MPI_SUCCESS ? ck_return(ck_world()) : rc;
}

// ck_anywhere reports on all ranks of the world whether one of them says so.
static inline int ck_anywhere(int so, int *yes) { return MPI_Allreduce(&so, yes, 1, MPI_INT, MPI_LOR, MPI_COMM_WORLD); }

static inline void ck_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

// The datatypes, in the order of cgo.go.
static inline MPI_Datatype ck_datatype(int i) {
	switch (i) {
	case 1: return MPI_INT8_T;
	case 2: return MPI_INT16_T;
	case 3: return MPI_INT32_T;
	case 4: return MPI_INT64_T;
	case 5: return MPI_UINT8_T;
	case 6: return MPI_UINT16_T;
	case 7: return MPI_UINT32_T;
	case 8: return MPI_UINT64_T;
	case 9: return MPI_FLOAT;
	case 10: return MPI_DOUBLE;
	case 11: return MPI_C_FLOAT_COMPLEX;
	case 12: return MPI_C_DOUBLE_COMPLEX;
	}
	return MPI_BYTE;
}

// The operators, in the order of engine.OpCode.
static inline MPI_Op ck_op(int i) {
	switch (i) {
	case 1: return MPI_SUM;
	case 2: return MPI_PROD;
	case 3: return MPI_MIN;
	case 4: return MPI_MAX;
	case 5: return MPI_LAND;
	case 6: return MPI_LOR;
	case 7: return MPI_BAND;
	case 8: return MPI_BOR;
	}
	return MPI_OP_NULL;
}

// ck_made is a communicator that MPI has made, 0 if it has made none here.
static inline int ck_made(int rc, MPI_Comm c, ck_comm *made) {
	*made = 0;
	if (rc != MPI_SUCCESS || c == MPI_COMM_NULL)
		return rc;
	*made = (ck_comm)c;
	return ck_return(*made);
}

static inline int ck_split(ck_comm c, int color, int key, ck_comm *made) {
	MPI_Comm m = MPI_COMM_NULL;
	int rc = MPI_Comm_split((MPI_Comm)c, color < 0 ? MPI_UNDEFINED : color, key, &m);
	return ck_made(rc, m, made);
}

static inline int ck_dup(ck_comm c, ck_comm *made) {
	MPI_Comm m = MPI_COMM_NULL;
	int rc = MPI_Comm_dup((MPI_Comm)c, &m);
	return ck_made(rc, m, made);
}

static inline int ck_free(ck_comm c) {
	MPI_Comm m = (MPI_Comm)c;
	return MPI_Comm_free(&m);
}

static inline void ck_place(ck_comm c, int *rank, int *size) {
	MPI_Comm_rank((MPI_Comm)c, rank);
	MPI_Comm_size((MPI_Comm)c, size);
}

// ck_worldranks fills in the ranks in the world of all of a communicator's.
static inline int ck_worldranks(ck_comm c, int n, int *ranks) {
	MPI_Group group, world;
	int rc = MPI_Comm_group((MPI_Comm)c, &group);
	if (rc != MPI_SUCCESS)
		return rc;
	MPI_Comm_group(MPI_COMM_WORLD, &world);
	for (int i = 0; i < n && rc == MPI_SUCCESS; i++)
		rc = MPI_Group_translate_ranks(group, 1, &i, world, &ranks[i]);
	MPI_Group_free(&group);
	MPI_Group_free(&world);
	return rc;
}

// The classes of errors, in the order of cgo.go.
static inline int ck_class(int code) {
	int class = MPI_ERR_OTHER;
	MPI_Error_class(code, &class);
	switch (class) {
	case MPI_ERR_COUNT: return 1;
	case MPI_ERR_TYPE: return 2;
	case MPI_ERR_TAG: return 3;
	case MPI_ERR_COMM: return 4;
	case MPI_ERR_RANK: return 5;
	case MPI_ERR_ROOT: return 6;
	case MPI_ERR_OP: return 7;
	case MPI_ERR_DIMS: return 8;
	case MPI_ERR_TRUNCATE: return 9;
	}
	return 0;
}

#endif
