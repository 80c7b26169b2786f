package openmpi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/transcript"
	"cookbook/internal/wire"
)

// A member is this process as a rank whose results go to a listener.
type member struct {
	rank     int
	conn     net.Conn
	job      job
	lines    net.Conn // of the log; nil: there is none
	log      *transcript.Log
	reported sync.Once

	decided chan struct{} // closed when the listener has told the outcome of the world, or is gone
	results [][]byte
	failure *engine.Error
}

// join connects to the listener and gets the job.
func (a address) join(rank int) (*member, error) {
	conn, err := a.dial(forOutcome, rank)
	if err != nil {
		return nil, err
	}
	m := &member{rank: rank, conn: conn, decided: make(chan struct{})}
	in := bufio.NewReader(conn)
	what, body, err := readMessage(in)
	if err == nil && what == msgJob {
		m.job, err = decodeJob(body)
	} else if err == nil {
		err = wire.ErrNonsense
	}
	if err == nil && m.job.speaks {
		if m.lines, err = a.dial(forLines, rank); err == nil {
			m.log, err = transcript.Dial(m.lines)
		}
	}
	if err != nil {
		m.leave()
		return nil, fmt.Errorf("rank %d asks what to do: %w", rank, err)
	}
	go func() {
		defer close(m.decided)
		m.results, m.failure = readDecision(in)
	}()
	return m, nil
}

// readDecision reads the outcome of the world.
func readDecision(in *bufio.Reader) ([][]byte, *engine.Error) {
	what, body, err := readMessage(in)
	switch {
	case err != nil:
		return nil, engine.Errorf(engine.ErrDied, -1, "the process that keeps the results is gone")
	case what == msgDone:
		if results, err := wire.CutFields[[]byte](body); err == nil {
			return results, nil
		}
	case what == msgFailed:
		if e, err := decodeError(body); err == nil {
			return nil, e
		}
	}
	return nil, engine.Errorf(engine.ErrOther, -1, "the process that keeps the results says what nobody understands")
}

// report tells the listener the outcome of this rank. Only the first report counts. If the listener is gone, decided says
// so.
func (m *member) report(result []byte, failure *engine.Error) {
	m.reported.Do(func() {
		if failure == nil {
			err := writeMessage(m.conn, msgResult, result)
			if !errors.Is(err, engine.ErrCount) {
				return
			}
			failure = asError(err, m.rank)
		}
		writeMessage(m.conn, msgFailed, encodeError(failure))
	})
}

func (m *member) leave() {
	m.conn.Close()
	if m.lines != nil {
		m.lines.Close()
	}
}

// asError is an error as other ranks are told of it: it says in which rank it happened, or −1. It is nil if err is.
func asError(err error, rank int) *engine.Error {
	if err == nil {
		return nil
	}
	e := &engine.Error{Class: engine.ClassOf(err), Rank: rank, Text: err.Error()}
	var own *engine.Error
	if errors.As(err, &own) {
		e.Code = own.Code
		if own.Rank >= 0 {
			e.Rank = own.Rank
		}
	}
	if e.Text == "" {
		e.Text = fmt.Sprintf("an error without words, of type %T", err)
	}
	if e.Rank >= 0 && !strings.HasPrefix(e.Text, "rank ") {
		e.Text = fmt.Sprintf("rank %d: %s", e.Rank, e.Text)
	}
	return e
}

// perform runs the program as this rank. It returns without an error only when all ranks have come to their end, so that
// each has received all that was sent to it.
func (m *member) perform(ctx context.Context, t engine.Transport) (result []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("its function panicked: %v\n%s", p, debug.Stack())
		}
	}()
	program := engine.Find(m.job.name)
	if program == nil {
		return nil, engine.Errorf(engine.ErrEngine, t.Rank(), "the program here knows no function %q: it has to be the same on all machines", m.job.name)
	}
	return program(engine.WithLog(ctx, m.log), t, m.job.arg, func() error {
		writeMessage(m.conn, msgReturn, nil)
		return t.Barrier(engine.CallBarrier)
	})
}

// serveAsRank is the main function of a rank that mpirun has started for [Engine].
func serveAsRank() error {
	where, err := parseAddress(os.Getenv(addressVariable))
	if err != nil {
		return err
	}
	os.Unsetenv(addressVariable)
	rank, _, ok := Joined()
	if !ok {
		return errors.New("mpirun does not say which rank this is")
	}
	m, err := where.join(rank)
	if err != nil {
		return err
	}
	var over atomic.Bool
	go func() {
		<-m.decided
		if m.failure != nil && !over.Swap(true) {
			os.Exit(1) // the function may be in a call that never returns
		}
	}()
	lib, err := openLibrary()
	if err != nil {
		m.report(nil, asError(err, rank))
		<-m.decided
		return err
	}
	// abort ends all ranks, once the listener knows why or has had the time to learn it.
	abort := func(err *engine.Error, code int) {
		over.Store(true)
		m.report(nil, err)
		select {
		case <-m.decided:
		case <-time.After(dialLimit):
		}
		lib.abort(code)
	}
	world := lib.world(func(code int) { abort(engine.Aborted(rank, code), code) })
	result, err := m.perform(context.Background(), world)
	if err != nil {
		abort(asError(err, rank), 1)
	}
	m.report(result, nil)
	<-m.decided
	if m.failure == nil {
		lib.finalize()
	}
	m.leave()
	return nil
}

// A library is MPI in this process, of which there is one.
type library interface {
	// world returns the communicator of all ranks. abort is what its Abort does.
	world(abort func(code int)) engine.Transport
	abort(code int) // ends all processes that mpirun has started; does not return
	finalize()
}
