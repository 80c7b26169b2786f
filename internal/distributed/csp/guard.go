package csp

import (
	"reflect"
	"time"
)

// A Guard is something that an [Alternation] can wait for. [Input], [Output], [Timeout] and [Skip] make one.
type Guard interface {
	// enter holds what the guard needs while one Select runs, and exit lets go of it.
	enter()
	exit()
	// ended reports poison, which goes before everything else.
	ended() error
	// try does what the guard stands for if that needs no waiting.
	try() (ready bool, err error)
	// cases are what to wait for, and took does the rest when the case of this number has come: ready is false if nothing
	// came of it, and the alternation looks again.
	cases() []reflect.SelectCase
	took(which int, v reflect.Value) (ready bool, err error)
}

func receive[T any](c <-chan T) reflect.SelectCase {
	return reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)}
}

// Input is ready if a value can be read from r, which then is in *into, and if the channel has ended.
func Input[T any](r *Reader[T], into *T) Guard { return &inputGuard[T]{r, into} }

type inputGuard[T any] struct {
	r    *Reader[T]
	into *T
}

func (g *inputGuard[T]) enter() { g.r.enter() }
func (g *inputGuard[T]) exit()  { g.r.exit() }

func (g *inputGuard[T]) ended() error {
	if isClosed(g.r.c.poisoned) {
		return g.r.c.poisonError("read from")
	}
	return nil
}

func (g *inputGuard[T]) try() (bool, error) {
	i, ready, err := g.r.try()
	if ready && err == nil {
		*g.into = i.received()
	}
	return ready, err
}

func (g *inputGuard[T]) cases() []reflect.SelectCase {
	c := g.r.c
	return []reflect.SelectCase{receive(c.items), receive(c.poisoned), receive(c.writers.gone), receive(g.r.gone)}
}

func (g *inputGuard[T]) took(which int, v reflect.Value) (bool, error) {
	if which > 0 {
		return g.try()
	}
	var i item[T]
	reflect.ValueOf(&i).Elem().Set(v)
	*g.into = i.received()
	return true, nil
}

// Output is ready if a value can be written to w, and if the channel has ended. What is written is what *from is when Select
// is called.
func Output[T any](w *Writer[T], from *T) Guard { return &outputGuard[T]{w: w, from: from} }

type outputGuard[T any] struct {
	w    *Writer[T]
	from *T
	now  item[T] // what one Select offers
}

func (g *outputGuard[T]) enter() { g.w.enter() }
func (g *outputGuard[T]) exit()  { g.w.exit() }

func (g *outputGuard[T]) ended() error {
	if isClosed(g.w.c.poisoned) {
		return g.w.c.poisonError("write to")
	}
	return nil
}

func (g *outputGuard[T]) try() (bool, error) {
	g.now = sending(g.w.c.name, *g.from)
	return g.w.try(g.now)
}

func (g *outputGuard[T]) cases() []reflect.SelectCase {
	c := g.w.c
	send := reflect.SelectCase{Dir: reflect.SelectSend, Chan: reflect.ValueOf(c.items), Send: reflect.ValueOf(&g.now).Elem()}
	return []reflect.SelectCase{send, receive(c.poisoned), receive(c.readers.gone), receive(g.w.gone)}
}

func (g *outputGuard[T]) took(which int, _ reflect.Value) (bool, error) {
	if which > 0 {
		return g.try()
	}
	return true, nil
}

// Timeout is ready when Select has waited this long; at once if d is 0 or less.
func Timeout(d time.Duration) Guard { return &timeoutGuard{d: d} }

type timeoutGuard struct {
	d     time.Duration
	timer *time.Timer
}

func (g *timeoutGuard) enter()       { g.timer = time.NewTimer(g.d) }
func (g *timeoutGuard) exit()        { g.timer.Stop() }
func (g *timeoutGuard) ended() error { return nil }
func (g *timeoutGuard) try() (bool, error) {
	if g.d <= 0 {
		return true, nil
	}
	select {
	case <-g.timer.C:
		return true, nil
	default:
		return false, nil
	}
}
func (g *timeoutGuard) cases() []reflect.SelectCase           { return []reflect.SelectCase{receive(g.timer.C)} }
func (g *timeoutGuard) took(int, reflect.Value) (bool, error) { return true, nil }

// Skip is ready always: the last guard of an alternation that is not to wait.
func Skip() Guard { return skipGuard{} }

type skipGuard struct{}

func (skipGuard) enter()                                {}
func (skipGuard) exit()                                 {}
func (skipGuard) ended() error                          { return nil }
func (skipGuard) try() (bool, error)                    { return true, nil }
func (skipGuard) cases() []reflect.SelectCase           { return nil }
func (skipGuard) took(int, reflect.Value) (bool, error) { return true, nil }
