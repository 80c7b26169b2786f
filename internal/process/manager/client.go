package manager

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"time"

	"runtime/trace"

	"cookbook/internal/process/duplex"
	"cookbook/internal/waitfor"
	"cookbook/internal/wire"
)

// An address is where a manager is, network and address with a blank between them, and the secret that it knows.
type address struct{ where, secret string }

// clients is what this process knows of managers, here or made elsewhere.
var clients struct {
	sync.Mutex
	of map[address]*client
}

// A client is the connections of this process to one manager. A request has one for itself. Each has a goroutine that listens, as
// long as the manager or the client is there.
type client struct {
	address address

	mu     sync.Mutex
	idle   []*link
	held   map[uint64]*link // the connections on which locks are held
	closed bool
}

func clientOf(a address) *client {
	clients.Lock()
	defer clients.Unlock()
	c := clients.of[a]
	if c == nil {
		c = &client{address: a, held: map[uint64]*link{}}
		if clients.of == nil {
			clients.of = map[address]*client{}
		}
		clients.of[a] = c
	}
	return c
}

func (c *client) close() {
	clients.Lock()
	delete(clients.of, c.address)
	clients.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, l := range c.idle {
		l.close()
	}
	for _, l := range c.held {
		l.close()
	}
	c.idle, c.held = nil, map[uint64]*link{}
}

// A link is one connection. Requests and answers take turns on it.
type link struct {
	conn  net.Conn
	way   *duplex.Conn // over conn
	frame []byte
	exchange
}

func (l *link) close() {
	l.conn.Close()
	if l.way != nil {
		l.way.Close()
	}
}

// take returns a connection that is not in use.
func (c *client) take(ctx context.Context) (*link, error) {
	c.mu.Lock()
	if n := len(c.idle); n > 0 {
		l := c.idle[n-1]
		c.idle = c.idle[:n-1]
		c.mu.Unlock()
		return l, nil
	}
	c.mu.Unlock()
	return dial(ctx, c.address)
}

// put keeps a connection for the next request.
func (c *client) put(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		l.close()
		return
	}
	c.idle = append(c.idle, l)
}

// guard calls f, which uses the connection, and ends that when ctx ends.
func (l *link) guard(ctx context.Context, f func() error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	forget := context.AfterFunc(ctx, func() { l.conn.SetDeadline(time.Unix(1, 0)) })
	err := f()
	if !forget() {
		return context.Cause(ctx) // whatever came: the deadline would meet the next request
	}
	return err
}

// do has the manager do something with an object and returns the fields of its answer.
func (c *client) do(ctx context.Context, what byte, id uint64, fields ...string) ([]string, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	l, err := c.take(ctx)
	if err != nil {
		return nil, err
	}
	code, answer, err := l.ask(ctx, what, id, fields...)
	if err != nil && !errors.Is(err, wire.ErrTooLarge) { // in which case nothing was sent
		l.close() // an answer may still be on its way there
		return nil, err
	}
	c.put(l)
	return answer, errors.Join(err, errorOf(code))
}

// ask sends a request and returns the answer.
func (l *link) ask(ctx context.Context, what byte, id uint64, fields ...string) (code byte, answer []string, err error) {
	defer trace.StartRegion(ctx, waitfor.WaitRegion+"the manager").End()
	if err := wire.FitFields(wire.MaxFrame, fields...); err != nil {
		return 0, nil, err
	}
	if l.name == "" && trace.IsEnabled() {
		l.exchange = newExchange()
		l.put(doName, 0, l.name)
		if err = l.send(ctx); err != nil {
			return 0, nil, err
		}
	}
	l.put(what, id, fields...)
	if what != doGiveUp { // which is heard of by the answer to what it ends
		l.next()
		l.asks(what)
	}
	if err = l.send(ctx); err != nil {
		return 0, nil, err
	}
	code, answer, err = l.hear(ctx)
	if err == nil {
		l.isAnswered()
	}
	return code, answer, err
}

// put makes a request the frame that is sent next.
func (l *link) put(what byte, id uint64, fields ...string) {
	l.frame = wire.AppendFields(binary.AppendUvarint(append(wire.NewFrame(l.frame), what), id), fields...)
}

// fits is the size of a frame for which there is always room on the way, as long as requests and answers take turns.
const fits = 4096

// send sends the frame. It ends the connection when ctx ends before there is room for it.
func (l *link) send(ctx context.Context) (err error) {
	if len(l.frame) <= fits {
		err = l.way.Send(l.frame)
	} else {
		err = l.guard(ctx, func() error { return l.way.Send(l.frame) })
	}
	return whyOf(ctx, err)
}

// hear waits for an answer and reads it.
func (l *link) hear(ctx context.Context) (code byte, fields []string, err error) {
	body, err := l.way.Receive(ctx, l.frame)
	l.frame = wire.Keep(body) // not the old one, which Receive has taken
	if err == nil {
		code, fields, err = cutAnswer(body)
	}
	return code, fields, whyOf(ctx, err)
}

// whyOf says of an error of a connection what it means.
func whyOf(ctx context.Context, err error) error {
	switch {
	case err == nil || errors.Is(err, wire.ErrTooLarge):
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return ErrGone
}
