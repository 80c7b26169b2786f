package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/trace"
	"time"

	"cookbook/internal/process/duplex"
	"cookbook/internal/timeline/children"
	"cookbook/internal/waitfor"
	"cookbook/internal/wire"
)

// work serves the parent, with which this process shares memory, or nil. Nothing else in this process can reach the two pipes.
func work(memory *os.File) error {
	signal.Ignore(os.Interrupt) // Ctrl-C reaches parent and child alike, and the parent decides what ends
	requests, answers := os.Stdin, os.Stdout
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	os.Stdin, os.Stdout = null, os.Stderr
	conn, err := duplex.New(duplex.Second, memory, pollable(requests), answers)
	if err != nil {
		return err
	}
	if memory != nil {
		memory.Close()
	}
	err = serve(conn)
	runtime.KeepAlive(requests) // or it would be closed
	return err
}

// serve answers requests until they end. If they do while a function runs, its context ends, and it may run on for [Grace].
func serve(conn *duplex.Conn) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	s := session{Server: Server{send: conn.Send}, conn: conn, ctx: ctx, over: make(chan struct{})}
	go s.goOn()
	select {
	case <-s.over:
	case <-conn.Ended():
		cancel(ErrParentGone)
		select {
		case <-s.over:
		case <-time.After(Grace):
			return nil
		}
	}
	cancel(ErrParentGone)
	if s.err == io.EOF {
		return nil
	}
	return s.err
}

// A session is the calls of a worker, from the first to the last.
type session struct {
	Server
	conn     *duplex.Conn
	calls    int             // that have come
	function string          // that is called, if this process records
	ctx      context.Context // of the functions
	body     []byte          // of the request
	over     chan struct{}   // closed after the last call
	err      error           // why that was the last one, set before
}

// goOn answers requests, up to the last one or to a function that ends its goroutine: another one goes on then.
func (s *session) goOn() {
	calling := false
	ctx, end := children.Main(s.ctx)
	defer end()
	defer func() {
		if calling {
			s.err = s.answer()
		}
		if s.err == nil {
			go s.goOn()
		} else {
			close(s.over)
		}
	}()
	for s.err == nil {
		flags, name, argument, err := s.next()
		if err != nil {
			s.err = err
			return
		}
		calling = true
		s.call(ctx, flags, name, argument)
		calling = false
		s.err = s.answer()
	}
}

// next waits for the next request.
func (s *session) next() (flags byte, name, argument []byte, err error) {
	wait := trace.StartRegion(context.Background(), waitfor.WaitRegion+"a call")
	s.body, err = s.conn.Receive(context.Background(), wire.Keep(s.body))
	wait.End()
	if err != nil {
		return 0, nil, nil, err
	}
	s.calls++
	flags, name, argument, err = cutRequest(s.body)
	if trace.IsEnabled() {
		s.function = string(name)
		children.Self().IsCalled(s.calls)
	}
	return flags, name, argument, err
}

// answer sends what came of a call.
func (s *session) answer() error {
	children.Self().Answers(s.calls, s.function)
	err := s.Server.answer()
	select {
	case <-s.conn.Ended(): // next says why
		return nil
	default:
		return err
	}
}

// A Server answers calls, one at a time, as a worker does.
type Server struct {
	send   func(frame []byte) error
	frame  []byte // the answer
	result bool   // that was sent
}

// call calls a function and keeps what came of it as the answer.
func (s *Server) call(ctx context.Context, flags byte, name, argument []byte) {
	f := find(string(name))
	if f == nil {
		s.frame = append(append(wire.NewFrame(s.frame), answerError), "this process knows no function of that name"...)
		return
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		text := "the function called runtime.Goexit"
		if r := recover(); r != nil {
			text = fmt.Sprint(r)
		}
		s.frame = wire.AppendField(append(wire.NewFrame(s.frame), answerPanic), text)
		s.frame = append(s.frame, debug.Stack()...)
	}()
	s.frame = f(ctx, flags, argument, wire.NewFrame(s.frame))
	returned = true
}

// NewServer returns a server whose answers go to w.
func NewServer(w io.Writer) *Server {
	return &Server{send: func(frame []byte) error { return wire.WriteFrame(w, frame, wire.MaxFrame) }}
}

// Call calls the function of that name and keeps what came of it for [Server.Send]. It has to run in a goroutine of its
// own: the function may leave that by runtime.Goexit.
func (s *Server) Call(ctx context.Context, name string, argument []byte) {
	s.call(ctx, 0, []byte(name), argument)
}

// Send sends the answer and reports whether it is a result: the function may have failed, or its result cannot be sent.
func (s *Server) Send() (result bool, err error) {
	err = s.answer()
	return s.result, err
}

// answer sends the answer.
func (s *Server) answer() error {
	s.result = s.frame[wire.HeaderSize] == answerResult
	err := s.send(s.frame)
	if errors.Is(err, wire.ErrTooLarge) {
		s.result = false
		s.frame = append(append(wire.NewFrame(s.frame), answerError), "its result cannot be sent: "+err.Error()...)
		err = s.send(s.frame)
	}
	s.frame = wire.Keep(s.frame)
	return err
}
