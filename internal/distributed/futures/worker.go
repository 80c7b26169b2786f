package futures

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
)

const (
	streamName   = "futures"
	maxLives     = 5                      // deliveries of a chunk, after which nobody tries any more
	answerLimit  = time.Second            // for the client to say that it has a result
	answerTries  = 20                     // after which the client is gone
	answerWait   = 100 * time.Millisecond // between two of them
	headerMargin = 4 << 10                // bytes of a message that its headers may take
)

// makeStream makes the queue of chunks, and the consumer that all workers share.
func makeStream(ctx context.Context, c *engine.Conn) (jetstream.Consumer, error) {
	s, err := c.Stream(ctx, jetstream.StreamConfig{
		Name: streamName, Subjects: []string{c.Subject(streamName, "chunk", "*")},
		Retention: jetstream.WorkQueuePolicy, MaxAge: 24 * time.Hour,
	})
	if err != nil {
		return nil, err
	}
	consumer, err := s.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: "workers", AckPolicy: jetstream.AckExplicitPolicy, AckWait: engine.AckWait, MaxAckPending: -1,
	})
	if err != nil {
		return nil, fmt.Errorf("make the consumer of %s: %w", c.Name(streamName), err)
	}
	return consumer, nil
}

// Serve calls functions for clients, for slots chunks at the same time, until ctx ends. Then it finishes the chunks that it
// works on, and returns nil.
func Serve(ctx context.Context, c *engine.Conn, slots int) error {
	consumer, err := makeStream(ctx, c)
	if err != nil {
		return err
	}
	w := &worker{conn: c, jobs: map[string]context.CancelFunc{}}
	cancels, err := c.NC.Subscribe(c.Subject(streamName, "cancel"), func(m *nats.Msg) { w.cancel(string(m.Data)) })
	if err != nil {
		return fmt.Errorf("serve functions: %w", err)
	}
	defer cancels.Unsubscribe()
	here, err := c.NC.Subscribe(c.Subject(streamName, "here"), func(m *nats.Msg) { m.Respond(nil) })
	if err != nil {
		return fmt.Errorf("serve functions: %w", err)
	}
	defer here.Unsubscribe()
	if err := c.Flush(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("serve functions: %w", err)
	}
	return c.Work(ctx, consumer, engine.Work{Slots: slots}, w.do)
}

type worker struct {
	conn *engine.Conn

	mu   sync.Mutex
	jobs map[string]context.CancelFunc // of the chunks that are worked on, by job and first index
}

// cancel ends the calls of a job.
func (w *worker) cancel(job string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, end := range w.jobs {
		if len(key) > len(job) && key[:len(job)] == job && key[len(job)] == ' ' {
			end()
		}
	}
}

// do works on one chunk.
func (w *worker) do(ctx context.Context, m jetstream.Msg) {
	c, err := readChunk(m.Headers(), m.Data())
	meta, metaErr := m.Metadata()
	if err != nil || metaErr != nil {
		m.TermWithReason("this is not a chunk")
		return
	}
	c.limit = int(w.conn.NC.MaxPayload()) - headerMargin
	var rs results
	lost := meta.NumDelivered > maxLives
	if lost {
		rs = failed(c.first, "%d workers have taken the inputs %d to %d, and none came to an end", maxLives, c.first, c.first+c.count-1)
	} else if call, err := functions.Find(c.function); err != nil {
		rs = failed(c.first, "%v", err)
	} else {
		rs = w.call(ctx, c, call)
	}
	if err := w.answer(ctx, c, rs, lost); err != nil {
		m.TermWithReason(err.Error())
		return
	}
	m.DoubleAck(ctx) // if this is lost, the chunk is worked on again, and the client drops what it has already
}

// call calls the function, unless the job is cancelled meanwhile.
func (w *worker) call(ctx context.Context, c chunk, call chunkCaller) results {
	ctx, end := context.WithCancel(ctx)
	defer end()
	key := fmt.Sprintf("%s %d", c.job, c.first)
	w.mu.Lock()
	w.jobs[key] = end
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.jobs, key)
	}()
	return call(ctx, c)
}

var errGone = errors.New("the client is gone")

// answer sends the results to the client and returns once the client has them. While the engine is away it waits.
func (w *worker) answer(ctx context.Context, c chunk, rs results, lost bool) error {
	if rs.bad >= 0 {
		m := nats.NewMsg(c.reply)
		setRange(m.Header, rs.bad, 0)
		m.Header.Set(headerError, "1")
		if lost {
			m.Header.Set(headerLost, "1")
		}
		m.Data = []byte(rs.err)
		return w.send(ctx, m)
	}
	first := c.first
	for i, body := range rs.body {
		m := nats.NewMsg(c.reply)
		m.Data = body
		setRange(m.Header, first, rs.count[i])
		if c.reducer != "" { // one result for all inputs of the chunk
			setRange(m.Header, c.first, c.count)
		}
		if err := w.send(ctx, m); err != nil {
			return err
		}
		first += rs.count[i]
	}
	return nil
}

// send sends one message until the client says that it has come.
func (w *worker) send(ctx context.Context, m *nats.Msg) error {
	for range answerTries {
		try, cancel := context.WithTimeout(ctx, answerLimit)
		_, err := w.conn.NC.RequestMsgWithContext(try, m)
		cancel()
		if err == nil {
			return nil
		}
		time.Sleep(answerWait)
	}
	return errGone
}
