package mpi

import (
	"unsafe"

	"cookbook/internal/mpi/engine"
)

// A Status says which message was received (MPI 4.0 §3.2.5).
type Status struct {
	Source, Tag int // ProcNull and AnyTag if the source was ProcNull
	Count       int // elements; of an encoded value, bytes
}

// Send sends a buffer and returns when it may be used again, which may be before anybody receives it: up to the eager limit
// ([WithEagerLimit]) a message is kept for its receiver, above it Send waits until the message is received: MPI_Send
// (MPI 4.0 §3.4). It is wrong to rely on either. An MPI library has limits of its own. With Open MPI 4.1 on one machine a message
// of more than 256 bytes and up to 4 KiB is kept, too, but Send waits until its receiver makes a call of any kind. It waits for
// one that computes.
func Send[T Element](c *Comm, buf []T, dest, tag int) error {
	return c.send(engine.CallSend, engine.Raw(buf), engine.TypeOf[T](), dest, tag, false)
}

// Ssend is Send that always waits until the receiver has begun to receive: MPI_Ssend.
func Ssend[T Element](c *Comm, buf []T, dest, tag int) error {
	return c.send(engine.CallSsend, engine.Raw(buf), engine.TypeOf[T](), dest, tag, true)
}

// Recv waits for a message from source, or AnySource, with that tag, or AnyTag, and puts it into buf, which may be larger:
// MPI_Recv. Messages of one sender that both would fit are received in the order in which they were sent. If the message is
// larger the error is ErrTruncate, and what is in buf is not defined; nothing is written behind it. If its elements are of
// another type the error is ErrType, as far as the transport knows.
//
// From AnySource no rank is kept waiting by others that send more: on the local engine, of the ranks whose messages have come,
// the one is received from that was not received from for the longest time. An MPI library promises nothing of the kind.
func Recv[T Element](c *Comm, buf []T, source, tag int) (Status, error) {
	e, err := c.recv(engine.CallRecv, engine.Raw(buf), nil, engine.TypeOf[T](), source, tag)
	return status[T](e), err
}

// Sendrecv sends one buffer and receives another, in the order that is possible. So ranks that all call it do not deadlock:
// MPI_Sendrecv. The buffers may overlap, which costs a copy of send: MPI_Sendrecv_replace.
func Sendrecv[S, R Element](c *Comm, send []S, dest, sendTag int, recv []R, source, recvTag int) (Status, error) {
	out, b := buffers(send, recv)
	e, err := c.sendrecv(out, engine.TypeOf[S](), dest, sendTag, &b, engine.TypeOf[R](), source, recvTag)
	return status[R](e), err
}

// Probe waits until there is a message to be received from source, or AnySource, with that tag, or AnyTag, and leaves it
// there: MPI_Probe. The count is in bytes. To receive that very message, receive from the source and with the tag that the status
// names: a Recv from AnySource may be given another one.
func (c *Comm) Probe(source, tag int) (Status, error) {
	s, _, err := c.probe(engine.CallProbe, source, tag, true)
	return s, err
}

// Iprobe is Probe that does not wait and reports whether there is one: MPI_Iprobe.
func (c *Comm) Iprobe(source, tag int) (Status, bool, error) {
	return c.probe(engine.CallIprobe, source, tag, false)
}

// A Request is a send or a receive that was begun: MPI_Request. It has to be waited for before the rank's function returns. A nil
// request is one that is done, with the status of nothing from anywhere: MPI_REQUEST_NULL (MPI 4.0 §3.7.3).
//
// What is kept of it when it is done is small, because its caller may keep it. All else is in goesOn, which is used again.
type Request struct {
	on          *goesOn // nil if it is done
	count       int     // of its status
	source, tag int32   // as well, counted from AnySource and AnyTag on
}

// A goesOn is what is known of a request that is not done, or that has failed.
type goesOn struct {
	c    *Comm
	p    engine.Pending // nil if it has failed
	buf  []byte         // of a receive
	size int            // of an element
	err  error          // if it has failed
	next *goesOn        // in Comm.free
}

// requestsAtOnce is how many requests get their memory together.
const requestsAtOnce = 32

