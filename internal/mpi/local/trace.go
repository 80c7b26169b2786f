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

// A timeline shows what a rank waits for, an arrow for each message from rank to rank, and in a call with a root one between the root
// and each other rank. A call without one, such as Allreduce or Barrier, is a wait of all for all, and has no arrows.

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
		trace.Log(r.ctx, waitfor.LogSend, fmt.Sprintf("%s %s", r.key(r.me, to, r.outs[to].sent), content(q.tag, bytes)))
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

func content(tag, bytes int) string {
	if bytes == 1 {
		return fmt.Sprintf("tag %d, 1 byte", tag)
	}
	return fmt.Sprintf("tag %d, %d bytes", tag, bytes)
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

// rooted notes the messages between the root of a call and the others, as the call begins; what it returns notes those that have
// come, as it ends without an error.
func (c *comm) rooted(op engine.Call, root, bytes int) (end func(error)) {
	number := c.calls + 1
	key := func(from, to int) string {
		return fmt.Sprintf("%s/%d/%d/%d-%d", c.r.name, c.id, number, from, to)
	}
	toRoot := op == engine.CallGather || op == engine.CallGatherv || op == engine.CallReduce
	each := func(word, text string) {
		for other := range c.group {
			from, to := root, other
			if toRoot {
				from, to = other, root
			}
			speaks := from == c.me
			if word == waitfor.LogReceive {
				speaks = to == c.me
			}
			if from != to && speaks {
				trace.Log(c.r.ctx, word, key(from, to)+text)
			}
		}
	}
	text := fmt.Sprintf(" %s, %d bytes", op, bytes)
	each(waitfor.LogSend, text)
	return func(err error) {
		if err == nil {
			each(waitfor.LogReceive, "")
		}
	}
}

// awaitTraced is await, as a wait in the timeline, though the rank looks around and does not sleep at first.
func (r *rank) awaitTraced(w waiting, done func() bool) error {
	defer trace.StartRegion(context.Background(), waitfor.PollRegion+w.String()).End()
	return r.goOn(w, done)
}
