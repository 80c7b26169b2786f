package csp

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A request of a remote end to its channel's home, and the home's answer. The numbers of an end's operations rise. A request
// may come twice; the operation is done once.

// An opcode says what a request asks for.
type opcode byte

const (
	opOpen   opcode = iota + 1 // this session has the end from now on
	opBeat                     // a sign of life
	opRead                     // begin to read, and wait
	opWrite                    // begin to write the payload, and wait
	opWait                     // wait for what was begun
	opCancel                   // give up what was begun, unless it is done
	opPoison
	opRetire
	opLast = opRetire
)

// request is what a remote end sends.
type request struct {
	op      opcode
	end     uint32 // which of the channel's
	session uint64 // who has opened it
	seq     uint64 // which operation
	payload []byte
}

const requestHead = 1 + 4 + 8 + 8

func (q *request) append(to []byte) []byte {
	to = append(to, byte(q.op))
	to = binary.LittleEndian.AppendUint32(to, q.end)
	to = binary.LittleEndian.AppendUint64(to, q.session)
	to = binary.LittleEndian.AppendUint64(to, q.seq)
	return append(to, q.payload...)
}

var errRequest = errors.New("not a request of a channel's end")

// parseRequest reads a request. The payload is part of b.
func parseRequest(b []byte) (q request, err error) {
	if len(b) < requestHead || b[0] == 0 || opcode(b[0]) > opLast {
		return q, errRequest
	}
	q = request{op: opcode(b[0]), end: binary.LittleEndian.Uint32(b[1:]), session: binary.LittleEndian.Uint64(b[5:]), seq: binary.LittleEndian.Uint64(b[13:])}
	if b = b[requestHead:]; len(b) > 0 {
		if q.op != opWrite {
			return request{}, errRequest
		}
		q.payload = b
	}
	return q, nil
}

// A status says what has come of a request.
type status byte

const (
	stDone      status = iota + 1 // with the value, of a read
	stPending                     // not yet: ask again
	stCancelled                   // given up
	stPoisoned
	stRetired
	stLost    // with what was lost
	stRefused // with why: the other side does not keep to the rules
	stLast    = stRefused
)

// answer is what a home sends.
type answer struct {
	status  status
	payload []byte
}

func (a *answer) append(to []byte) []byte { return append(append(to, byte(a.status)), a.payload...) }

var errAnswer = errors.New("not an answer of a channel's home")

// parseAnswer reads an answer. The payload is part of b.
func parseAnswer(b []byte) (a answer, err error) {
	if len(b) == 0 || b[0] == 0 || status(b[0]) > stLast {
		return a, errAnswer
	}
	return answer{status(b[0]), b[1:]}, nil
}

// ErrLost is that a process which takes part in a channel has died, or cannot be reached. The channel has ended for all.
var ErrLost = errors.New("a process at the channel is lost")

// ErrRefused is that the channel's home refuses what an end asks for.
var ErrRefused = errors.New("the channel refuses this end")

// lost is the error about something that gives no sign.
func lost(what string) error { return &detailed{ErrLost, what} }

// detailed is one of the errors above with what is known of it. It can go through a message.
type detailed struct {
	kind   error
	detail string
}

func (e *detailed) Error() string { return fmt.Sprintf("%s: %s", e.kind, e.detail) }
func (e *detailed) Unwrap() error { return e.kind }

// answerFor says by an answer how an operation has ended that has not brought a value.
func answerFor(err error) answer {
	var d *detailed
	switch {
	case errors.Is(err, ErrPoisoned):
		return answer{status: stPoisoned}
	case errors.Is(err, ErrRetired):
		return answer{status: stRetired}
	case errors.As(err, &d) && d.kind == ErrLost:
		return answer{stLost, []byte(d.detail)}
	case errors.As(err, &d):
		return answer{stRefused, []byte(d.detail)}
	}
	return answer{status: stCancelled} // its context has ended
}

// err is the error that an answer stands for; nil if it is done.
func (a *answer) err() error {
	switch a.status {
	case stDone:
		return nil
	case stPoisoned:
		return ErrPoisoned
	case stRetired:
		return ErrRetired
	case stLost:
		return lost(string(a.payload))
	}
	return &detailed{ErrRefused, string(a.payload)}
}
