package csp

import (
	"bytes"
	"errors"
	"testing"

	"github.com/nats-io/nats.go"

	"cookbook/internal/distributed/engine/enginetest"
)

func FuzzRequestsAreReadAsTheyWereWritten(f *testing.F) {
	for op := opOpen; op <= opLast; op++ {
		q := request{op: op, end: 1, session: 2, seq: 3}
		f.Add(q.append(nil))
	}
	write := request{op: opWrite, end: 1, session: 2, seq: 3, payload: []byte("value")}
	f.Add(write.append(nil))
	f.Add([]byte{})
	f.Add(make([]byte, requestHead))
	f.Add(bytes.Repeat([]byte{255}, requestHead))
	f.Fuzz(func(t *testing.T, b []byte) {
		q, err := parseRequest(b)
		if err != nil {
			return
		}
		if again := q.append(nil); !bytes.Equal(again, b) {
			t.Errorf("%x became %x", b, again)
		}
	})
}

func FuzzAnswersAreReadAsTheyWereWritten(f *testing.F) {
	f.Add([]byte{byte(stDone), 1, 2})
	f.Add([]byte{byte(stLost)})
	f.Add([]byte{})
	f.Add([]byte{0})
	f.Add([]byte{255, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := parseAnswer(b)
		if err != nil {
			return
		}
		if again := a.append(nil); !bytes.Equal(again, b) {
			t.Errorf("%x became %x", b, again)
		}
		if err := a.err(); (err == nil) != (a.status == stDone) {
			t.Error(a.status, err)
		}
	})
}

func TestErrorsTravel(t *testing.T) {
	for _, err := range []error{ErrPoisoned, ErrRetired, lost("a reader"), &detailed{ErrRefused, "why"}} {
		a := answerFor(err)
		if there := a.err(); !errors.Is(there, errors.Unwrap(err)) && !errors.Is(there, err) || there.Error() != err.Error() {
			t.Errorf("%v became %v", err, there)
		}
	}
}

// A home does nothing wrong whatever it is sent.
func FuzzAHomeTakesAnyMessage(f *testing.F) {
	e := enginetest.Open(f)
	for op := opOpen; op <= opLast; op++ {
		q := request{op: op, session: 2, seq: 3}
		f.Add(q.append(nil), q.append(nil))
		other := request{op: opOpen, session: 2}
		f.Add(other.append(nil), q.append(nil))
	}
	write := request{op: opWrite, session: 2, seq: 3, payload: append(make([]byte, itemHead), "r"...)}
	open := request{op: opOpen, session: 2}
	f.Add(open.append(nil), write.append(nil))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		conn := enginetest.Conn(t, e)
		h, err := Stretch(conn, NewChannel[int](Any2Any, "A", 1))
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		h.Writer()
		h.Reader()
		for _, b := range [][]byte{first, second, first} {
			h.accept(&nats.Msg{Subject: h.subject, Reply: nats.NewInbox(), Data: b})
		}
	})
}