// request makes a request that goes on.
func (c *Comm) request(t engine.Datatype) *Request {
	if len(c.requests) == 0 {
		c.requests = make([]Request, requestsAtOnce)
	}
	r := &c.requests[0]
	c.requests = c.requests[1:]
	on := c.free
	if on == nil {
		on = &goesOn{c: c}
	}
	c.free = on.next
	on.size, r.on = t.Size, on
	return r
}

func (r *Request) status() Status {
	return Status{int(r.source) + AnySource, int(r.tag) + AnyTag, r.count}
}

// Isend begins to send and does not wait: MPI_Isend. Until the request is done the buffer must not be changed. Sends that are done
// at once may share a request.
func Isend[T Element](c *Comm, buf []T, dest, tag int) (*Request, error) {
	return c.isend(engine.Raw(buf), engine.TypeOf[T](), dest, tag)
}

// Irecv begins to receive and does not wait: MPI_Irecv. Until the request is done the buffer must not be used.
func Irecv[T Element](c *Comm, buf []T, source, tag int) (*Request, error) {
	return c.irecv(engine.Raw(buf), nil, engine.TypeOf[T](), source, tag)
}

// Wait waits until the request is done: MPI_Wait. The status is that of what was received. Asked again, it says the same.
func (r *Request) Wait() (Status, error) {
	s, _, err := r.finish(engine.CallWait, true)
	return s, err
}

// Test reports whether the request is done, and does not wait: MPI_Test.
func (r *Request) Test() (Status, bool, error) { return r.finish(engine.CallTest, false) }

// Waitall waits until all requests are done and returns the first error: MPI_Waitall. Those that are nil count as done.
func Waitall(requests ...*Request) error {
	var first error
	var in *Comm // the communicator that was entered last
	for _, r := range requests {
		if r == nil || r.on == nil {
			continue
		}
		if on := r.on; on.p != nil && in != on.c {
			if in != nil {
				in.leave()
			}
			if in = on.c; in.enter(engine.CallWait) != nil {
				in = nil // Wait says why
			}
		}
		var err error
		if in != nil {
			_, err = r.complete(engine.CallWait, true)
		} else {
			_, err = r.Wait()
		}
		if first == nil {
			first = err
		}
	}
	if in != nil {
		in.leave()
	}
	return first
}

func (r *Request) finish(op engine.Call, wait bool) (Status, bool, error) {
	switch {
	case r == nil:
		return Status{AnySource, AnyTag, 0}, true, nil
	case r.on == nil:
		return r.status(), true, nil
	case r.on.p == nil:
		return r.status(), true, r.on.err
	}
	c := r.on.c
	if err := c.enter(op); err != nil {
		return Status{}, false, err
	}
	defer c.leave()
	done, err := r.complete(op, wait)
	return r.status(), done, err
}

// complete asks the transport, in a call, whether the request is done.
func (r *Request) complete(op engine.Call, wait bool) (done bool, err error) {
	on := r.on
	if on.p == nil {
		return true, on.err
	}
	e, done, err := on.p.Finish(op, wait)
	if !done && err == nil {
		return false, nil
	}
	r.count, r.source, r.tag = e.Bytes/on.size, int32(e.Source-AnySource), int32(e.Tag-AnyTag)
	on.p, on.buf, on.err = nil, nil, err
	if err == nil {
		r.on, on.next, on.c.free = nil, on.c.free, on
	}
	return true, err
}

func status[T Element](e engine.Envelope) Status {
	return Status{e.Source, e.Tag, e.Bytes / int(unsafe.Sizeof(*new(T)))} // a shift, where the compiler knows the size
}

func (c *Comm) send(op engine.Call, buf []byte, t engine.Datatype, dest, tag int, synchronous bool) error {
	if err := c.checkPeer(op, "send to", dest, tag, false); err != nil || dest == ProcNull {
		return err
	}
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.leave()
	return c.t.Send(op, buf, t, dest, tag, synchronous)
}

