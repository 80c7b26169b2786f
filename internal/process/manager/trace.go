package manager

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/trace"
	"strconv"

	"cookbook/internal/waitfor"
)

// An exchange is what both ends of a connection note of it for a timeline, which has an arrow for each request and each answer. A client
// that records gives the connection a name, and both count the requests from then on.
type exchange struct {
	name string // "": nobody has given it one
	n    int
}

// longestName is how long the name of a connection can be.
const longestName = 16

func newExchange() exchange { return exchange{name: strconv.FormatUint(rand.Uint64(), 36)} }

// next counts a request.
func (e *exchange) next() {
	if e.name != "" {
		e.n++
	}
}

// sends notes that the request, or its answer, is about to be sent, and receives that it has come.
func (e *exchange) sends(part, what string) { e.note(waitfor.LogSend, part, what) }
func (e *exchange) receives(part string)    { e.note(waitfor.LogReceive, part, "") }
func (e *exchange) note(word, part, what string) {
	if e.name != "" && trace.IsEnabled() {
		trace.Log(context.Background(), word, fmt.Sprintf("manager/%s/%d/%s %s", e.name, e.n, part, what))
	}
}

// The two parts of an exchange.
const (
	partRequest = "request"
	partAnswer  = "answer"
)

// nameOf is what a request does, in a word.
func nameOf(what byte) string {
	switch what {
	case doMake:
		return "make"
	case doGet:
		return "get"
	case doSet:
		return "set"
	case doDefault:
		return "set unless there"
	case doDelete:
		return "delete"
	case doLen:
		return "len"
	case doHas:
		return "has"
	case doAll:
		return "all"
	case doClear:
		return "clear"
	case doAppend:
		return "append"
	case doInsert:
		return "insert"
	case doAcquire:
		return "acquire"
	case doTry:
		return "try to acquire"
	case doRelease:
		return "release"
	}
	return "?"
}
