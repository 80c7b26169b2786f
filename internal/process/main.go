package process

import (
	"bufio"
	"context"
	"cookbook/internal/wire"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"
)

// variable marks a child in its environment: asWorker, asRole and the role's name, or asProcess and what it inherits.
const (
	variable  = "COOKBOOK_PROCESS"
	asWorker  = "worker"
	asRole    = "role "
	asProcess = "process "
)

// ErrNoMain is that this program could not be started again as a child.
var ErrNoMain = errors.New("process.Main was not called: it has to be the first line of main, and of TestMain")

// ErrParentGone is why the context of a function ends in a child: the parent has ended, or has closed the worker.
var ErrParentGone = errors.New("the parent process is gone")

// grace is how long a function may run on when its context has ended, in a child without parent.
const grace = 500 * time.Millisecond

// mainCalled keeps a program without Main from starting itself again and again.
var mainCalled atomic.Bool

// Main has to be the first line of main, and of TestMain. In a child it does what the child is for, and does not return.
// Else it returns at once: it has looked at one variable of the environment.
func Main() {
	mainCalled.Store(true)
	as := os.Getenv(variable)
	if as == "" {
		return
	}
	os.Unsetenv(variable) // what this child starts is no child of that kind
	role, isRole := strings.CutPrefix(as, asRole)
	inherited, isProcess := strings.CutPrefix(as, asProcess)
	var err error
	switch {
	case isProcess:
		err = live(inherited)
	case isRole:
		err = play(role)
	case as == asWorker:
		err = work()
	default:
		err = fmt.Errorf("%s=%q: no child is marked so", variable, as)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// work serves the parent and keeps the two pipes from everybody else.
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
	in, s := bufio.NewReader(requests), &server{answers: answers}
	idle := make(chan error, 1) // holds what came of the last answer when no function runs
	idle <- nil
	defer func() {
		cancel(ErrParentGone)
		select {
		case <-idle:
		case <-time.After(grace):
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

// A server is a worker as it sees itself.
type server struct {
	answers io.Writer
	frame   []byte // the answer
}

// call calls a function and keeps what came of it as the answer.
func (s *server) call(ctx context.Context, flags byte, name string, argument []byte) {
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

// send sends the answer.
func (s *server) send() error {
	err := wire.WriteFrame(s.answers, s.frame, wire.MaxFrame)
	if errors.Is(err, ErrTooLarge) {
		s.frame = append(append(wire.NewFrame(s.frame), answerError), "its result cannot be sent: "+err.Error()...)
		err = wire.WriteFrame(s.answers, s.frame, wire.MaxFrame)
	}
	s.frame = wire.Keep(s.frame)
	return err
}
