package shm

import (
	"context"
	"encoding/hex"
	"runtime/trace"
	"strconv"

	"cookbook/internal/waitfor"
)

// A timeline shows which process holds what has a name, and an arrow for each item of a queue or pipe. What is noted for it is noted
// after a thing was acquired, and before it is given back, so that two holders overlap only if they do. Whoever notes something asks trace.IsEnabled first: it is inlined, and costs
// next to nothing.

// took notes that this process has acquired something.
func (o *object) took() {
	trace.Log(context.Background(), waitfor.LogTake, o.name)
}

// gives notes that this process is about to give something back.
func (o *object) gives() {
	trace.Log(context.Background(), waitfor.LogGive, o.name)
}

// sends notes that a record is about to be written.
func (r *ring) sends(tail uint64, what string) {
	trace.Log(context.Background(), waitfor.LogSend, r.key(tail)+" "+what)
}

// receives notes that a record was read.
func (r *ring) receives(head uint64) {
	trace.Log(context.Background(), waitfor.LogReceive, r.key(head))
}

// key is what a record is known by in the run: where its ring lies, and its number.
func (r *ring) key(end uint64) string {
	return hex.EncodeToString(r.a.head.id[:8]) + "." + strconv.FormatUint(r.at, 16) + "." + strconv.FormatUint(uint64(uint32(end)), 10)
}
