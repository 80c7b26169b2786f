package tasks

import (
	"strconv"

	"cookbook/internal/distributed/engine"
)

// callKey is the key, in an execution trace, of the message by which a call comes to a worker for the nth time; one that was lost by
// its worker has the key of the one before.
func callKey(r *Request, retries int) string { return r.ID + "." + strconv.Itoa(retries) }

// resultKey is that of the message by which its result comes back.
func resultKey(id string) string { return id + "=" }

// logSend writes into the trace that a call is sent.
func logSend(r *Request) { engine.Sends(callKey(r, 0), r.Name) }
