package mapreduce

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
)

// A run is one run of a job, as client and workers name it.
type run struct {
	conn *engine.Conn
	id   string
}

func (r run) subject(parts ...string) string {
	return r.conn.Subject(append([]string{streamName, "job", r.id}, parts...)...)
}
func (r run) client() string          { return r.conn.Subject(streamName, "client", r.id) }
func (r run) task(kind string) string { return r.conn.Subject(streamName, kind, r.id) }
func (r run) shuffle(p int) string    { return r.subject("red", strconv.Itoa(p)) }
func (r run) snapshot(p int) string   { return r.subject("snap", strconv.Itoa(p)) }
func (r run) part(s snapshot, n int) string {
	return r.subject("part", strconv.Itoa(s.Partition), s.Name, strconv.Itoa(n))
}

// make makes the stream of the run.
func (r run) make(ctx context.Context) (jetstream.Stream, error) {
	return r.conn.Stream(ctx, jetstream.StreamConfig{
		Name: streamName + "_" + r.id, Subjects: []string{r.subject(">")},
		MaxAge: keepFor, AllowBatchPublish: true,
	})
}

// stream is the stream of the run; [errGone] if the run has ended.
func (r run) stream(ctx context.Context) (stream jetstream.Stream, err error) {
	err = r.conn.Again(ctx, func(ctx context.Context) (err error) {
		stream, err = r.conn.JS.Stream(ctx, r.conn.Name(streamName, r.id))
		return err
	})
	if noStream(err) {
		return nil, errGone
	}
	return stream, err
}

// streamNotValid is the code of the answer about a stream that is being removed, or whose engine closes.
const streamNotValid = 10096

// noStream reports whether the engine answers that a stream is not there, or not for long.
func noStream(err error) bool {
	answer, ok := errors.AsType[*jetstream.APIError](err)
	return errors.Is(err, jetstream.ErrStreamNotFound) || ok && answer.ErrorCode == streamNotValid
}

// lastOf is the last message of a subject; nil if there is none.
func (r run) lastOf(ctx context.Context, stream jetstream.Stream, subject string) (m *jetstream.RawStreamMsg, err error) {
	err = r.conn.Again(ctx, func(ctx context.Context) (err error) {
		m, err = stream.GetLastMsgForSubject(ctx, subject)
		return err
	})
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	return m, err
}

// remove removes all that the run has in the engine.
func (r run) remove(ctx context.Context) error {
	err := r.conn.Again(ctx, func(ctx context.Context) error { return r.conn.JS.DeleteStream(ctx, r.conn.Name(streamName, r.id)) })
	if noStream(err) {
		err = nil
	}
	return errors.Join(err, r.conn.Again(ctx, func(ctx context.Context) error {
		queue, err := r.conn.JS.Stream(ctx, r.conn.Name(streamName))
		if err != nil {
			return err
		}
		for _, kind := range []string{"map", "reduce"} {
			if err := queue.Purge(ctx, jetstream.WithPurgeSubject(r.task(kind))); err != nil {
				return err
			}
		}
		return nil
	}))
}

// gone reports whether the job has ended: its stream is not there any more.
func (r run) gone(ctx context.Context) bool {
	_, err := r.stream(ctx)
	return errors.Is(err, errGone)
}

// errGone is a job that has ended, so that nobody wants what a worker makes.
var errGone = errors.New("the job has ended")

const goneEvery = 2 * time.Second // a publish that has no answer for so long asks whether the job is still there

// publish is [engine.Conn.Publish] for a job that may end meanwhile.
func (r run) publish(ctx context.Context, m *nats.Msg, options ...jetstream.PublishOpt) (ack *jetstream.PubAck, err error) {
	for limit := time.Now().Add(publishLimit); ; {
		try, cancel := context.WithTimeout(ctx, goneEvery)
		ack, err = r.conn.Publish(try, m, options...)
		cancel()
		switch {
		case err == nil || !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil:
			return ack, err
		case r.gone(ctx):
			return nil, errGone
		case time.Now().After(limit):
			return nil, err
		}
	}
}

const publishLimit = 20 * time.Second // a cluster has a new leader after 5 to 8 s
