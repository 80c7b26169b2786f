// Package duplex carries messages both ways between two processes that have a pipe or a connection to each other: through
// rings in memory that they share, where they share some, and through the pipe otherwise.
//
// A message that fits goes into the ring of its direction. Its receiver looks there for a moment, and then sleeps on the
// pipe: the sender sees that, and rings by four bytes. What does not fit goes through the pipe as it is. So there is one order of
// all messages, a sleeping receiver costs no thread, and that the other process is gone shows as the end of the pipe, as it
// does without memory. The memory holds nothing that a process which is killed could leave locked.
package duplex

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"cookbook/internal/futex"
	"cookbook/internal/wire"
)

// The two ends of a pair. Each process has one.
const (
	First = iota
	Second
)

// A receiver looks into its ring `looks` times, with a yield of the processor after each, before it sleeps: for some 20 µs. If that
// was in vain it looks half as often the next time, down to leastLooks, and twice as often again once it was not. If it took longer
// than `crowded`, others have used the processor: then the receiver sleeps at once the next times, twice as many as the last time
// that happened, and does not add to them.
const (
	looks        = 64
	leastLooks   = 8
	looksAtAWord = 30
	crowded      = 100 * time.Microsecond
	leastBlind   = 16 // times
	mostBlind    = 1024
)

// A Conn is one end. At a time one goroutine may send and another one receive.
type Conn struct {
	out  io.Writer // to the other process
	in   *bufio.Reader
	mem  *memory // nil: everything goes through the pipe
	send ring    // these two only with memory
	recv ring

	received uint32 // messages
	looks    int
	blind    int    // times not to look from now on
	blindFor int    // and how many those were to be, the last time
	early    []byte // a message that the pipe has brought; perhaps one that was sent before it is in the ring
	isEarly  bool   // there is one

	bell  chan struct{} // the other process has rung
	large chan []byte   // a message that came through the pipe
	spare chan []byte   // memory for the next of these
	ended chan struct{} // closed when the pipe has ended
	err   error         // why, set before ended is closed
	shut  chan struct{} // closed by Close
}

// New returns the end of a pair that this process has. in and out are the two directions of the pipe; nothing else may use them
// from now on, but their owner closes them. memory is what [NewMemory] returned in one of the two processes, and is not needed
// afterwards; nil if they share none. Both processes have to agree on that.
//
// A goroutine reads in, until it ends or is closed: see [Conn.Ended].
func New(end int, memory *os.File, in io.Reader, out io.Writer) (*Conn, error) {
	c := &Conn{
		out: out, in: bufio.NewReader(in), looks: looks,
		bell: make(chan struct{}, 1), large: make(chan []byte), spare: make(chan []byte, 1),
		ended: make(chan struct{}), shut: make(chan struct{}),
	}
	if memory != nil {
		mem, err := openMemory(memory)
		if err != nil {
			return nil, err
		}
		c.mem, c.send, c.recv = mem, mem.ring(end), mem.ring(1-end)
	}
	go c.listen()
	return c, nil
}

// Ended returns a channel that is closed when the pipe has ended: the other process is gone, or one of the two has closed it.
// What was sent before can be received all the same.
func (c *Conn) Ended() <-chan struct{} { return c.ended }

// Close lets go of the end. Close the pipe first: Close waits until nobody reads there.
func (c *Conn) Close() {
	close(c.shut)
	<-c.ended
}

// ring4 is what rings: a length that no message has.
const ring4 = ^uint32(0)

// listen reads what comes through the pipe: rings, and messages.
func (c *Conn) listen() {
	defer close(c.ended)
	for {
		var header [wire.HeaderSize]byte
		if _, c.err = io.ReadFull(c.in, header[:]); c.err != nil {
			return
		}
		n := binary.LittleEndian.Uint32(header[:])
		switch {
		case n == ring4:
			select {
			case c.bell <- struct{}{}:
			default: // it has not been heard yet
			}
			continue
		case n > wire.MaxFrame:
			c.err = fmt.Errorf("%w: it announces %d bytes", wire.ErrNonsense, n)
			return
		}
		var body []byte
		select {
		case body = <-c.spare:
		default:
		}
		if body, c.err = wire.ReadBody(c.in, int(n), body); c.err != nil {
			return
		}
		select {
		case c.large <- body:
		case <-c.shut:
			return
		}
	}
}

