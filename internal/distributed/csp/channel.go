package csp

import (
	"errors"
	"fmt"
	"sync"
)

// Why a process can read or write no more. Both are how a network of processes ends in good order.
var (
	ErrPoisoned = errors.New("the channel is poisoned")
	ErrRetired  = errors.New("the channel has ended: all ends of the other side have retired")
)

// A Kind says how many ends a channel has on each side.
type Kind uint8

// The four kinds: the side of the writers first.
const (
	One2One Kind = iota
	One2Any
	Any2One
	Any2Any
)

// String is the name of the kind, as one2any.
func (k Kind) String() string {
	if k > Any2Any {
		return fmt.Sprintf("kind %d", uint8(k))
	}
	return [...]string{"one2one", "one2any", "any2one", "any2any"}[k]
}

func (k Kind) oneWriter() bool { return k == One2One || k == One2Any }
func (k Kind) oneReader() bool { return k == One2One || k == Any2One }

// A Channel carries values of one type from its writing ends to its reading ends. Its methods may be called from any
// goroutine. It needs no closing: a channel that nobody knows is garbage.
//
// Below it is a Go channel. With capacity 0 a write waits for its read, as there.
type Channel[T any] struct {
	name  string
	kind  Kind
	items chan item[T]

	poisoned chan struct{} // closed by the first poison
	cause    error         // what a poisoned channel answers; set before poisoned is closed
	writers  side
	readers  side
}

// A side is the ends of one side of a channel.
type side struct {
	one  bool          // takes one end
	what string        // writing or reading
	gone chan struct{} // closed when all ends that were taken have retired

	mu           sync.Mutex
	taken, alive int
}

// NewChannel makes a channel. The name stands in errors. A write to a channel whose capacity is more than 0 waits only while
// as many values as that are on their way. It panics if there is no such kind or the capacity is negative.
func NewChannel[T any](kind Kind, name string, capacity int) *Channel[T] {
	if kind > Any2Any || capacity < 0 {
		panic(fmt.Sprintf("csp: channel %s: there is no channel of %s with capacity %d", name, kind, capacity))
	}
	return &Channel[T]{
		name: name, kind: kind, items: make(chan item[T], capacity), poisoned: make(chan struct{}),
		writers: side{one: kind.oneWriter(), what: "writing", gone: make(chan struct{})},
		readers: side{one: kind.oneReader(), what: "reading", gone: make(chan struct{})},
	}
}

// Name and Kind are what the channel was made with.
func (c *Channel[T]) Name() string { return c.name }

// Kind is how many ends it has on each side.
func (c *Channel[T]) Kind() Kind { return c.kind }

// Writer takes a writing end. Take all ends before the processes start: when those that were taken have retired, the channel
// ends. It panics if the kind has one writing end and that is taken.
func (c *Channel[T]) Writer() *Writer[T] {
	c.writers.take(c.name, c.kind)
	return &Writer[T]{end[T]{c: c, side: &c.writers, gone: make(chan struct{})}}
}

// Reader takes a reading end, as [Channel.Writer] takes a writing one.
func (c *Channel[T]) Reader() *Reader[T] {
	c.readers.take(c.name, c.kind)
	return &Reader[T]{end[T]{c: c, side: &c.readers, gone: make(chan struct{})}}
}

func (s *side) take(name string, kind Kind) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.one && s.taken > 0 {
		panic(fmt.Sprintf("csp: channel %s is of kind %s and its only %s end is taken; make a channel of another kind for several", name, kind, s.what))
	}
	s.taken++
	s.alive++
}

// leave counts an end out.
func (s *side) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.alive--; s.alive == 0 && !isClosed(s.gone) {
		close(s.gone)
	}
}

// Poison ends the channel at once, for all its ends: whoever waits at it or comes to it gets [ErrPoisoned]. Values that are
// on their way are lost. More poison changes nothing.
func (c *Channel[T]) Poison() { c.poison(ErrPoisoned) }

func (c *Channel[T]) poison(cause error) {
	c.writers.mu.Lock() // any lock of the channel would do
	defer c.writers.mu.Unlock()
	if !isClosed(c.poisoned) {
		c.cause = cause
		close(c.poisoned)
	}
}

// poisonError is what a read, a write or an alternation returns after poison.
func (c *Channel[T]) poisonError(doing string) error {
	return fmt.Errorf("%s channel %s: %w", doing, c.name, c.cause)
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
