package futures

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/wire"
)

var (
	wordy  = Register("test.wordy", func(_ context.Context, n int) (int, error) { return 0, errors.New(strings.Repeat("é", n)) })
	await  = Register("test.await", func(ctx context.Context, file string) (bool, error) { return true, awaitFile(ctx, file) })
	brick  = Register("test.brick", func(context.Context, int) (unsendable, error) { return unsendable{1}, nil })
	touchy = RegisterReducer("test.touchy", func(int, int) int { panic("touched") })
)

// awaitFile returns when there is a file of that name. Without a name it returns at once.
func awaitFile(ctx context.Context, name string) error {
	for name != "" {
		if _, err := os.Stat(name); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

// unsendable is a value that panics when it is to be sent.
type unsendable struct{ N int }

func (unsendable) GobEncode() ([]byte, error) { panic("not me") }
func (*unsendable) GobDecode([]byte) error    { return nil }

// limited ends what would hang.
func limited(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// background runs f until the test ends.
func background(t testing.TB, f func(ctx context.Context) error) {
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := f(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); wait.Wait() })
}

// pretend takes the chunks of a session in place of a worker.
func pretend(t testing.TB, s *Session, do func(m jetstream.Msg, c chunk)) {
	t.Helper()
	_, consumer, err := makeStream(t.Context(), s.conn)
	if err != nil {
		t.Fatal(err)
	}
	background(t, func(ctx context.Context) error {
		return s.conn.Work(ctx, consumer, engine.Work{}, func(_ context.Context, m jetstream.Msg) {
			c, err := readChunk(m.Headers(), m.Data())
			if err != nil {
				t.Error(err)
			}
			do(m, c)
		})
	})
}

func TestWhatGoesWrongAtAWorkerIsAnError(t *testing.T) {
	s := session(t, 1)
	if _, err := Map(limited(t), s, wordy, []int{3 << 20}); err == nil || !strings.HasPrefix(err.Error(), "item 0: éé") {
		t.Errorf("a long error: %.100v", err)
	}
	if _, err := Map(limited(t), s, brick, upTo(1)); err == nil || !strings.Contains(err.Error(), "not me") {
		t.Errorf("a result that panics: %.100v", err)
	}
	for _, chunk := range []int{1, 2} { // folded here, folded at the worker
		if _, err := MapReduce(limited(t), s, double, touchy, upTo(2), WithChunk(chunk)); err == nil || !strings.Contains(err.Error(), "test.touchy panicked: touched") {
			t.Errorf("a reducer that panics, in chunks of %d: %.100v", chunk, err)
		}
	}
	if got, err := Map(limited(t), s, double, upTo(2)); err != nil || got[1] != 2 {
		t.Error(got, err)
	}
}

func TestACallOfAClosedSessionFails(t *testing.T) {
	s := session(t, 1)
	background(t, func(ctx context.Context) error { awaitJob(ctx, s); s.Close(); return nil })
	if _, err := Map(limited(t), s, endless, upTo(1)); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := Map(limited(t), s, double, upTo(1)); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// awaitJob returns when a session has a job.
func awaitJob(ctx context.Context, s *Session) {
	for ctx.Err() == nil {
		s.mu.Lock()
		n := len(s.jobs)
		s.mu.Unlock()
		if n > 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestChunksThatNobodyHasAnyMoreAreAnError(t *testing.T) {
	s := session(t, 0)
	pretend(t, s, func(m jetstream.Msg, _ chunk) { m.Term() })
	if _, err := Map(limited(t), s, double, upTo(3)); !errors.Is(err, ErrLost) {
		t.Error(err)
	}
}

func TestResultsThatMakeNoSenseAreAnError(t *testing.T) {
	numbers := func(n int) []byte {
		body, err := wire.AppendSlice(nil, upTo(n))
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	for name, test := range map[string]struct {
		firsts  []int
		count   int
		body    []byte
		onlyMap bool
	}{
		"not numbers":           {[]int{0}, 1, []byte("nonsense"), false},
		"nothing":               {[]int{0}, 1, nil, false},
		"fewer than it says":    {[]int{0}, 3, numbers(2), false},
		"of inputs not asked":   {[]int{3}, 2, numbers(2), false},
		"of inputs far away":    {[]int{maxItems}, 2, numbers(2), false},
		"more than one, folded": {[]int{0}, 4, numbers(4), true},
		"of no input, folded":   {[]int{0}, 0, numbers(1), true},
		"that overlap, folded":  {[]int{1, 2}, 2, numbers(1), true},
	} {
		t.Run(name, func(t *testing.T) {
			s := session(t, 0)
			pretend(t, s, func(m jetstream.Msg, c chunk) {
				for _, first := range test.firsts {
					answer := nats.NewMsg(c.reply)
					setRange(answer.Header, first, test.count)
					answer.Data = test.body
					s.conn.NC.RequestMsg(answer, time.Second)
				}
				m.Ack()
			})
			if _, err := MapReduce(limited(t), s, double, add, upTo(4), WithChunk(4)); !errors.Is(err, errMessage) {
				t.Error("MapReduce:", err)
			}
			if test.onlyMap {
				return
			}
			if _, err := Map(limited(t), s, double, upTo(4)); !errors.Is(err, errMessage) {
				t.Error("Map:", err)
			}
		})
	}
}

// A call does not go on for ever if its client has been killed, or if the word that the job is cancelled was lost.
func TestAWorkerLeavesACallThatNobodyWaitsFor(t *testing.T) {
	s := session(t, 0)
	background(t, func(ctx context.Context) error { return serve(ctx, s.conn, 1, 0) })
	for _, reply := range []string{s.conn.Subject("nobody"), s.reply + ".unknown"} {
		body, err := wire.AppendSlice(nil, upTo(1))
		if err != nil {
			t.Fatal(err)
		}
		c := chunk{job: "lost", function: endless.name, reply: reply, count: 1, body: body}
		if _, err := s.conn.Publish(limited(t), c.message(s.conn.Subject(streamName, "chunk", c.job))); err != nil {
			t.Fatal(err)
		}
		if got, err := Map(limited(t), s, double, upTo(3)); err != nil || got[2] != 4 {
			t.Error(got, err)
		}
	}
}

func TestAMapOutlivesARestartOfTheEngine(t *testing.T) {
	e := enginetest.Open(t)
	s, err := Open(t.Context(), enginetest.Conn(t, e))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	worker := enginetest.Conn(t, e)
	background(t, func(ctx context.Context) error { return Serve(ctx, worker, 10) }) // all at the same time: chunks have no order

	file := t.TempDir() + "/go"
	inputs := make([]string, 10) // the first one is ready at once, the others after the restart
	for i := range inputs[1:] {
		inputs[i+1] = file
	}
	came := 0
	for r, err := range MapAsCompleted(limited(t), s, await, inputs, WithChunk(1)) {
		if err != nil {
			t.Fatal(err)
		}
		if came++; r.Item != 0 {
			continue
		}
		if err := e.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if came != len(inputs) {
		t.Errorf("%d of %d results", came, len(inputs))
	}
}
