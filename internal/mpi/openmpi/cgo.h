// What the Go files need of MPI, on communicators and with statuses, in a form that cgo can call: MPI's constants are macros
// of C, and an envelope says in bytes what a status says.

#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <mpi.h>

typedef struct {
	int source, tag;
	long long bytes;
	int there; // found, or done
} ck_envelope;

enum { ck_any = -2 }; // AnySource, AnyTag

enum { ck_looks = 4 }; // for a message that need not be there

static inline int ck_source(int s) { return s == ck_any ? MPI_ANY_SOURCE : s; }
static inline int ck_tag(int t) { return t == ck_any ? MPI_ANY_TAG : t; }

static inline void ck_status(MPI_Status *s, ck_envelope *e) {
	MPI_Count many;
	int n;
	e->source = s->MPI_SOURCE;
	e->tag = s->MPI_TAG;
	MPI_Get_count(s, MPI_BYTE, &n);
	e->bytes = n;
	if (n == MPI_UNDEFINED) { // more than an int can say
		MPI_Get_elements_x(s, MPI_BYTE, &many);
		e->bytes = many;
	}
	e->there = 1;
}

static inline MPI_Comm ck_world(void) { return MPI_COMM_WORLD; }

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
	return rc;
}

// ck_return makes errors return values instead of the end of all ranks.
static inline int ck_return(MPI_Comm c) { return MPI_Comm_set_errhandler(c, MPI_ERRORS_RETURN); }

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

static inline int ck_send(char *b, int n, MPI_Datatype t, int dest, int tag, MPI_Comm c, int synchronous) {
	return synchronous ? MPI_Ssend(b, n, t, dest, tag, c) : MPI_Send(b, n, t, dest, tag, c);
}

static inline int ck_recv(char *b, int n, MPI_Datatype t, int source, int tag, MPI_Comm c, ck_envelope *e) {
	MPI_Status s;
	int rc = MPI_Recv(b, n, t, ck_source(source), ck_tag(tag), c, &s);
	if (rc == MPI_SUCCESS)
		ck_status(&s, e);
	return rc;
}

static inline int ck_sendrecv(char *sb, int sn, MPI_Datatype st, int dest, int sendtag, char *rb, int rn, MPI_Datatype rt, int source,
			      int recvtag, MPI_Comm c, ck_envelope *e) {
	MPI_Status s;
	int rc = MPI_Sendrecv(sb, sn, st, dest, sendtag, rb, rn, rt, ck_source(source), ck_tag(recvtag), c, &s);
	if (rc == MPI_SUCCESS)
		ck_status(&s, e);
	return rc;
}

static inline int ck_isend(char *b, int n, MPI_Datatype t, int dest, int tag, MPI_Comm c, int synchronous, MPI_Request *r) {
	return synchronous ? MPI_Issend(b, n, t, dest, tag, c, r) : MPI_Isend(b, n, t, dest, tag, c, r);
}

static inline int ck_irecv(char *b, int n, MPI_Datatype t, int source, int tag, MPI_Comm c, MPI_Request *r) {
	return MPI_Irecv(b, n, t, ck_source(source), ck_tag(tag), c, r);
}

// ck_finish looks whether a request is done, or waits until it is. If it looks in vain it lets another rank run, which may be
// the one that has to act.
static inline int ck_finish(MPI_Request *r, int wait, ck_envelope *e) {
	MPI_Status s;
	int done = 1;
	int rc = wait ? MPI_Wait(r, &s) : MPI_Test(r, &done, &s);
	e->there = 0;
	if (rc == MPI_SUCCESS && done)
		ck_status(&s, e);
	else if (!done)
		sched_yield();
	return rc;
}

// Open MPI looks at what is known and then takes in what has come, so that a first look may miss what a second one finds.
static inline int ck_probe(int source, int tag, MPI_Comm c, int wait, ck_envelope *e) {
	MPI_Status s;
	int found = wait, rc = MPI_SUCCESS;
	if (wait)
		rc = MPI_Probe(ck_source(source), ck_tag(tag), c, &s);
	for (int looks = 0; looks < ck_looks && !found && rc == MPI_SUCCESS; looks++)
		rc = MPI_Iprobe(ck_source(source), ck_tag(tag), c, &found, &s);
	e->there = 0;
	if (rc == MPI_SUCCESS && found)
		ck_status(&s, e);
	else if (!found)
		sched_yield();
	return rc;
}

