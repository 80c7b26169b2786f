package mpi

// A transport is a communicator as one rank of it sees it, below the types: buffers are bytes, and what is asked for has been
// checked as far as one rank alone can. Buffers are not kept longer than the call, except by isend and irecv: until the
// request is done. Errors are *Error or wrap what a wait's context ended with.
//
// There are two: local (local.go) and that of an MPI library (openmpi.go).
type transport interface {
	rank() int
	size() int
	worldRank(rank int) int // of a rank of this communicator

	// send blocks until the buffer may be used again; synchronous: until the receiver has begun to receive.
	send(op callName, buf []byte, t datatype, dest, tag int, synchronous bool) error
	// recv blocks until a message is in the buffer. If buf is nil it makes one as large as the message.
	recv(op callName, buf *[]byte, t datatype, source, tag int) (envelope, error)
	sendrecv(op callName, send []byte, st datatype, dest, sendTag int, recv *[]byte, rt datatype, source, recvTag int) (envelope, error)
	isend(op callName, buf []byte, t datatype, dest, tag int) (pending, error)
	irecv(op callName, buf *[]byte, t datatype, source, tag int) (pending, error)
	// probe looks for a message without receiving it. If wait is false it may say that there is none.
	probe(op callName, source, tag int, wait bool) (e envelope, found bool, err error)

	barrier(op callName) error
	bcast(op callName, buf []byte, t datatype, root int) error
	// In the next four, counts and displacements are in bytes, one for each rank. Blocks of one size are given as layout{each: n}. That
	// blocks are of different sizes is told by the call, callGatherv for example: only the root of a gather or scatter knows the layout.
	scatter(op callName, send []byte, l layout, recv []byte, t datatype, root int) error
	gather(op callName, send []byte, recv []byte, l layout, t datatype, root int) error
	allgather(op callName, send []byte, recv []byte, l layout, t datatype) error
	alltoall(op callName, send []byte, sl layout, recv []byte, rl layout, t datatype) error
	// The operator is never ownOp. recv is nil where the result does not come.
	reduce(op callName, send, recv []byte, t datatype, o operator, root int) error
	allreduce(op callName, send, recv []byte, t datatype, o operator) error
	scan(op callName, send, recv []byte, t datatype, o operator) error

	// split returns the transport of the new communicator, nil for a rank whose colour is Undefined.
	split(op callName, color, key int) (transport, error)
	free(op callName) error
	abort(code int) // does not return
}

// An envelope is what is known of a message beside what is in it.
type envelope struct {
	source, tag int
	bytes       int
}

// A pending request is one that was begun and is not known to be done.
type pending interface {
	// finish waits for the request to be done; if wait is false, done says whether it is.
	finish(op callName, wait bool) (e envelope, done bool, err error)
}

// A layout says which part of a buffer belongs to which rank: parts of one size one after the other, or of sizes of their own.
type layout struct {
	each           int
	counts, displs []int // nil: each
}

// of returns the part of rank r.
func (l layout) of(buf []byte, r int) []byte {
	if l.counts == nil {
		return buf[r*l.each : (r+1)*l.each]
	}
	return buf[l.displs[r] : l.displs[r]+l.counts[r]]
}

// A callName is a call as its caller knows it; a number, because other ranks have to be told.
type callName uint32

const (
	callSend callName = iota + 1
	callSsend
	callRecv
	callSendrecv
	callIsend
	callIrecv
	callWait
	callTest
	callProbe
	callIprobe
	callBarrier
	callBcast
	callScatter
	callScatterv
	callGather
	callGatherv
	callAllgather
	callAllgatherv
	callAlltoall
	callAlltoallv
	callReduce
	callAllreduce
	callScan
	callSplit
	callDup
	callCartCreate
	callFree
	callFinalize // what comes after a rank's function
)

var callNames = [...]string{
	"", "Send", "Ssend", "Recv", "Sendrecv", "Isend", "Irecv", "Wait", "Test", "Probe", "Iprobe", "Barrier", "Bcast",
	"Scatter", "Scatterv", "Gather", "Gatherv", "Allgather", "Allgatherv", "Alltoall", "Alltoallv", "Reduce", "Allreduce", "Scan",
	"Split", "Dup", "CartCreate", "Free", "the end",
}

func (c callName) String() string {
	if int(c) < len(callNames) {
		return callNames[c]
	}
	return "an unknown call"
}
