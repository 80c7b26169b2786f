// Messages from one rank to another. See cgo.h.

#ifndef CK_P2P_H
#define CK_P2P_H

#include "cgo.h"

typedef struct {
	int source, tag;
	long long bytes;
	int there; // found, or done
} ck_envelope;

enum { ck_any = -2 }; // AnySource, AnyTag

enum { ck_looks = 4 }; // for a message that need not be there

static inline int ck_source(int s) { return s == ck_any ? MPI_ANY_SOURCE : s; }
static inline int ck_tag(int t) { return t == ck_any ? MPI_ANY_TAG : t; }

static inline void ck_status(int rc, MPI_Status *s, ck_envelope *e) {
	MPI_Count many;
	int n;
	if (rc != MPI_SUCCESS) {
		*e = (ck_envelope){0};
		return;
	}
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

static inline int ck_send(char *b, int n, int t, int dest, int tag, ck_comm c, int synchronous) {
	if (synchronous)
		return ck_end(MPI_Ssend(b, n, ck_datatype(t), dest, tag, (MPI_Comm)c));
	return ck_end(MPI_Send(b, n, ck_datatype(t), dest, tag, (MPI_Comm)c));
}

// ck_wait waits for a request. Where there are threads MPI_Wait, as MPI_Recv does, makes a mutex and a condition to wait by, each
// time. To look until the request is done takes 20 ns less, and lets other ranks run just as well.
static inline int ck_wait(MPI_Request *r, MPI_Status *s) {
	int done = 0, rc = MPI_SUCCESS;
	while (!done && rc == MPI_SUCCESS)
		rc = MPI_Test(r, &done, s);
	return rc;
}

static inline int ck_take(char *b, int n, int t, int source, int tag, ck_comm c, MPI_Status *s) {
	MPI_Request r;
	int rc = MPI_Irecv(b, n, ck_datatype(t), source, tag, (MPI_Comm)c, &r);
	return rc == MPI_SUCCESS ? ck_wait(&r, s) : rc;
}

static inline int ck_recv(char *b, int n, int t, int source, int tag, ck_comm c, ck_envelope *e) {
	MPI_Status s;
	int due = ck_due(); // now, when there is nothing better to do
	int rc = ck_take(b, n, t, ck_source(source), ck_tag(tag), c, &s);
	ck_status(rc, &s, e);
	return rc | due;
}

static inline int ck_sendrecv(char *sb, int sn, int st, int dest, int sendtag, char *rb, int rn, int rt, int source, int recvtag,
			      ck_comm c, ck_envelope *e) {
	MPI_Status s;
	int rc = MPI_Sendrecv(sb, sn, ck_datatype(st), dest, sendtag, rb, rn, ck_datatype(rt), ck_source(source), ck_tag(recvtag),
			      (MPI_Comm)c, &s);
	ck_status(rc, &s, e);
	return ck_end(rc);
}

typedef uintptr_t ck_request;

static inline int ck_isend(char *b, int n, int t, int dest, int tag, ck_comm c, int synchronous, ck_request *q) {
	MPI_Request r = MPI_REQUEST_NULL;
	int rc = (synchronous ? MPI_Issend : MPI_Isend)(b, n, ck_datatype(t), dest, tag, (MPI_Comm)c, &r);
	*q = (ck_request)r;
	return ck_end(rc);
}

static inline int ck_irecv(char *b, int n, int t, int source, int tag, ck_comm c, ck_request *q) {
	MPI_Request r = MPI_REQUEST_NULL;
	int rc = MPI_Irecv(b, n, ck_datatype(t), ck_source(source), ck_tag(tag), (MPI_Comm)c, &r);
	*q = (ck_request)r;
	return ck_end(rc);
}

// ck_finish looks whether a request is done, or waits until it is. If it looks in vain it lets another rank run, which may be
// the one that has to act.
static inline int ck_finish(ck_request q, int wait, ck_envelope *e) {
	MPI_Status s;
	MPI_Request r = (MPI_Request)q;
	int done = 1;
	int rc = wait ? ck_wait(&r, &s) : MPI_Test(&r, &done, &s);
	e->there = 0;
	if (rc == MPI_SUCCESS && done)
		ck_status(rc, &s, e);
	else if (!done)
		sched_yield();
	return ck_end(rc);
}

// Open MPI looks at what is known and then takes in what has come, so that a first look may miss what a second one finds.
static inline int ck_probe(int source, int tag, ck_comm c, int wait, ck_envelope *e) {
	MPI_Status s;
	int found = wait, rc = MPI_SUCCESS;
	if (wait)
		rc = MPI_Probe(ck_source(source), ck_tag(tag), (MPI_Comm)c, &s);
	for (int looks = 0; looks < ck_looks && !found && rc == MPI_SUCCESS; looks++)
		rc = MPI_Iprobe(ck_source(source), ck_tag(tag), (MPI_Comm)c, &found, &s);
	e->there = 0;
	if (rc == MPI_SUCCESS && found)
		ck_status(rc, &s, e);
	else if (!found)
		sched_yield();
	return ck_end(rc);
}

typedef uintptr_t ck_message;

// ck_mprobe is ck_probe that keeps the message for ck_mrecv.
static inline int ck_mprobe(int source, int tag, ck_comm c, int wait, ck_message *kept, ck_envelope *e) {
	MPI_Status s;
	MPI_Message m = MPI_MESSAGE_NULL;
	int found = wait, rc = MPI_SUCCESS;
	if (wait)
		rc = MPI_Mprobe(ck_source(source), ck_tag(tag), (MPI_Comm)c, &m, &s);
	for (int looks = 0; looks < ck_looks && !found && rc == MPI_SUCCESS; looks++)
		rc = MPI_Improbe(ck_source(source), ck_tag(tag), (MPI_Comm)c, &found, &m, &s);
	e->there = 0;
	*kept = (ck_message)m;
	if (rc == MPI_SUCCESS && found)
		ck_status(rc, &s, e);
	return ck_end(rc);
}

static inline int ck_mrecv(char *b, int n, int t, ck_message kept) {
	MPI_Message m = (MPI_Message)kept;
	return ck_end(MPI_Mrecv(b, n, ck_datatype(t), &m, MPI_STATUS_IGNORE));
}

#endif
