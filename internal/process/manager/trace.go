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

// asks notes that a request is about to be sent, and isAsked that it has come; answers that its answer is about to be sent, and isAnswered
// that this has come. While nothing is recorded each costs a comparison.
func (e *exchange) asks(what byte)    { e.note(waitfor.LogSend, "request", "", what) }
func (e *exchange) isAsked()          { e.note(waitfor.LogReceive, "request", "", 0) }
func (e *exchange) answers(what byte) { e.note(waitfor.LogSend, "answer", "answer to ", what) }
func (e *exchange) isAnswered()       { e.note(waitfor.LogReceive, "answer", "", 0) }

func (e *exchange) note(word, part, before string, what byte) {
	if e.name != "" && trace.IsEnabled() {
		trace.Log(context.Background(), word, fmt.Sprintf("manager/%s/%d/%s %s%s", e.name, e.n, part, before, nameOf(what)))
	}
}

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
