package futures

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"cookbook/internal/distributed/engine"
)

// ErrNoWorkers is that nobody serves functions at this engine.
var ErrNoWorkers = errors.New("no worker serves functions at this engine; start one with: cookbook worker")

// ErrLost is inputs that several workers have taken, none of which came to an end, because the function kills its process. It
// is also inputs without a result that the engine does not have any more.
var ErrLost = errors.New("given up")

// ErrClosed is a call of a session that is closed.
var ErrClosed = errors.New("the session is closed")

// An ItemError is what became of an input that came to no result.
type ItemError struct {
	Item int // its index
	Err  error
}

func (e *ItemError) Error() string { return fmt.Sprintf("item %d: %v", e.Item, e.Err) }
func (e *ItemError) Unwrap() error { return e.Err }

// remoteError is an error of another process: its text is left.
type remoteError string

func (e remoteError) Error() string { return string(e) }

const (
	workersLimit = 10 * time.Second // for a worker to be there
	workersLook  = time.Second      // between two looks whether one is
)

// A Session is a client of workers. It has to be closed. Several calls may use it at the same time.
type Session struct {
	conn   *engine.Conn
	stream jetstream.Stream
	inbox  *nats.Subscription
	reply  string // the first part of the subjects to which results come

	close  sync.Once
	closed chan struct{}

	mu   sync.Mutex
	jobs map[string]*job
}

// A job is one call of Map or of its kin. Its results come here, as many as there are: nobody waits until they are taken,
// because a caller may begin another job before it takes them.
type job struct {
	id   string
	wake chan struct{} // holds one token if something has come

	mu   sync.Mutex
	came []answer
}

func (j *job) put(a answer) {
	j.mu.Lock()
	j.came = append(j.came, a)
	j.mu.Unlock()
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

func (j *job) take() []answer {
	j.mu.Lock()
	defer j.mu.Unlock()
	came := j.came
	j.came = nil
	return came
}

type answer struct {
	first, count int
	body         []byte
	err          error
}

// Open makes a session. It does not wait for workers: the calls do.
func Open(ctx context.Context, c *engine.Conn) (*Session, error) {
	stream, _, err := makeStream(ctx, c)
	if err != nil {
		return nil, err
	}
	s := &Session{conn: c, stream: stream, jobs: map[string]*job{}, closed: make(chan struct{}), reply: c.Subject(streamName, "result", nuid.Next())}
	if s.inbox, err = c.NC.Subscribe(s.reply+".*", s.receive); err != nil {
		return nil, fmt.Errorf("wait for results: %w", err)
	}
	if err := c.Flush(ctx); err != nil {
		s.inbox.Unsubscribe()
		return nil, fmt.Errorf("wait for results: %w", err)
	}
	return s, nil
}

// Close ends the session. Calls that still run fail with [ErrClosed].
func (s *Session) Close() {
	s.close.Do(func() {
		s.inbox.Unsubscribe()
		close(s.closed)
	})
}

// receive hands a result to its job and says that it has come, or that nobody wants it any more. A worker that only asks
// whether somebody does sends no range.
func (s *Session) receive(m *nats.Msg) {
	s.mu.Lock()
	j := s.jobs[m.Subject[len(s.reply)+1:]]
	s.mu.Unlock()
	if j == nil {
		m.Respond([]byte(unwanted))
		return
	}
	if first, count, err := readRange(m.Header); err == nil {
		engine.Receives(resultKey(j.id, first))
		a := answer{first: first, count: count, body: m.Data}
		if m.Header.Get(headerError) != "" {
			a.err = &ItemError{first, remoteError(m.Data)}
			if m.Header.Get(headerLost) != "" {
				a.err = &ItemError{first, fmt.Errorf("%s: %w", m.Data, ErrLost)}
			}
		}
		j.put(a)
	}
	m.Respond(nil)
}

// begin notes a job.
func (s *Session) begin() *job {
	j := &job{id: nuid.Next(), wake: make(chan struct{}, 1)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs[j.id] = j
	return j
}

// end forgets a job. What is left of it, if it is not complete, is taken from the queue, and calls that run are told.
func (s *Session) end(j *job, complete bool) {
	s.mu.Lock()
	delete(s.jobs, j.id)
	s.mu.Unlock()
	if complete {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), purgeLimit)
	defer cancel()
	s.stream.Purge(ctx, jetstream.WithPurgeSubject(s.subject(j)))
	s.conn.NC.Publish(s.conn.Subject(streamName, "cancel"), []byte(j.id))
}

func (s *Session) subject(j *job) string { return s.conn.Subject(streamName, "chunk", j.id) }

// send puts a chunk into the queue.
func (s *Session) send(ctx context.Context, j *job, c chunk) error {
	engine.Sends(c.key(), c.items())
	_, err := s.conn.Publish(ctx, c.message(s.subject(j)))
	return err
}

// workers reports whether a worker is there.
func (s *Session) workers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, workersLook)
	defer cancel()
	_, err := s.conn.NC.RequestWithContext(ctx, s.conn.Subject(streamName, "here"), nil)
	return err == nil
}

// forgotten reports whether the engine has none of a job's chunks. A chunk is removed when its results are here, not before.
func (s *Session) forgotten(ctx context.Context, j *job) bool {
	ctx, cancel := context.WithTimeout(ctx, workersLook)
	defer cancel()
	info, err := s.stream.Info(ctx, jetstream.WithSubjectFilter(s.subject(j)))
	if err != nil {
		return errors.Is(err, jetstream.ErrStreamNotFound)
	}
	return info.State.Subjects[s.subject(j)] == 0
}
