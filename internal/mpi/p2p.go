package mpi

// A Status says which message was received (MPI 4.0 §3.2.5).
type Status struct {
	Source, Tag int // ProcNull and AnyTag if the source was ProcNull
	Count       int // elements; of an encoded value, bytes
}

// Send sends a buffer and returns when it may be used again, which may be before anybody receives it: up to the eager limit
// ([WithEagerLimit]) a message is kept for its receiver, above it Send waits until the message is received: MPI_Send
// (MPI 4.0 §3.4). It is wrong to rely on either.
func Send[T Element](c *Comm, buf []T, dest, tag int) error {
	return c.send(callSend, raw(buf), typeOf[T](), dest, tag, false)
}

// Ssend is Send that always waits until the receiver has begun to receive: MPI_Ssend.
func Ssend[T Element](c *Comm, buf []T, dest, tag int) error {
	return c.send(callSsend, raw(buf), typeOf[T](), dest, tag, true)
}

// Recv waits for a message from source, or AnySource, with that tag, or AnyTag, and puts it into buf, which may be larger:
// MPI_Recv. Messages of one sender that both would fit are received in the order in which they were sent. If the message is larger the
// error is ErrTruncate; if its elements are of another type, ErrType, as far as the transport knows.
func Recv[T Element](c *Comm, buf []T, source, tag int) (Status, error) {
	e, err := c.recv(callRecv, raw(buf), nil, typeOf[T](), source, tag)
	return status[T](e), err
}

// Sendrecv sends one buffer and receives another, in whichever order is possible, so that ranks that all do so never wait for
// each other for ever: MPI_Sendrecv. The buffers must not overlap.
func Sendrecv[S, R Element](c *Comm, send []S, dest, sendTag int, recv []R, source, recvTag int) (Status, error) {
	b := raw(recv)
	e, err := c.sendrecv(raw(send), typeOf[S](), dest, sendTag, &b, typeOf[R](), source, recvTag)
	return status[R](e), err
}

// Probe waits until there is a message to be received from source, or AnySource, with that tag, or AnyTag, and leaves it
// there: MPI_Probe. The count is in bytes.
func (c *Comm) Probe(source, tag int) (Status, error) {
	s, _, err := c.probe(callProbe, source, tag, true)
	return s, err
}

// Iprobe is Probe that does not wait and reports whether there is one: MPI_Iprobe.
func (c *Comm) Iprobe(source, tag int) (Status, bool, error) {
	return c.probe(callIprobe, source, tag, false)
}

// A Request is a send or a receive that was begun: MPI_Request. It has to be waited for before the rank's function returns.
type Request struct {
	c    *Comm
	p    pending
	size int
	done bool
	s    Status
	err  error
}

// Isend begins to send and does not wait: MPI_Isend. Until the request is done the buffer must not be changed.
func Isend[T Element](c *Comm, buf []T, dest, tag int) (*Request, error) {
	return c.isend(raw(buf), typeOf[T](), dest, tag)
}

// Irecv begins to receive and does not wait: MPI_Irecv. Until the request is done the buffer must not be used.
func Irecv[T Element](c *Comm, buf []T, source, tag int) (*Request, error) {
	b := raw(buf)
	return c.irecv(&b, typeOf[T](), source, tag)
}

// Wait waits until the request is done: MPI_Wait. The status is that of what was received. Asked again, it says the same.
func (r *Request) Wait() (Status, error) {
	s, _, err := r.finish(callWait, true)
	return s, err
}

// Test reports whether the request is done, and does not wait: MPI_Test.
func (r *Request) Test() (Status, bool, error) { return r.finish(callTest, false) }

// Waitall waits until all requests are done and returns the first error: MPI_Waitall.
func Waitall(requests ...*Request) error {
	var first error
	for _, r := range requests {
		if _, err := r.Wait(); first == nil {
			first = err
		}
	}
	return first
}

