package mpi

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/transcript"
)

// A doorway is where a door is, and what one has to know there.
type doorway struct {
	addresses []string
	secret    []byte
}

func parseDoorway(s string) (doorway, error) {
	addresses, word, _ := strings.Cut(s, " ")
	secret, err := hex.DecodeString(word)
	if err != nil || len(secret) != secretSize || addresses == "" {
		return doorway{}, fmt.Errorf("%s=%q does not say where the results go", doorVariable, addresses)
	}
	return doorway{strings.Split(addresses, ","), secret}, nil
}

const dialLimit = 5 * time.Second

// visit connects to the door.
func (p doorway) visit(purpose byte, rank int) (net.Conn, error) {
	var all error
	for _, a := range p.addresses {
		conn, err := net.DialTimeout("tcp", a, dialLimit)
		if err == nil {
			conn.SetDeadline(time.Now().Add(dialLimit))
			err = introduce(conn, p.secret, visitor{purpose, rank, os.Getpid()})
			if err == nil {
				return conn, conn.SetDeadline(time.Time{})
			}
			conn.Close()
		}
		all = errors.Join(all, fmt.Errorf("%s: %w", a, err))
	}
	return nil, fmt.Errorf("rank %d cannot reach the process that started it: %w", rank, all)
}

// A part is this process as a rank whose results go through a door.
type part struct {
	rank  int
	conn  net.Conn
	job   errand
	lines net.Conn // nil: nobody listens
	log   *transcript.Log
	told  sync.Once

	heard   chan struct{} // closed when the door has said what came of the world, or is gone
	results [][]byte
	failure *engine.Error
}

// join comes to the door for the errand.
func (p doorway) join(rank int) (*part, error) {
	conn, err := p.visit(forOutcome, rank)
	if err != nil {
		return nil, err
	}
	m := &part{rank: rank, conn: conn, heard: make(chan struct{})}
	in := bufio.NewReader(conn)
	what, body, err := readMessage(in)
	if err == nil && what == msgErrand {
		m.job, err = decodeErrand(body)
	} else if err == nil {
		err = errNonsense
	}
	if err == nil && m.job.lines {
		if m.lines, err = p.visit(forLines, rank); err == nil {
			m.log, err = transcript.Dial(m.lines)
		}
	}
	if err != nil {
		m.leave()
		return nil, fmt.Errorf("rank %d asks what to do: %w", rank, err)
	}
	go func() {
		defer close(m.heard)
		m.results, m.failure = hearOutcome(in)
	}()
	return m, nil
}

// hearOutcome reads what came of the world.
func hearOutcome(in io.Reader) ([][]byte, *engine.Error) {
	what, body, err := readMessage(in)
	switch {
	case err != nil:
		return nil, engine.Errorf(engine.ErrDied, -1, "the process that keeps the results is gone")
	case what == msgDone:
		if results, err := cutFields(body); err == nil {
			return results, nil
		}
	case what == msgFailed:
		if e, err := decodeError(body); err == nil {
			return nil, e
		}
	}
	return nil, engine.Errorf(engine.ErrOther, -1, "the process that keeps the results says what nobody understands")
}

// tell brings what came of this rank; what it says first counts. If the door is gone, that is heard.
func (m *part) tell(result []byte, failure *engine.Error) {
	m.told.Do(func() {
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

func (m *part) leave() {
	m.conn.Close()
	if m.lines != nil {
		m.lines.Close()
	}
}

// asError is an error as all are told of it who have not met it: of a rank, or −1. It is nil if err is.
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

// perform runs the program as this rank. When it returns without an error, all ranks have: then each has received what it ever will.
func (m *part) perform(ctx context.Context, t engine.Transport) (result []byte, err error) {
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

// playRank is the main function of a rank that mpirun has started for [OpenMPI].
func playRank() error {
	where, err := parseDoorway(os.Getenv(doorVariable))
	if err != nil {
		return err
	}
	os.Unsetenv(doorVariable)
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
		<-m.heard
		if m.failure != nil && !over.Swap(true) {
			os.Exit(1) // the function may be in a call that never returns
		}
	}()
	lib, err := openLibrary()
	if err != nil {
		m.tell(nil, asError(err, rank))
		<-m.heard
		return err
	}
	// abort ends all ranks, when the door has had the time to write down why.
	abort := func(err *engine.Error, code int) {
		over.Store(true)
		m.tell(nil, err)
		select {
		case <-m.heard:
		case <-time.After(dialLimit):
		}
		lib.abort(code)
	}
	world := lib.world(func(code int) { abort(engine.Aborted(rank, code), code) })
	result, err := m.perform(context.Background(), world)
	if err != nil {
		abort(asError(err, rank), 1)
	}
	m.tell(result, nil)
	<-m.heard
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
