package remote

import (
	"context"
	"net"
	"sync"
	"time"
)

// The protocol is the same in both directions. A message is a frame: what it is, a number, and values. A side numbers its
// requests; the answer has the number of its request.
//
//	request  operation, operands
//	reply    value
//	failure  code, message, position, back trace
//	cancel   nothing: the request of that number is not waited for any more
//	release  the ids of objects that are not needed any more; the number is 0
const (
	request byte = iota
	reply
	failure
	cancel
	release
)

// maxRunning is how many requests of the other side may be open at once. It bounds goroutines, and calls back and forth inside
// each other.
const maxRunning = 1000

// A handler does what the other side asks for. It may be called from several goroutines.
type handler func(ctx context.Context, op byte, operands []any) (any, error)

// A peer is one end of a connection.
type peer struct {
	conn    net.Conn
	handle  handler
	objects *table

	ctx   context.Context // ends with the connection
	end   context.CancelCauseFunc
	wg    sync.WaitGroup // the requests of the other side
	write chan []byte    // holds the buffer for frames while nobody writes

	mu      sync.Mutex
	last    uint64                             // the number of the last request
	pending map[uint64]*call                   // by number; nil: the connection has ended
	running map[uint64]context.CancelCauseFunc // the requests of the other side
	dropped []uint64                           // objects of the other side to be released
}

// A call is a request that was sent.
type call struct {
	number uint64
	done   chan struct{} // closed when value and err are there
	value  any
	err    error
}

func newPeer(conn net.Conn, handle handler) *peer {
	p := &peer{conn: conn, handle: handle, objects: newTable(), write: make(chan []byte, 1),
		pending: map[uint64]*call{}, running: map[uint64]context.CancelCauseFunc{}}
	p.ctx, p.end = context.WithCancelCause(context.Background())
	p.write <- nil
	return p
}

// start sends a request.
func (p *peer) start(ctx context.Context, op byte, operands ...any) (*call, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	c := &call{done: make(chan struct{})}
	p.mu.Lock()
	if p.pending == nil {
		p.mu.Unlock()
		return nil, context.Cause(p.ctx)
	}
	p.last++
	c.number = p.last
	p.pending[c.number] = c
	p.mu.Unlock()
	if err := p.sendRequest(ctx, c.number, op, operands); err != nil {
		p.forget(c)
		return nil, err
	}
	return c, nil
}

// forget makes a call one that nobody waits for. It reports whether there was no answer yet.
func (p *peer) forget(c *call) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	open := p.pending[c.number] == c
	delete(p.pending, c.number)
	return open
}

// abandon is forget, and tells the other side.
func (p *peer) abandon(c *call) bool {
	open := p.forget(c)
	if open {
		soon, stop := context.WithTimeout(p.ctx, time.Second)
		defer stop()
		p.send(soon, cancel, c.number)
	}
	return open
}

// call sends a request and waits for its answer.
func (p *peer) call(ctx context.Context, op byte, operands ...any) (any, error) {
	c, err := p.start(ctx, op, operands...)
	if err != nil {
		return nil, err
	}
	return p.wait(ctx, c)
}

// wait waits for the answer to a call, or until ctx ends; then the other side is told to stop.
func (p *peer) wait(ctx context.Context, c *call) (any, error) {
	select {
	case <-c.done:
	case <-ctx.Done():
		if p.abandon(c) {
			return nil, context.Cause(ctx)
		}
		<-c.done // it came at the same time
	}
	return c.value, c.err
}

// spawn has f called in a goroutine that [peer.serve] waits for. When the connection has ended, f is called at once.
func (p *peer) spawn(f func()) {
	p.mu.Lock()
	alive := p.pending != nil
	if alive {
		p.wg.Go(f)
	}
	p.mu.Unlock()
	if !alive {
		f()
	}
}