// ck_mprobe is ck_probe that keeps the message for ck_mrecv.
static inline int ck_mprobe(int source, int tag, MPI_Comm c, int wait, MPI_Message *m, ck_envelope *e) {
	MPI_Status s;
	int found = wait, rc = MPI_SUCCESS;
	if (wait)
		rc = MPI_Mprobe(ck_source(source), ck_tag(tag), c, m, &s);
	for (int looks = 0; looks < ck_looks && !found && rc == MPI_SUCCESS; looks++)
		rc = MPI_Improbe(ck_source(source), ck_tag(tag), c, &found, m, &s);
	e->there = 0;
	if (rc == MPI_SUCCESS && found)
		ck_status(&s, e);
	return rc;
}

static inline int ck_mrecv(char *b, int n, MPI_Datatype t, MPI_Message *m) { return MPI_Mrecv(b, n, t, m, MPI_STATUS_IGNORE); }

static inline int ck_split(MPI_Comm c, int color, int key, MPI_Comm *made) {
	int rc = MPI_Comm_split(c, color < 0 ? MPI_UNDEFINED : color, key, made);
	if (rc == MPI_SUCCESS && *made != MPI_COMM_NULL)
		rc = ck_return(*made);
	return rc;
}

// ck_worldranks fills in the ranks in the world of all of a communicator's.
static inline int ck_worldranks(MPI_Comm c, int n, int *ranks) {
	MPI_Group group, world;
	int rc = MPI_Comm_group(c, &group);
	if (rc != MPI_SUCCESS)
		return rc;
	MPI_Comm_group(MPI_COMM_WORLD, &world);
	for (int i = 0; i < n && rc == MPI_SUCCESS; i++)
		rc = MPI_Group_translate_ranks(group, 1, &i, world, &ranks[i]);
	MPI_Group_free(&group);
	MPI_Group_free(&world);
	return rc;
}

static inline int ck_isnull(MPI_Comm c) { return c == MPI_COMM_NULL; }

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

// The collective calls, whose buffers are chars: then cgo does not look for pointers in what lies around them.

static inline int ck_bcast(char *b, int n, MPI_Datatype t, int root, MPI_Comm c) { return MPI_Bcast(b, n, t, root, c); }

static inline int ck_scatter(char *s, int each, MPI_Datatype st, char *r, int n, MPI_Datatype t, int root, MPI_Comm c) {
	return MPI_Scatter(s, each, st, r, n, t, root, c);
}

static inline int ck_scatterv(char *s, int *counts, int *displs, MPI_Datatype st, char *r, int n, MPI_Datatype t, int root, MPI_Comm c) {
	return MPI_Scatterv(s, counts, displs, st, r, n, t, root, c);
}

static inline int ck_gather(char *s, int n, MPI_Datatype t, char *r, int each, MPI_Datatype rt, int root, MPI_Comm c) {
	return MPI_Gather(s, n, t, r, each, rt, root, c);
}

static inline int ck_gatherv(char *s, int n, MPI_Datatype t, char *r, int *counts, int *displs, MPI_Datatype rt, int root, MPI_Comm c) {
	return MPI_Gatherv(s, n, t, r, counts, displs, rt, root, c);
}

static inline int ck_allgather(char *s, int n, MPI_Datatype t, char *r, int each, MPI_Datatype rt, MPI_Comm c) {
	return MPI_Allgather(s, n, t, r, each, rt, c);
}

static inline int ck_allgatherv(char *s, int n, MPI_Datatype t, char *r, int *counts, int *displs, MPI_Datatype rt, MPI_Comm c) {
	return MPI_Allgatherv(s, n, t, r, counts, displs, rt, c);
}

static inline int ck_alltoall(char *s, int each, MPI_Datatype st, char *r, int reach, MPI_Datatype rt, MPI_Comm c) {
	return MPI_Alltoall(s, each, st, r, reach, rt, c);
}

static inline int ck_alltoallv(char *s, int *sn, int *sd, MPI_Datatype st, char *r, int *rn, int *rd, MPI_Datatype rt, MPI_Comm c) {
	return MPI_Alltoallv(s, sn, sd, st, r, rn, rd, rt, c);
}

static inline int ck_reduce(char *s, char *r, int n, MPI_Datatype t, int op, int root, MPI_Comm c) {
	return MPI_Reduce(s, r, n, t, ck_op(op), root, c);
}

static inline int ck_allreduce(char *s, char *r, int n, MPI_Datatype t, int op, MPI_Comm c) {
	return MPI_Allreduce(s, r, n, t, ck_op(op), c);
}

static inline int ck_scan(char *s, char *r, int n, MPI_Datatype t, int op, MPI_Comm c) {
	return MPI_Scan(s, r, n, t, ck_op(op), c);
}