func (r *Request) finish(op callName, wait bool) (Status, bool, error) {
	if r.done {
		return r.s, true, r.err
	}
	if err := r.c.enter(op); err != nil {
		return Status{}, false, err
	}
	defer r.c.leave()
	e, done, err := r.p.finish(op, wait)
	if done || err != nil {
		r.done, r.s, r.err = true, Status{e.source, e.tag, e.bytes / r.size}, err
	}
	return r.s, r.done, r.err
}

// nothing is what came from ProcNull.
var nothing = envelope{source: ProcNull, tag: AnyTag}

func status[T Element](e envelope) Status {
	return Status{e.source, e.tag, e.bytes / typeOf[T]().size}
}

func (c *Comm) send(op callName, buf []byte, t datatype, dest, tag int, synchronous bool) error {
	if err := c.checkPeer(op, "send to", dest, tag, false); err != nil || dest == ProcNull {
		return err
	}
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.leave()
	return c.t.send(op, buf, t, dest, tag, synchronous)
}

// recv receives into a buffer, or if made is not nil, into one that is made for the message.
func (c *Comm) recv(op callName, buf []byte, made *[]byte, t datatype, source, tag int) (envelope, error) {
	if err := c.checkPeer(op, "receive from", source, tag, true); err != nil || source == ProcNull {
		return nothing, err
	}
	if err := c.enter(op); err != nil {
		return nothing, err
	}
	defer c.leave()
	if made == nil {
		c.buf, made = buf, &c.buf
		defer func() { c.buf = nil }()
	}
	return c.t.recv(op, made, t, source, tag)
}

func (c *Comm) sendrecv(send []byte, st datatype, dest, sendTag int, recv *[]byte, rt datatype, source, recvTag int) (envelope, error) {
	const op = callSendrecv
	if err := c.checkPeer(op, "send to", dest, sendTag, false); err != nil {
		return nothing, err
	}
	if err := c.checkPeer(op, "receive from", source, recvTag, true); err != nil {
		return nothing, err
	}
	switch {
	case source == ProcNull:
		return nothing, c.send(op, send, st, dest, sendTag, false)
	case dest == ProcNull:
		return c.recv(op, nil, recv, rt, source, recvTag)
	}
	if err := c.enter(op); err != nil {
		return nothing, err
	}
	defer c.leave()
	return c.t.sendrecv(op, send, st, dest, sendTag, recv, rt, source, recvTag)
}

func (c *Comm) isend(buf []byte, t datatype, dest, tag int) (*Request, error) {
	if err := c.checkPeer(callIsend, "send to", dest, tag, false); err != nil {
		return nil, err
	}
	if dest == ProcNull {
		return &Request{done: true, s: Status{ProcNull, AnyTag, 0}}, nil
	}
	if err := c.enter(callIsend); err != nil {
		return nil, err
	}
	defer c.leave()
	p, err := c.t.isend(callIsend, buf, t, dest, tag)
	if err != nil {
		return nil, err
	}
	return &Request{c: c, p: p, size: t.size}, nil
}

func (c *Comm) irecv(buf *[]byte, t datatype, source, tag int) (*Request, error) {
	if err := c.checkPeer(callIrecv, "receive from", source, tag, true); err != nil {
		return nil, err
	}
	if source == ProcNull {
		return &Request{done: true, s: Status{ProcNull, AnyTag, 0}}, nil
	}
	if err := c.enter(callIrecv); err != nil {
		return nil, err
	}
	defer c.leave()
	p, err := c.t.irecv(callIrecv, buf, t, source, tag)
	if err != nil {
		return nil, err
	}
	return &Request{c: c, p: p, size: t.size}, nil
}

func (c *Comm) probe(op callName, source, tag int, wait bool) (Status, bool, error) {
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
	e, found, err := c.t.probe(op, source, tag, wait)
	return Status{e.source, e.tag, e.bytes}, found, err
}

// checkPeer looks at a rank and a tag before anything is done.
func (c *Comm) checkPeer(op callName, what string, peer, tag int, receiving bool) error {
	n := c.t.size()
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
