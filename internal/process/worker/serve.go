package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"time"

	"cookbook/internal/wire"
)

// work serves the parent. Nothing else in this process can reach the two pipes.
func work() error {
	signal.Ignore(os.Interrupt) // Ctrl-C reaches parent and child alike, and the parent decides what ends
	requests, answers := os.Stdin, os.Stdout
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	os.Stdin, os.Stdout = null, os.Stderr
	return serve(requests, answers)
}

// serve answers requests until they end. Its own goroutine only waits for the next request, so that it learns of the end
// while a function runs, too.
func serve(requests io.Reader, answers io.Writer) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	in, s := bufio.NewReader(requests), NewServer(answers)
	idle := make(chan error, 1) // holds what came of the last answer when no function runs
	idle <- nil
	defer func() {
		cancel(ErrParentGone)
		select {
		case <-idle:
		case <-time.After(Grace):
		}
	}()
	var body []byte
	for {
		n, err := wire.ReadHeader(in, wire.MaxFrame)
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		failed := <-idle // at once: the parent asks when it has its answer
		if failed == nil {
			body, failed = wire.ReadBody(in, n, wire.Keep(body))
		}
		flags, name, argument, err := cutRequest(body)
		if err = errors.Join(failed, err); err != nil {
			idle <- nil
			return err
		}
		go func() {
			defer func() { idle <- s.send() }() // deferred, because a function may leave by runtime.Goexit
			s.call(ctx, flags, name, argument)
		}()
		runtime.Gosched() // on one processor the function runs now, not when the next read is seen to wait
	}
}

// A Server answers calls, one at a time, as a worker does.
type Server struct {
	answers io.Writer
	frame   []byte // the answer
	result  bool   // that was sent
}

// call calls a function and keeps what came of it as the answer.
func (s *Server) call(ctx context.Context, flags byte, name string, argument []byte) {
	f := find(name)
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
func NewServer(w io.Writer) *Server { return &Server{answers: w} }

// Call calls the function of that name and keeps what came of it for [Server.Send]. It has to run in a goroutine of its
// own: the function may leave that by runtime.Goexit.
func (s *Server) Call(ctx context.Context, name string, argument []byte) {
	s.call(ctx, 0, name, argument)
}

// Send sends the answer and reports whether it is a result: the function may have failed, or its result cannot be sent.
func (s *Server) Send() (result bool, err error) {
	err = s.send()
	return s.result, err
}

// send sends the answer.
func (s *Server) send() error {
	s.result = s.frame[wire.HeaderSize] == answerResult
	err := wire.WriteFrame(s.answers, s.frame, wire.MaxFrame)
	if errors.Is(err, wire.ErrTooLarge) {
		s.result = false
		s.frame = append(append(wire.NewFrame(s.frame), answerError), "its result cannot be sent: "+err.Error()...)
		err = wire.WriteFrame(s.answers, s.frame, wire.MaxFrame)
	}
	s.frame = wire.Keep(s.frame)
	return err
}
