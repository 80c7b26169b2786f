package async

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
)

// A promise is what a program of calls on a future is played on: a Future, or a slowFuture that says what one does.
type promise interface {
	set(v int) error
	fail(err error) error
	cancel() bool
	add(f func()) (remove func() bool)
	state() string
	turn() // lets the loop, if there is one, run what is ready
}

// slowFuture keeps its callbacks in a list, and those that its loop will call in another.
type slowFuture struct {
	onLoop    bool
	done      string // "": not done
	callbacks []*func()
	ready     []func()
}

func (s *slowFuture) settle(how string) bool {
	if s.done != "" {
		return false
	}
	s.done = how
	all := s.callbacks
	s.callbacks = nil
	for _, f := range all {
		s.tell(*f)
	}
	return true
}

func (s *slowFuture) tell(f func()) {
	if s.onLoop {
		s.ready = append(s.ready, f)
	} else {
		f()
	}
}

func (s *slowFuture) set(v int) error {
	if !s.settle(fmt.Sprintf("result %d", v)) {
		return ErrDone
	}
	return nil
}

func (s *slowFuture) fail(err error) error {
	if !s.settle(fmt.Sprintf("error %v", err)) {
		return ErrDone
	}
	return nil
}

func (s *slowFuture) cancel() bool { return s.settle("error cancelled, cancelled") }

func (s *slowFuture) add(f func()) func() bool {
	if s.done != "" {
		s.tell(f)
		return func() bool { return false }
	}
	s.callbacks = append(s.callbacks, &f)
	return func() bool {
		i := slices.Index(s.callbacks, &f)
		if i >= 0 {
			s.callbacks = slices.Delete(s.callbacks, i, i+1)
		}
		return i >= 0
	}
}

func (s *slowFuture) state() string {
	if s.done == "" {
		return "not done"
	}
	return s.done
}

func (s *slowFuture) turn() {
	now := s.ready
	s.ready = nil
	for _, f := range now {
		f()
	}
}

// realFuture is a Future as a promise.
type realFuture struct {
	*Future[int]
	l *Loop
	t *testing.T
}

func (r realFuture) set(v int) error      { return r.SetResult(v) }
func (r realFuture) fail(err error) error { return r.SetException(err) }
func (r realFuture) cancel() bool         { return r.Cancel() }
func (r realFuture) turn()                { oneTurn(r.t, r.l) }

func (r realFuture) add(f func()) func() bool {
	id := r.AddDoneCallback(func(g *Future[int]) {
		if g != r.Future || !g.Done() {
			r.t.Error("called for another future, or for one that is not done")
		}
		f()
	})
	return func() bool { return r.RemoveDoneCallback(id) }
}

func (r realFuture) state() string {
	if !r.Done() {
		if r.Cancelled() {
			r.t.Error("cancelled but not done")
		}
		return "not done"
	}
	how := ""
	if r.Cancelled() {
		how = ", cancelled"
	}
	v, err := r.Result(context.Background())
	if !errors.Is(r.Exception(context.Background()), err) {
		r.t.Error("Exception is not the error of Result")
	}
	if err != nil {
		return fmt.Sprintf("error %v%s", err, how)
	}
	return fmt.Sprintf("result %d%s", v, how)
}

// playFuture plays the program, a part of it in every callback, and returns what happened.
func playFuture(f promise, p *program) (trace []string) {
	say := func(format string, args ...any) { trace = append(trace, fmt.Sprintf(format, args...)) }
	var removes []func() bool
	var part func(steps int)
	part = func(steps int) {
		for range steps {
			switch p.next(16) {
			case 0, 1, 2, 3, 4, 5:
				id, steps := len(removes), p.next(3)
				removes = append(removes, nil)
				removes[id] = f.add(func() { say("callback %d: %s", id, f.state()); part(steps) })
			case 6, 7, 8, 9, 10:
				if i := p.next(len(removes) + 1); i < len(removes) && removes[i] != nil {
					say("remove %d: %v", i, removes[i]())
				}
			case 11:
				v := p.next(9)
				say("set: %v", errors.Is(f.set(v), ErrDone))
			case 12:
				say("fail: %v", errors.Is(f.fail(fmt.Errorf("number %d", p.next(9))), ErrDone))
			case 13:
				say("cancel: %v", f.cancel())
			case 14:
				say("state: %s", f.state())
			}
		}
	}
	for p.more() {
		part(1 + p.next(12))
		f.turn()
		say("turn: %s", f.state())
	}
	return trace
}

func compareFutures(t *testing.T, code []byte) {
	for _, onLoop := range []bool{false, true} {
		l := NewLoop()
		got := realFuture{NewFuture[int](), l, t}
		if onLoop {
			got.Future = CreateFuture[int](l)
		}
		want := playFuture(&slowFuture{onLoop: onLoop}, &program{code})
		same(t, code, playFuture(got, &program{code}), want)
		ok(t, l.Close())
	}
}

func TestFutureDoesWhatTheSlowFutureDoes(t *testing.T) {
	randomly(2, 3000, 80, func(code []byte) { compareFutures(t, code) })
}

func FuzzFuture(f *testing.F) {
	f.Add([]byte{5, 0, 1, 0, 2, 0, 0, 6, 1, 11, 3, 6, 0, 0, 2})
	f.Add([]byte{9, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 6, 2, 6, 1, 0, 0, 13, 14, 12, 3})
	f.Add([]byte{3, 12, 4, 0, 2, 14, 11, 7, 14})
	f.Fuzz(func(t *testing.T, code []byte) { compareFutures(t, code[:min(len(code), 200)]) })
}
