package engine

// A Call is a call as its caller knows it. It is a number, because other ranks have to be told.
type Call uint32

// The calls. A new one needs a row in the table below, and nothing more for errors, reports and the comparison of calls.
const (
	CallSend Call = iota + 1
	CallSsend
	CallRecv
	CallSendrecv
	CallIsend
	CallIrecv
	CallWait
	CallTest
	CallProbe
	CallIprobe
	CallBarrier
	CallBcast
	CallScatter
	CallScatterv
	CallGather
	CallGatherv
	CallAllgather
	CallAllgatherv
	CallAlltoall
	CallAlltoallv
	CallReduce
	CallAllreduce
	CallScan
	CallSplit
	CallDup
	CallCartCreate
	CallFree
	CallFinalize // what comes after a rank's function
	CallEnd      // greater than every call
)

// What all ranks have to agree on, when they make a call together.
const (
	together = 1 << iota // all ranks make the call, nothing more
	data                 // the type and the number of the elements
	root
	operator
)

var calls = [CallEnd]struct {
	name  string
	facts uint8
}{
	CallSend:       {"Send", 0},
	CallSsend:      {"Ssend", 0},
	CallRecv:       {"Recv", 0},
	CallSendrecv:   {"Sendrecv", 0},
	CallIsend:      {"Isend", 0},
	CallIrecv:      {"Irecv", 0},
	CallWait:       {"Wait", 0},
	CallTest:       {"Test", 0},
	CallProbe:      {"Probe", 0},
	CallIprobe:     {"Iprobe", 0},
	CallBarrier:    {"Barrier", together},
	CallBcast:      {"Bcast", together | data | root},
	CallScatter:    {"Scatter", together | data | root},
	CallScatterv:   {"Scatterv", together | data | root},
	CallGather:     {"Gather", together | data | root},
	CallGatherv:    {"Gatherv", together | data | root},
	CallAllgather:  {"Allgather", together | data},
	CallAllgatherv: {"Allgatherv", together | data},
	CallAlltoall:   {"Alltoall", together | data},
	CallAlltoallv:  {"Alltoallv", together | data},
	CallReduce:     {"Reduce", together | data | root | operator},
	CallAllreduce:  {"Allreduce", together | data | operator},
	CallScan:       {"Scan", together | data | operator},
	CallSplit:      {"Split", together},
	CallDup:        {"Dup", together},
	CallCartCreate: {"CartCreate", together},
	CallFree:       {"Free", together},
	CallFinalize:   {"the end", 0},
}

func (c Call) String() string {
	if c > 0 && c < CallEnd {
		return calls[c].name
	}
	return "an unknown call"
}

// Collective reports whether all ranks of a communicator make the call together.
func (c Call) Collective() bool { return c.has(together) }

// HasData reports whether a collective call moves data, of whose type and length the ranks have to agree.
func (c Call) HasData() bool { return c.has(data) }

// HasRoot reports whether the call has a root.
func (c Call) HasRoot() bool { return c.has(root) }

// HasOperator reports whether the call combines what the ranks give.
func (c Call) HasOperator() bool { return c.has(operator) }

func (c Call) has(fact uint8) bool { return c < CallEnd && calls[c].facts&fact != 0 }