// Send sends a frame that wire.NewFrame began. It returns when the frame is in the ring or in the pipe, and blocks only if it takes
// the pipe and that is full. The error wraps [wire.ErrTooLarge] if the frame has more than wire.MaxFrame bytes; then nothing was
// sent. Any other one is that of the pipe.
func (c *Conn) Send(frame []byte) error {
	body := frame[wire.HeaderSize:]
	if c.mem == nil {
		return wire.WriteFrame(c.out, frame, wire.MaxFrame)
	}
	if len(body) > wire.MaxFrame {
		return fmt.Errorf("%d bytes: %w", len(body), wire.ErrTooLarge)
	}
	if !c.send.put(body) {
		c.send.announce()
		return wire.WriteFrame(c.out, frame, wire.MaxFrame)
	}
	if c.send.asleep.Load() != 0 && c.send.asleep.Swap(0) != 0 {
		_, err := c.out.Write(binary.LittleEndian.AppendUint32(nil, ring4))
		return err
	}
	select {
	case <-c.ended: // nothing else would tell: the ring has room
		if errors.Is(c.err, io.EOF) {
			return io.ErrClosedPipe
		}
		return c.err
	default:
		return nil
	}
}

// Receive returns the next message, in buf's place if there is room: buf must not be used afterwards. It waits for a message until
// ctx ends; then the error is its cause, and a message that comes later is not lost. The error is io.EOF when the pipe has ended and all was
// received, io.ErrUnexpectedEOF if it ended in a message, and wraps [wire.ErrNonsense] if the other side has sent what is no
// message. Any other one is that of the pipe.
func (c *Conn) Receive(ctx context.Context, buf []byte) ([]byte, error) {
	offered := false
	for spun := false; ; spun = true {
		if c.mem != nil {
			if !spun {
				c.spin(ctx)
			}
			switch there, inRing := c.there(); {
			case inRing:
				if offered {
					select {
					case buf = <-c.spare:
					default: // a long message is read into it
						buf = nil
					}
				}
				body, err := c.recv.take(buf)
				if err == nil {
					c.received++
				}
				return body, err
			case !there:
				c.recv.asleep.Swap(1) // see ring.publish
				if _, sent := c.recv.sent(); sent != c.received {
					c.recv.asleep.Store(0)
					continue
				}
			}
		}
		if c.isEarly {
			body := c.early
			c.early, c.isEarly = nil, false
			c.received++
			return body, nil
		}
		if !offered && cap(buf) > 0 {
			select {
			case c.spare <- buf:
				offered = true
			default: // there is some
			}
		}
		select {
		case <-c.bell:
		case c.early = <-c.large: // before the bell that rang for the ring, if both are there
			c.isEarly = true
		case <-ctx.Done():
			if c.mem != nil {
				c.recv.asleep.Store(0)
			}
			return nil, context.Cause(ctx)
		case <-c.ended:
			return c.last(buf)
		}
	}
}

// last returns what is in the ring when the pipe has ended.
func (c *Conn) last(buf []byte) ([]byte, error) {
	err := c.err
	if c.mem != nil {
		switch there, inRing := c.there(); {
		case inRing:
			return c.Receive(context.Background(), buf)
		case there && err == io.EOF:
			err = io.ErrUnexpectedEOF // it was on its way through the pipe
		}
	}
	return nil, err
}

// there reports whether the next message was sent, and whether it is the first one in the ring; otherwise it comes through the
// pipe.
func (c *Conn) there() (there, inRing bool) {
	tail, sent := c.recv.sent()
	return sent != c.received, tail != c.recv.head && c.recv.next() == c.received
}

// spin looks for a moment whether the next message is sent, unless ctx ends.
func (c *Conn) spin(ctx context.Context) {
	if there, _ := c.there(); there {
		return
	}
	if c.blind > 0 {
		c.blind--
		return
	}
	began := time.Now()
	for range c.looks {
		for range looksAtAWord {
			if _, sent := c.recv.sent(); sent != c.received {
				c.looks, c.blindFor = min(2*c.looks, looks), 0
				return
			}
		}
		futex.Yield() // another process needs the processor, perhaps the one that is to send
		if time.Since(began) > crowded {
			c.blindFor = min(max(2*c.blindFor, leastBlind), mostBlind)
			c.blind = c.blindFor
			return
		}
		if ctx.Err() != nil {
			return
		}
	}
	c.looks = max(c.looks/2, leastLooks)
}
