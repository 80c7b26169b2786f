package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// ErrTooLarge is a message that is larger than the engine takes.
var ErrTooLarge = errors.New("larger than a message of this engine may be; send it in parts, or the name of a file that holds it")

// maxSubject is how long a subject may be that is published to.
const maxSubject = 1024 // bytes; a server takes 4,096 for subject, reply and sizes

const (
	publishTry   = 300 * time.Millisecond // for one try: a leader that is gone does not answer at all
	publishLimit = 20 * time.Second       // for all: a cluster has a new leader after 5 to 8 s
)

// Publish stores a message in the stream that takes its subject and returns when the engine has it. It sends the message
// again if no answer comes within 0.3 s, for 20 s in all unless ctx ends before, so that a new leader of a cluster or an
// engine that starts again costs time, not the message. All tries have one Nats-Msg-Id, which is made up if the message has
// none: inside the stream's window of duplicates it is stored once. A message that is too large is [ErrTooLarge] at once.
func (c *Conn) Publish(ctx context.Context, m *nats.Msg, options ...jetstream.PublishOpt) (ack *jetstream.PubAck, err error) {
	if m.Header.Get(jetstream.MsgIDHeader) == "" {
		if m.Header == nil {
			m.Header = nats.Header{}
		}
		m.Header.Set(jetstream.MsgIDHeader, nuid.Next())
	}
	if len(m.Subject) > maxSubject { // the server would hang up
		return nil, fmt.Errorf("publish to %.40s…: a subject of %d bytes, where %d fit", m.Subject, len(m.Subject), maxSubject)
	}
	err = c.again(ctx, publishTry, publishLimit, func(ctx context.Context) error {
		ack, err = c.JS.PublishMsg(ctx, m, append(options, jetstream.WithRetryAttempts(0))...)
		return err
	})
	switch {
	case errors.Is(err, nats.ErrMaxPayload):
		return nil, fmt.Errorf("a message of %d bytes, where %d fit: %w", len(m.Data), c.NC.MaxPayload(), ErrTooLarge)
	case err != nil:
		return nil, fmt.Errorf("publish to %s: %w", m.Subject, err)
	}
	return ack, nil
}

// Overtaken reports whether a message was refused because its sender did not expect what is stored by now, as when it names the
// last sequence that it knows. Somebody else was quicker, or an earlier try of the same was, whose answer was lost. A cluster
// has an error code of its own for it.
func Overtaken(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}
