package tasks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cookbook/internal/distributed/engine"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A State is how far a call has come.
type State string

// The states. From SUCCESS, FAILURE and REVOKED no other follows.
const (
	Pending State = "PENDING" // no worker has said anything of it; also: nobody knows it
	Started State = "STARTED" // only with WithTrackStarted
	Retry   State = "RETRY"   // it has failed and will be tried again
	Success State = "SUCCESS"
	Failure State = "FAILURE"
	Revoked State = "REVOKED" // it expired, or was revoked
)

// Final reports whether this state stays.
func (s State) Final() bool { return s == Success || s == Failure || s == Revoked }

// A Record is what the engine keeps of a call under its id, as JSON.
type Record struct {
	State   State           `json:"state"`
	Task    string          `json:"task"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   string          `json:"error,omitempty"`
	Kind    string          `json:"kind,omitempty"`    // of the error, if it is one of this package's
	Retries int             `json:"retries,omitempty"` // that had been made
	Worker  string          `json:"worker,omitempty"`  // that has written it
	At      time.Time       `json:"at"`                // when it was written, by the worker's clock
	Due     time.Time       `json:"due,omitzero"`      // of a RETRY: not before
	Expires time.Time       `json:"expires,omitzero"`  // of a call that no worker may have seen
	Sent    bool            `json:"sent,omitempty"`    // of a call with a key: it is in its queue
}

// look returns what is kept under an id, and the revision of it; PENDING and 0 if there is nothing. What is not a record
// counts as nothing.
func (a *App) look(ctx context.Context, id string) (Record, uint64, error) {
	if !validID(id) {
		return Record{}, 0, fmt.Errorf("look for the result of %.40q: %w: an id consists of letters, digits, - and _", id, ErrOption)
	}
	m, err := a.last(ctx, a.records, a.resultSubject(id))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Record{State: Pending}, 0, nil
	}
	if err != nil {
		return Record{}, 0, fmt.Errorf("look for the result of %s: %w", id, err)
	}
	return readRecord(m.Data), m.Sequence, nil
}

// last returns the last message of a subject in a stream. The error wraps jetstream.ErrMsgNotFound if there is none.
func (a *App) last(ctx context.Context, stream jetstream.Stream, subject string) (m *jetstream.RawStreamMsg, err error) {
	err = a.conn.Again(ctx, func(ctx context.Context) (err error) {
		m, err = stream.GetLastMsgForSubject(ctx, subject)
		return err
	})
	return m, err
}

// readRecord reads a record. What is not one, as the mark that a record was removed, is PENDING.
func readRecord(b []byte) (r Record) {
	if err := json.Unmarshal(b, &r); err != nil || r.State == "" {
		return Record{State: Pending}
	}
	return r
}

// write makes the message that stores a record if the revision under its id is still that one.
func (a *App) write(id string, r Record, revision uint64) (*nats.Msg, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	m := nats.NewMsg(a.resultSubject(id))
	m.Data = b
	m.Header.Set(jetstream.ExpectedLastSubjSeqHeader, fmt.Sprint(revision))
	return m, nil
}

// store stores a record. It reports false if the revision is another one by now.
func (a *App) store(ctx context.Context, id string, r Record, revision uint64) (now uint64, stored bool, err error) {
	m, err := a.write(id, r, revision)
	if err != nil {
		return 0, false, err
	}
	ack, err := a.conn.Publish(ctx, m)
	if engine.Overtaken(err) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("keep the state %s of %s: %w", r.State, id, err)
	}
	return ack.Sequence, true, nil
}

// settle stores a final record, unless there is one: the first one stays.
func (a *App) settle(ctx context.Context, id string, r Record) error {
	for {
		old, revision, err := a.look(ctx, id)
		if err != nil || old.State.Final() {
			return err
		}
		if _, stored, err := a.store(ctx, id, r, revision); stored || err != nil {
			return err
		}
	}
}
