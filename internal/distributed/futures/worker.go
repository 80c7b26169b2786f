package futures

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
)

const (
	streamName   = "futures"
	maxLives     = 5                      // deliveries of a chunk, after which nobody tries any more
	clientLimit  = 10 * time.Second       // a client that is silent for as long is gone
	answerLimit  = time.Second            // for the client to say that it has a result
	answerWait   = 100 * time.Millisecond // between two tries to send it
	watchEvery   = engine.AckWait         // between two looks whether a call's client is there
	purgeLimit   = 2 * time.Second        // for chunks to be taken from the queue
	headerMargin = 4 << 10                // bytes of a message that its headers may take
	maxErrorText = 16 << 10               // bytes of the text of an error
)

// makeStream makes the queue of chunks, and the consumer that all workers share.
func makeStream(ctx context.Context, c *engine.Conn) (jetstream.Stream, jetstream.Consumer, error) {
	s, err := c.Stream(ctx, jetstream.StreamConfig{
		Name: streamName, Subjects: []string{c.Subject(streamName, "chunk", "*")},
		Retention: jetstream.WorkQueuePolicy, MaxAge: 24 * time.Hour,
	})
	if err != nil {
		return nil, nil, err
	}
	var consumer jetstream.Consumer
	err = c.Again(ctx, func(ctx context.Context) (err error) {
		consumer, err = s.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
			Durable: "workers", AckPolicy: jetstream.AckExplicitPolicy, AckWait: engine.AckWait, MaxAckPending: -1,
		})
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("make the consumer of %s: %w", c.Name(streamName), err)
	}
	return s, consumer, nil
}

// Serve calls functions for clients, for slots chunks at the same time, until ctx ends. Then it finishes the chunks that it
// works on, and returns nil. The context of a call ends if its client does not want the result any more, and if the client
// has not been heard of for 10 s.
func Serve(ctx context.Context, c *engine.Conn, slots int) error {
	return serve(ctx, c, slots, clientLimit)
}

func serve(ctx context.Context, c *engine.Conn, slots int, silence time.Duration) error {
	stream, consumer, err := makeStream(ctx, c)
	if err != nil {
		return err
	}
	w := &worker{conn: c, stream: stream, silence: silence, leave: ctx.Done(), calls: map[*call]struct{}{}}
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
	conn    *engine.Conn
	stream  jetstream.Stream
	silence time.Duration   // after which a client is gone
	leave   <-chan struct{} // closed when the worker is to end

	mu    sync.Mutex
	calls map[*call]struct{}
}

// A call is a chunk that is worked on.
type call struct {
	job string
	end context.CancelFunc
}

// cancel ends the calls of a job.
func (w *worker) cancel(job string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.calls {
		if c.job == job {
			c.end()
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
	switch err := w.finish(ctx, c, meta.NumDelivered > maxLives); {
	case err == nil:
		m.DoubleAck(ctx) // if this is lost, the chunk is worked on again, and the client drops what it has already
	case errors.Is(err, errLeaving):
		m.Nak()
	default: // none of the job's chunks is wanted any more
		m.TermWithReason(err.Error())
		limited, cancel := context.WithTimeout(ctx, purgeLimit)
		defer cancel()
		w.stream.Purge(limited, jetstream.WithPurgeSubject(m.Subject()))
	}
}

// finish calls the function and sends the results to the client. It ends early, with errGone, if nobody wants them any more.
func (w *worker) finish(ctx context.Context, c chunk, lost bool) error {
	ctx, end := context.WithCancel(ctx)
	one := &call{c.job, end}
	w.mu.Lock()
	w.calls[one] = struct{}{}
	w.mu.Unlock()
	var watcher sync.WaitGroup
	watcher.Go(func() { w.watch(ctx, c, end) })
	defer func() {
		end()
		watcher.Wait()
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.calls, one)
	}()
	if lost {
		rs := failed(c.first, "%d workers have taken the inputs %d to %d, and none came to an end", maxLives, c.first, c.first+c.count-1)
		return w.answer(ctx, c, rs, true)
	}
	function, err := functions.Find(c.function)
	if err != nil {
		return w.answer(ctx, c, failed(c.first, "%v", err), false)
	}
	engine.Receives(c.key())
	done := engine.Does(ctx, c.function)
	rs := function(ctx, c)
	done()
	return w.answer(ctx, c, rs, false)
}

// watch asks from time to time whether the client is there and wants the results, and ends the call if not.
func (w *worker) watch(ctx context.Context, c chunk, end context.CancelFunc) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if errors.Is(w.send(ctx, nats.NewMsg(c.reply)), errGone) {
			end()
		}
	}
}

var (
	errGone    = errors.New("the client is gone")
	errLeaving = errors.New("the worker ends")
)

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
		if most := min(maxErrorText, c.limit); len(m.Data) > most {
			m.Data = []byte(strings.ToValidUTF8(rs.err[:most], "") + " …")
		}
		return w.send(ctx, m)
	}
	first := c.first
	for i, body := range rs.body {
		m := nats.NewMsg(c.reply)
		m.Data = body
		setRange(m.Header, first, rs.count[i])
		engine.Sends(resultKey(c.job, first), "results")
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

// send sends one message until the client says that it has come, and wants more. While this worker is without the engine,
// it knows nothing of the client.
func (w *worker) send(ctx context.Context, m *nats.Msg) error {
	heard := time.Now()
	for {
		try, cancel := context.WithTimeout(ctx, answerLimit)
		got, err := w.conn.NC.RequestMsgWithContext(try, m)
		cancel()
		if err == nil && string(got.Data) != unwanted {
			return nil
		}
		if !w.conn.NC.IsConnected() {
			heard = time.Now()
		}
		if err == nil || ctx.Err() != nil || time.Since(heard) >= w.silence {
			return errGone
		}
		select {
		case <-time.After(answerWait):
		case <-ctx.Done():
			return errGone
		case <-w.leave:
			return errLeaving
		}
	}
}
