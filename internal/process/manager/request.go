package manager

import (
	"encoding/binary"
	"errors"
	"slices"

	"cookbook/internal/process/failure"
	"cookbook/internal/wire"
)

// A process and a manager exchange messages, as a worker and its parent do, on any number of connections. On each, requests
// and answers take turns. One is
//
//	a request  what to do, the object's number, fields
//	an answer  0 or what went wrong, fields
//
// and a field is bytes with their length before them. The manager does not look into keys and values: it holds bytes.

// What to do. A value is a dict with one key, a namespace a dict of names.
const (
	doMake    = 'M' // kind of the new object → its number
	doGet     = 'g' // key or index → value
	doSet     = 's' // key or index, value, key, value …
	doDefault = 'd' // key, value → the value that is there then
	doDelete  = 'x' // key or index → what was there
	doLen     = 'n' // → number of items
	doHas     = 'h' // key → "1" or ""
	doAll     = 'a' // → keys and values in turn, or items
	doClear   = 'c'
	doAppend  = '+' // items
	doInsert  = 'i' // index, item
	doAcquire = 'A' // waits
	doTry     = 'T' // does not
	doGiveUp  = 'G' // ends a pending acquire, which then gets its answer; has none of its own
	doRelease = 'R'
	doName    = 'N' // name of the connection in a timeline; has no answer
)

// The kinds of objects.
const (
	ofDict = "dict"
	ofList = "list"
	ofLock = "lock"
)

// refusals is what an answer can say, by its code.
var refusals = [...]error{nil, ErrNoKey, ErrNoIndex, wire.ErrTooLarge, failure.ErrNotLocked, failure.ErrNotOwner, failure.ErrOwnerDied, errGaveUp, errNoObject}

var (
	errGaveUp   = errors.New("the waiting was given up")
	errNoObject = errors.New("the manager has no object of that kind and number")
)

func codeOf(err error) byte { return byte(max(0, slices.Index(refusals[:], err))) }

func errorOf(code byte) error { return refusals[code] }

func cutRequest(body []byte) (what byte, id uint64, fields []string, err error) {
	if len(body) == 0 {
		return 0, 0, nil, wire.ErrNonsense
	}
	id, size := binary.Uvarint(body[1:])
	if size <= 0 {
		return 0, 0, nil, wire.ErrNonsense
	}
	fields, err = wire.CutFields[string](body[1+size:])
	return body[0], id, fields, err
}

func cutAnswer(body []byte) (code byte, fields []string, err error) {
	if len(body) == 0 || int(body[0]) >= len(refusals) {
		return 0, nil, wire.ErrNonsense
	}
	fields, err = wire.CutFields[string](body[1:])
	return body[0], fields, err
}
