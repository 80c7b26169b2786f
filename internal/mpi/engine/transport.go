package engine

// A Transport is a communicator as one rank of it sees it, below the types. Buffers are bytes, and what one rank alone can
// check has been checked. A buffer is used until the call returns; by Isend and Irecv, until the request is done. In collective
// calls and in Sendrecv, the buffer to receive into does not overlap the one to send, but in Reduce, Allreduce and Scan it may be
// the same. Nothing is written outside a buffer, also
// where a message is larger. Errors are *Error, or wrap what a wait's context ended with. A rank makes one call at a time.
type Transport interface {
	Rank() int
	Size() int
	WorldRank(rank int) int // of a rank of this communicator

	// Send blocks until the buffer may be used again; synchronous: until the receiver has begun to receive.
	Send(op Call, buf []byte, t Datatype, dest, tag int, synchronous bool) error
	// Recv blocks until a message is in the buffer. If buf is nil it makes one as large as the message.
	Recv(op Call, buf *[]byte, t Datatype, source, tag int) (Envelope, error)
	Sendrecv(op Call, send []byte, st Datatype, dest, sendTag int, recv *[]byte, rt Datatype, source, recvTag int) (Envelope, error)
	// Isend may return no Pending: then the send is done.
	Isend(op Call, buf []byte, t Datatype, dest, tag int) (Pending, error)
	Irecv(op Call, buf *[]byte, t Datatype, source, tag int) (Pending, error)
	// Probe looks for a message without receiving it. If wait is false it returns at once, and found says whether there is
	// one.
	Probe(op Call, source, tag int, wait bool) (e Envelope, found bool, err error)

	Barrier(op Call) error
	Bcast(op Call, buf []byte, t Datatype, root int) error
	// In the next four, counts and displacements are in bytes, one for each rank. Blocks of one size are given as
	// Layout{Each: n}. The call (CallGatherv, …) says that blocks may differ in size. The layout cannot, because only the
	// root of a gather or scatter has it.
	Scatter(op Call, send []byte, l Layout, recv []byte, t Datatype, root int) error
	Gather(op Call, send []byte, recv []byte, l Layout, t Datatype, root int) error
	Allgather(op Call, send []byte, recv []byte, l Layout, t Datatype) error
	Alltoall(op Call, send []byte, sl Layout, recv []byte, rl Layout, t Datatype) error
	// recv is nil where the result does not come.
	Reduce(op Call, send, recv []byte, t Datatype, o Operator, root int) error
	Allreduce(op Call, send, recv []byte, t Datatype, o Operator) error
	Scan(op Call, send, recv []byte, t Datatype, o Operator) error

	// Split returns the transport of the new communicator, nil for a rank whose colour is Undefined.
	Split(op Call, color, key int) (Transport, error)
	Free(op Call) error
	Abort(code int) // does not return
}

// An Envelope is what is known of a message beside its content.
type Envelope struct {
	Source, Tag int
	Bytes       int
}

// A Pending request is one that was begun and is not known to be done.
type Pending interface {
	// Finish waits for the request to be done; if wait is false, done says whether it is. When it has said so, or returned an
	// error, it is not called again.
	Finish(op Call, wait bool) (e Envelope, done bool, err error)
}

// Nothing is what came from ProcNull.
var Nothing = Envelope{Source: ProcNull, Tag: AnyTag}