// recv receives into a buffer, or if made is not nil, into one that is made for the message.
func (c *Comm) recv(op engine.Call, buf []byte, made *[]byte, t engine.Datatype, source, tag int) (engine.Envelope, error) {
	if err := c.checkPeer(op, "receive from", source, tag, true); err != nil || source == ProcNull {
		return engine.Nothing, err
	}
	if err := c.enter(op); err != nil {
		return engine.Nothing, err
	}
	defer c.leave()
	if made == nil {
		c.buf, made = buf, &c.buf
		defer func() { c.buf = nil }()
	}
	return c.t.Recv(op, made, t, source, tag)
}

func (c *Comm) sendrecv(
	send []byte, st engine.Datatype, dest, sendTag int, recv *[]byte, rt engine.Datatype, source, recvTag int,
) (engine.Envelope, error) {
	const op = engine.CallSendrecv
	if err := c.checkPeer(op, "send to", dest, sendTag, false); err != nil {
		return engine.Nothing, err
	}
	if err := c.checkPeer(op, "receive from", source, recvTag, true); err != nil {
		return engine.Nothing, err
	}
	switch {
	case source == ProcNull:
		return engine.Nothing, c.send(op, send, st, dest, sendTag, false)
	case dest == ProcNull:
		return c.recv(op, nil, recv, rt, source, recvTag)
	}
	if err := c.enter(op); err != nil {
		return engine.Nothing, err
	}
	defer c.leave()
	return c.t.Sendrecv(op, send, st, dest, sendTag, recv, rt, source, recvTag)
}

// sent is every send that was done when it was begun.
var sent Request

func (c *Comm) isend(buf []byte, t engine.Datatype, dest, tag int) (*Request, error) {
	if err := c.checkPeer(engine.CallIsend, "send to", dest, tag, false); err != nil {
		return nil, err
	}
	if dest == ProcNull {
		return &Request{source: ProcNull - AnySource}, nil
	}
	if err := c.enter(engine.CallIsend); err != nil {
		return nil, err
	}
	defer c.leave()
	p, err := c.t.Isend(engine.CallIsend, buf, t, dest, tag)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return &sent, nil
	}
	r := c.request(t)
	r.on.p = p
	return r, nil
}

// irecv begins to receive into a buffer, or if made is not nil, into one that is made for the message.
func (c *Comm) irecv(buf []byte, made *[]byte, t engine.Datatype, source, tag int) (*Request, error) {
	if err := c.checkPeer(engine.CallIrecv, "receive from", source, tag, true); err != nil {
		return nil, err
	}
	if source == ProcNull {
		return &Request{source: ProcNull - AnySource}, nil
	}
	if err := c.enter(engine.CallIrecv); err != nil {
		return nil, err
	}
	defer c.leave()
	r := c.request(t)
	if made == nil {
		r.on.buf, made = buf, &r.on.buf
	}
	p, err := c.t.Irecv(engine.CallIrecv, made, t, source, tag)
	if err != nil {
		return nil, err
	}
	r.on.p = p
	return r, nil
}

func (c *Comm) probe(op engine.Call, source, tag int, wait bool) (Status, bool, error) {
	if err := c.checkPeer(op, "look for a message from", source, tag, true); err != nil {
		return Status{}, false, err
	}
	if source == ProcNull {
		return Status{ProcNull, AnyTag, 0}, true, nil
	}
	if err := c.enter(op); err != nil {
		return Status{}, false, err
	}
	defer c.leave()
	e, found, err := c.t.Probe(op, source, tag, wait)
	return Status{e.Source, e.Tag, e.Bytes}, found, err
}

// checkPeer looks at a rank and a tag before anything is done.
func (c *Comm) checkPeer(op engine.Call, what string, peer, tag int, receiving bool) error {
	n := c.t.Size()
	if uint(peer) < uint(n) && uint(tag) <= MaxTag {
		return nil
	}
	if uint(peer) >= uint(n) && peer != ProcNull && !(receiving && peer == AnySource) {
		return c.errorf(op, ErrRank, "%s rank %d: there are ranks 0 to %d", what, peer, n-1)
	}
	if (tag < 0 || tag > MaxTag) && !(receiving && tag == AnyTag) {
		return c.errorf(op, ErrTag, "tag %d: want 0 to %d", tag, MaxTag)
	}
	return nil
}
