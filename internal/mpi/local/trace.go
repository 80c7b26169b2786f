package local

import (
	"context"
	"encoding/hex"
	"fmt"
	"runtime/trace"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/process"
	"cookbook/internal/waitfor"
)

// A timeline shows what a rank waits for, an arrow for each message from rank to rank, in a call with a root one between the root and
// each other rank, and in Allgather and Alltoall one from each rank to each other one. Barrier, Allreduce and Scan, which pass no
// rank's data on as it is, are waits of all for all, and have no arrows.

// worldName tells the messages of this world from those of others in the run; it is not needed where nothing is traced.
func worldName(memory *process.Memory) string {
	if !trace.IsEnabled() {
		return ""
	}
	id, err := memory.MarshalBinary()
	if err != nil {
		return ""
	}
	return hex.EncodeToString(id[:min(len(id), 8)])
}

// sendingTo notes that a message is about to be sent. The receiver counts in the same way what comes out of the ring.
func (r *rank) sendingTo(to int, q *request, bytes int) {
	r.outs[to].sent++
	if q.comm&1 == 0 {
		trace.Log(r.ctx, waitfor.LogSend, fmt.Sprintf("%s tag %d, %s", r.key(r.me, to, r.outs[to].sent), q.tag, inBytes(bytes)))
	}
}

// receivedFrom notes that a receive has its message.
func (r *rank) receivedFrom(from int, q *request) {
	if q.comm&1 == 0 {
		trace.Log(r.ctx, waitfor.LogReceive, r.key(from, r.me, q.packet))
	}
}

// key is what a message is known by: the number counts all that have gone that way.
func (r *rank) key(from, to int, number uint64) string {
	return fmt.Sprintf("%s/%d-%d/%d", r.name, from, to, number)
}

func inBytes(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

// String says what is waited for, such as "Recv from rank 1, tag 7".
func (w waiting) String() string {
	text := w.call.String()
	if w.call.Collective() {
		return text
	}
	way := " from "
	if w.sense == toOne {
		way = " to "
	}
	who := "any rank"
	if w.peer != engine.AnySource {
		who = fmt.Sprint("rank ", w.peer)
	}
	if text += way + who; w.tag != engine.AnyTag {
		text += fmt.Sprint(", tag ", w.tag)
	}
	return text
}

// everyRank stands for the root in a call in which all send to all.
const everyRank = -1

// exchanges notes the messages of a call as it begins, those from or to a root or from each to each; what it returns notes those that
// have come, as it ends without an error. size is that of what this rank sends to another.
func (c *comm) exchanges(op engine.Call, root int, size func(to int) int) (end func(error)) {
	number := c.calls + 1
	key := func(from, to int) string {
		return fmt.Sprintf("%s/%d/%d/%d-%d", c.r.name, c.id, number, from, to)
	}
	toRoot := op == engine.CallGather || op == engine.CallGatherv || op == engine.CallReduce
	sends := func(from, to int) bool {
		switch {
		case from == to:
			return false
		case root == everyRank:
			return true
		case toRoot:
			return to == root
		}
		return from == root
	}
	for other := range c.group {
		if sends(c.me, other) {
			trace.Log(c.r.ctx, waitfor.LogSend, fmt.Sprintf("%s %s, %s", key(c.me, other), op, inBytes(size(other))))
		}
	}
	return func(err error) {
		for other := range c.group {
			if err == nil && sends(other, c.me) {
				trace.Log(c.r.ctx, waitfor.LogReceive, key(other, c.me))
			}
		}
	}
}

func sizeOf(data []byte) func(int) int { return func(int) int { return len(data) } }

// awaitTraced is await, as a wait in the timeline, though the rank looks around and does not sleep at first.
func (r *rank) awaitTraced(w waiting, done func() bool) error {
	defer trace.StartRegion(context.Background(), waitfor.PollRegion+w.String()).End()
	return r.goOn(w, done)
}
