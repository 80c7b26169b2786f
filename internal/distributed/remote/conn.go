package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"cookbook/internal/wire"
)

// A Conn is a client's connection to a server, and with it the interpreter that the server has for it. Its methods may be called by
// several goroutines: the server then runs their requests in turn. It has to be closed.
//
// Every method that takes a context waits for the server's answer. When the context ends first, the error is its cause, and the
// server is told to end what it does for this call. What went wrong in the text is an *[Error].
type Conn struct {
	peer   *peer
	server string
	served sync.WaitGroup
}

// Dial connects to a server. The error wraps [ErrRefused] if the two do not know the same secret, and [ErrGone] if there is no
// server.
func Dial(ctx context.Context, address string, secret []byte) (*Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err == nil {
		if err = introduce(ctx, conn, secret); err != nil {
			conn.Close()
		}
	}
	switch {
	case err == nil:
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case errors.Is(err, wire.ErrStranger):
		err = ErrRefused
	default:
		err = fmt.Errorf("%w: %w", ErrGone, err)
	}
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	c := &Conn{server: address}
	c.peer = newPeer(conn, c.handle)
	c.served.Go(c.peer.serve)
	return c, nil
}

// introduce shows that both sides know the secret.
func introduce(ctx context.Context, conn net.Conn, secret []byte) error {
	conn.SetDeadline(time.Now().Add(wire.HelloLimit))
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		conn.SetDeadline(time.Unix(1, 0))
		close(over)
	})
	err := wire.Call(conn, secret, nil)
	if !stop() {
		<-over
	}
	return errors.Join(err, conn.SetDeadline(time.Time{}))
}

// Close ends the connection, and with it what the server still does for it and all that it holds for it. It returns when the
// functions have returned that the server was calling here, so those must not call it.
func (c *Conn) Close() error {
	c.peer.fail(ErrClosed)
	c.served.Wait()
	return nil
}

// Done is closed when the connection has ended, and Err then says why.
func (c *Conn) Done() <-chan struct{} { return c.peer.ctx.Done() }

// Err returns nil while the connection lasts, then an error that wraps [ErrGone] or [ErrClosed].
func (c *Conn) Err() error { return context.Cause(c.peer.ctx) }

// Execute runs a text of statements. Its global names stay, for the next text. A function sees the global names as they were at the
// end of the text that defines it: Starlark's functions cannot assign to them either.
//
// RPyC: conn.execute(text).
func (c *Conn) Execute(ctx context.Context, text string) error {
	_, err := c.ask(ctx, "execute", opExecute, text)
	return err
}

// Eval returns the value of an expression. See [As].
//
// RPyC: conn.eval(text).
func (c *Conn) Eval(ctx context.Context, text string) (any, error) {
	return c.ask(ctx, "evaluate", opEval, text)
}

// Call calls what has that global name. The last arguments may be [Kwargs].
func (c *Conn) Call(ctx context.Context, name string, args ...any) (any, error) {
	return c.ask(ctx, "call "+name, opName, append([]any{name}, arguments(args)...)...)
}

// Set gives a global name a value.
//
// RPyC: conn.namespace[name] = v.
func (c *Conn) Set(ctx context.Context, name string, v any) error {
	_, err := c.ask(ctx, "set "+name, opSetName, name, v)
	return err
}

// Module returns a module that the server offers. The error wraps [ErrNoModule] if it does not, and lists what there is.
//
// RPyC: conn.modules[name].
func (c *Conn) Module(ctx context.Context, name string) (*Ref, error) {
	return As[*Ref](c.ask(ctx, "module "+name, opModule, name))
}

// Redirect has print of this connection write to w, which is here. Print returns when w has it, so all that a text has printed
// is in w when [Conn.Execute] returns.
//
// RPyC: conn.modules.sys.stdout = sys.stdout.
func (c *Conn) Redirect(ctx context.Context, w io.Writer) error {
	sys, err := c.Module(ctx, "sys")
	if err != nil {
		return err
	}
	defer sys.Release()
	return sys.SetAttr(ctx, "stdout", w)
}

// Deliver makes a copy of a slice or a map at the server, as a list or a dict, and returns the reference to it.
//
// RPyC: rpyc.classic.deliver(conn, v).
func (c *Conn) Deliver(ctx context.Context, v any) (*Ref, error) {
	var held []uint64
	w, err := c.copyOf(v, 0, &held)
	if err != nil {
		c.peer.objects.drop(held...)
		return nil, fmt.Errorf("deliver: %w", err)
	}
	return As[*Ref](c.request(ctx, "deliver", held, opDeliver, w))
}

// ask sends a request with operands as a caller of this package has them.
func (c *Conn) ask(ctx context.Context, doing string, op byte, operands ...any) (any, error) {
	sent, held, err := c.outAll(operands)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return c.request(ctx, doing, held, op, sent...)
}

// request sends a request. held are the objects among its operands: if the request has not come to its end, the server shall not
// have them.
func (c *Conn) request(ctx context.Context, doing string, held []uint64, op byte, operands ...any) (any, error) {
	v, err := c.peer.call(ctx, op, operands...)
	if err != nil {
		return nil, c.explain(doing, held, err)
	}
	return c.in(v)
}

// explain says what was tried. What the server says needs no more.
func (c *Conn) explain(doing string, held []uint64, err error) error {
	if _, ok := err.(*Error); ok {
		return err
	}
	c.peer.objects.drop(held...)
	return fmt.Errorf("%s at %s: %w", doing, c.server, err)
}
