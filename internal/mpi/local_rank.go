package mpi

import (
	"context"
	"slices"
	"sync/atomic"
	"time"
	"unsafe"

	"cookbook/internal/futex"
)

// A rank is this process as a rank of a world. What it sends lies in the ring to its receiver until that takes it out, which
// happens only while the receiver is in a call.
//
// Up to the eager limit a message is put into the ring as it is. Above, its sender announces it (rts), the receiver asks for
// it when it knows where it shall go (cts), and only then the message follows (data). So does every message of Ssend.
type rank struct {
	w      *world
	ctx    context.Context
	me     int
	desk   *desk
	outs   []out
	ins    []in
	eager  int
	polls  int
	yields int

	posted     []*request    // receives that have no message yet, in the order of their calls
	unexpected []*unexpected // messages that have no receive yet, in the order in which they came
	polled     []int         // sources that are looked at: whoever this rank waits for
	uses       []int         // of each source: why it is looked at, so many times
	sending    []int         // receivers for whom something is left to be put into the ring
	requests   map[uint64]*request
	lastID     uint64
	blocking   request // of the call that is being made, so that it needs no memory
	busy       atomic.Bool
}

// An out is the way to a receiver, this process its only user.
type out struct {
	s     *ringState
	data  []byte
	tail  uint64
	head  uint64 // as last seen
	queue []outgoing
}

// An in is the way from a sender.
type in struct {
	s    *ringState
	data []byte
	head uint64
	tail uint64 // as last seen

	// The message whose middle has been reached.
	left int         // bytes to come, with what fills up the last unit
	into []byte      // where they go; the others are dropped
	q    *request    // whose message it is
	u    *unexpected // or that it is nobody's yet
}

// A packet is how everything in a ring begins. What follows is filled up to units, so no packet's head ever runs round the end.
type packet struct {
	kind  uint32
	comm  uint32 // id << 1, | 1 for what collective calls send
	tag   int32
	typ   uint32
	bytes uint64
	id    uint64 // of the request: of the sender, or in data of the receiver
}

const unit = 32 // unsafe.Sizeof(packet{})

const (
	packetEager = iota + 1
	packetRTS
	packetCTS // bytes is the id of the receiver
	packetData
)

// An outgoing is what waits for room in a ring.
type outgoing struct {
	p    packet
	rest []byte // of the message, once the head is written
	head bool   // it is
	fill int
	q    *request // done when all is in the ring; nil: of nobody
}

// An unexpected message has come before anybody asked for it.
type unexpected struct {
	source   int
	p        packet
	data     []byte
	complete bool
	taken    *request // waits for the rest
}

// A request is a send or a receive that goes on.
type request struct {
	c      *localComm
	call   callName
	source int // of a receive, in the world, or AnySource; of a send, its receiver
	tag    int
	comm   uint32
	typ    datatype
	buf    *[]byte // of a receive
	exact  bool    // the message must fill buf
	send   []byte  // of a send that waits to be asked for
	e      envelope
	done   bool
}

func newRank(ctx context.Context, w *world, me int) *rank {
	r := &rank{w: w, ctx: ctx, me: me, desk: &w.desks[me], eager: int(w.head.eager), uses: make([]int, w.n), requests: map[uint64]*request{}}
	r.polls, r.yields = 1000, 200
	if w.head.crowded != 0 {
		r.polls = 20 // another rank needs the processor
	}
	for peer := range w.n {
		s, data := w.ring(me, peer)
		r.outs = append(r.outs, out{s: s, data: data})
		s, data = w.ring(peer, me)
		r.ins = append(r.ins, in{s: s, data: data})
	}
	return r
}

// trouble returns why no call can be made.
func (r *rank) trouble() error {
	if !r.w.failed() {
		return nil
	}
	return r.w.trouble()
}

// fail tells all ranks that this one has found the world to be of no use, and returns what they are told.
func (r *rank) fail(e *Error) error {
	r.w.fail(e)
	return r.w.trouble()
}

// A sense is how what a rank waits for would come.
const (
	fromOne   = iota // from any one of the peers
	toOne            // by the one peer taking it
	toMeeting        // by all ranks of a communicator coming to its next meeting
)

// A waiting says what a rank waits for, for those who look for deadlocks.
type waiting struct {
	call  callName
	sense uint32
	c     *localComm
	peer  int // in the world, or AnySource
	tag   int
}

// await makes progress until done, or until the world is of no use. It looks first for a moment, then lets others run, then
// sleeps.
func (r *rank) await(w waiting, done func() bool) error {
	var begun time.Time
	open := false
	defer func() {
		if open {
			r.unpoll(AnySource)
		}
	}()
	for yields := 0; ; yields++ {
		for range r.polls {
			if done() {
				return nil
			}
			r.progress()
		}
		if done() {
			return nil
		}
		if err := r.trouble(); err != nil {
			return err
		}
		if len(r.sending) > 0 && !open {
			// There is no room for what this rank sends. Its receiver may be here for the same reason, so what has come is taken
			// in although nobody has asked for it yet.
			open = true
			r.poll(AnySource)
		}
		if yields < r.yields {
			if yields == 0 {
				begun = time.Now()
			}
			futex.Yield()
			if time.Since(begun) < yieldFor {
				continue
			}
		}
		if r.ctx.Err() != nil {
			r.w.fail(&Error{ErrOther, r.me, 0, "the ranks were told to end"})
			return context.Cause(r.ctx)
		}
		r.sleep(w, done)
		yields, begun = r.yields/2, time.Now()
	}
}

const (
	tick = 20 * time.Millisecond
	// yieldFor bounds how long a rank lets others run before it sleeps. Beside one that computes, each time it does may take as long
	// as the system lets that one compute.
	yieldFor = 2 * time.Millisecond
)

// sleep sleeps until there is something to do. Nobody is trusted to wake the rank: it looks around every 20 ms.
func (r *rank) sleep(w waiting, done func() bool) {
	d := r.desk
	r.describe(w)
	d.moves.Add(1)
	d.state.Store(blocked)
	for !done() && !r.ready() && !r.w.failed() && r.ctx.Err() == nil {
		rung := d.rung.Load()
		d.sleeping.Store(1)
		if done() || r.ready() || r.w.failed() {
			break
		}
		futex.Wait(&d.rung, rung, tick)
	}
	d.sleeping.Store(0)
	d.state.Store(running)
	d.moves.Add(1)
}

// describe writes down what is waited for.
func (r *rank) describe(w waiting) {
	var peers, polls, sends rankSet
	switch {
	case w.sense == toMeeting:
	case w.peer == AnySource:
		for _, p := range w.c.group {
			peers.add(p)
		}
	default:
		peers.add(w.peer)
	}
	for _, p := range r.polled {
		polls.add(p)
	}
	for _, p := range r.sending {
		sends.add(p)
	}
	d := r.desk
	d.call.Store(uint32(w.call))
	d.sense.Store(w.sense)
	d.tag.Store(uint32(int32(w.tag)))
	if w.c != nil {
		d.comm.Store(uint32(w.c.slot))
		d.target.Store(w.c.arrivals())
	}
	setRanks(&d.peers, peers)
	setRanks(&d.polls, polls)
	setRanks(&d.sends, sends)
}

// ready reports whether progress would do something.
func (r *rank) ready() bool {
	for _, p := range r.polled {
		if i := &r.ins[p]; i.s.tail.Load() != i.head {
			return true
		}
	}
	for _, p := range r.sending {
		if o := &r.outs[p]; o.tail-o.s.head.Load() <= uint64(len(o.data)-unit) {
			return true
		}
	}
	return false
}

// progress does what can be done now: takes what has come from those who are looked at, and puts what is to go into the rings.
func (r *rank) progress() {
	for i := 0; i < len(r.polled); i++ { // the list may change
		p := r.polled[i]
		if in := &r.ins[p]; in.s.tail.Load() != in.head {
			r.drain(p)
		}
	}
	for i := 0; i < len(r.sending); i++ {
		p := r.sending[i]
		r.pump(p)
		if len(r.outs[p].queue) == 0 {
			r.sending = slices.Delete(r.sending, i, i+1)
			i--
		}
	}
}

// poll looks at a source from now on, once more; unpoll takes that back.
func (r *rank) poll(source int) {
	if source == AnySource {
		for p := range r.ins {
			r.poll(p)
		}
		return
	}
	if r.uses[source]++; r.uses[source] == 1 {
		r.polled = append(r.polled, source)
	}
}

func (r *rank) unpoll(source int) {
	if source == AnySource {
		for p := range r.ins {
			r.unpoll(p)
		}
		return
	}
	if r.uses[source]--; r.uses[source] == 0 {
		i := slices.Index(r.polled, source)
		r.polled = slices.Delete(r.polled, i, i+1)
	}
}

// put sends a packet and what follows it as far as there is room, and the rest as soon as there is.
func (r *rank) put(to int, p packet, data []byte, q *request) {
	o := &r.outs[to]
	if len(o.queue) == 0 {
		if r.putAtOnce(to, &p, data) {
			if q != nil {
				q.done = true
			}
			return
		}
		r.sending = append(r.sending, to)
	}
	o.queue = append(o.queue, outgoing{p: p, rest: data, fill: padding(len(data)), q: q})
	r.pump(to)
}

// padding is what fills up the last unit.
func padding(n int) int { return -n & (unit - 1) }

// putAtOnce puts a packet and what follows it into the ring, if there is room for all and it is not so much that the receiver should
// begin before the end.
func (r *rank) putAtOnce(to int, p *packet, data []byte) bool {
	o := &r.outs[to]
	need := uint64(unit + len(data) + padding(len(data)))
	if len(data) > publishAfter {
		return false
	}
	if uint64(len(o.data))-(o.tail-o.head) < need {
		o.head = o.s.head.Load()
		if uint64(len(o.data))-(o.tail-o.head) < need {
			return false
		}
	}
	mask := uint64(len(o.data) - 1)
	*(*packet)(unsafe.Pointer(&o.data[o.tail&mask])) = *p
	at := (o.tail + unit) & mask
	copy(o.data, data[copy(o.data[at:], data):])
	o.tail += need
	o.s.tail.Store(o.tail)
	r.w.wake(to)
	return true
}

// pump puts what waits for a receiver into the ring, as far as there is room.
func (r *rank) pump(to int) {
	o := &r.outs[to]
	mask := uint64(len(o.data) - 1)
	for len(o.queue) > 0 {
		g := &o.queue[0]
		o.head = o.s.head.Load()
		room := uint64(len(o.data)) - (o.tail - o.head)
		if room < unit {
			return
		}
		if !g.head {
			*(*packet)(unsafe.Pointer(&o.data[o.tail&mask])) = g.p
			g.head = true
			o.tail += unit
			room -= unit
		}
		n := min(int(room), len(g.rest), publishAfter)
		at := o.tail & mask
		copy(o.data, g.rest[copy(o.data[at:], g.rest[:n]):n])
		g.rest = g.rest[n:]
		o.tail += uint64(n)
		if len(g.rest) == 0 && int(room)-n >= g.fill {
			o.tail += uint64(g.fill)
			if g.q != nil {
				g.q.done = true
			}
			o.queue[0] = outgoing{}
			o.queue = o.queue[1:]
			o.s.tail.Store(o.tail)
			r.w.wake(to)
			continue
		}
		o.s.tail.Store(o.tail)
		r.w.wake(to)
	}
	o.queue = nil
}

// drain takes out of a ring what has come.
func (r *rank) drain(from int) {
	i := &r.ins[from]
	mask := uint64(len(i.data) - 1)
	for {
		i.tail = i.s.tail.Load()
		there := i.tail - i.head
		if there == 0 {
			return
		}
		if i.left == 0 {
			p := *(*packet)(unsafe.Pointer(&i.data[i.head&mask]))
			i.head += unit
			there -= unit
			r.arrive(from, i, p)
		}
		n := min(int(there), i.left)
		data := i.data[i.head&mask:]
		if n <= len(data) {
			i.take(data[:n])
		} else {
			i.take(data)
			i.take(i.data[:n-len(data)])
		}
		i.head += uint64(n)
		i.left -= n
		i.s.head.Store(i.head)
		r.w.wake(from)
		if i.left == 0 {
			r.complete(from, i)
		}
	}
}

// complete is called when all of a message has come.
func (r *rank) complete(from int, i *in) {
	switch {
	case i.q != nil:
		i.q.done = true
		r.unpoll(from)
	case i.u != nil:
		i.u.complete = true
		if q := i.u.taken; q != nil {
			copy(*q.buf, i.u.data)
			q.done = true
			r.unpoll(from)
		}
	}
	i.q, i.u, i.into = nil, nil, nil
}

// take copies the next bytes of a message to where they belong.
func (i *in) take(data []byte) { i.into = i.into[copy(i.into, data):] }

// arrive begins what a packet asks for.
func (r *rank) arrive(from int, i *in, p packet) {
	switch p.kind {
	case packetEager, packetRTS:
		if p.kind == packetEager {
			i.left = int(p.bytes) + padding(int(p.bytes))
		}
		if q := r.takePosted(from, &p); q != nil {
			r.deliver(q, from, i, p)
			return
		}
		u := &unexpected{source: from, p: p}
		r.unexpected = append(r.unexpected, u)
		if p.kind == packetRTS {
			u.complete = true
			return
		}
		u.data = make([]byte, p.bytes)
		i.into, i.u = u.data, u
	case packetCTS:
		q := r.requests[p.id]
		delete(r.requests, p.id)
		r.unpoll(from)
		r.put(from, packet{kind: packetData, bytes: uint64(len(q.send)), id: p.bytes}, q.send, q)
	case packetData:
		q := r.requests[p.id]
		delete(r.requests, p.id)
		i.left = int(p.bytes) + padding(int(p.bytes))
		i.into, i.q = (*q.buf)[:p.bytes], q
	default:
		r.w.fail(&Error{ErrOther, r.me, 0, "the memory between the ranks is damaged"})
	}
}

// takeNext takes the next message from a source out of its ring, if it is the one that is asked for, is there as a whole soon, and
// nothing else is going on: what most receives come to.
func (r *rank) takeNext(from, tag int, comm uint32, typ datatype, buf *[]byte) (p packet, ok bool) {
	if len(r.polled)+len(r.sending)+len(r.posted)+len(r.unexpected) != 0 {
		return p, false
	}
	i := &r.ins[from]
	if i.left != 0 {
		return p, false
	}
	tail := i.s.tail.Load()
	for polls := 0; tail == i.head && polls < 4*r.polls; polls++ {
		tail = i.s.tail.Load()
	}
	if tail == i.head {
		return p, false
	}
	mask := uint64(len(i.data) - 1)
	p = *(*packet)(unsafe.Pointer(&i.data[i.head&mask]))
	need := uint64(unit + int(p.bytes) + padding(int(p.bytes)))
	if p.kind != packetEager || p.comm != comm || int(p.tag) != tag && tag != AnyTag || p.typ != typ.word() || tail-i.head < need {
		return p, false
	}
	if *buf == nil {
		*buf = make([]byte, p.bytes)
	}
	if int(p.bytes) > len(*buf) {
		return p, false
	}
	into := (*buf)[:p.bytes]
	copy(into[copy(into, i.data[(i.head+unit)&mask:]):], i.data)
	i.head += need
	i.s.head.Store(i.head)
	r.w.wake(from)
	return p, true
}

// takePosted takes the first receive that a message is for out of the list.
func (r *rank) takePosted(from int, p *packet) *request {
	for k, q := range r.posted {
		if q.wants(from, p) {
			r.posted = slices.Delete(r.posted, k, k+1)
			r.unpoll(q.source)
			return q
		}
	}
	return nil
}

func (q *request) wants(from int, p *packet) bool {
	return q.comm == p.comm && (q.source == from || q.source == AnySource) && (q.tag == int(p.tag) || q.tag == AnyTag)
}

// deliver begins to fill a receive from a message whose packet has just come.
func (r *rank) deliver(q *request, from int, i *in, p packet) {
	if !q.accept(from, &p) {
		return
	}
	if p.kind == packetRTS {
		r.ask(q, from, p)
		return
	}
	i.into, i.q = (*q.buf)[:p.bytes], q
	r.poll(from) // the rest may be still to come
}

// ask tells the sender of an announced message to send it.
func (r *rank) ask(q *request, from int, p packet) {
	r.lastID++
	r.requests[r.lastID] = q
	r.poll(from)
	r.put(from, packet{kind: packetCTS, id: p.id, bytes: r.lastID}, nil, nil)
}

// accept looks whether a message is what the receive asked for. If not, the world has failed.
func (q *request) accept(from int, p *packet) bool {
	q.e = envelope{int(q.c.inverse[from]), int(p.tag), int(p.bytes)}
	switch {
	case p.typ != q.typ.word():
		q.c.fail(q.call, ErrType, "the message from rank %d is of type %s, and %s was asked for", from, describeType(p.typ), q.typ)
	case *q.buf == nil:
		*q.buf = make([]byte, p.bytes)
		return true
	case q.exact && int(p.bytes) != len(*q.buf):
		q.c.fail(q.call, ErrMismatch, "rank %d sends %d elements where this one has room for %d: the lengths have to be equal", from, int(p.bytes)/q.typ.size, len(*q.buf)/q.typ.size)
	case int(p.bytes) > len(*q.buf):
		q.c.fail(q.call, ErrTruncate, "the message from rank %d, tag %d, has %d elements of %s, and there is room for %d", from, p.tag, int(p.bytes)/q.typ.size, q.typ, len(*q.buf)/q.typ.size)
	default:
		return true
	}
	return false
}

// receive begins a receive: with a message that is here already, or as soon as one comes.
func (r *rank) receive(q *request) {
	for k, u := range r.unexpected {
		if q.wants(u.source, &u.p) {
			r.unexpected = slices.Delete(r.unexpected, k, k+1)
			if !q.accept(u.source, &u.p) {
				return
			}
			switch {
			case u.p.kind == packetRTS:
				r.ask(q, u.source, u.p)
			case u.complete:
				copy(*q.buf, u.data)
				q.done = true
			default:
				u.taken = q
				r.poll(u.source)
			}
			return
		}
	}
	r.posted = append(r.posted, q)
	r.poll(q.source)
}

// transmit begins a send.
func (r *rank) transmit(q *request, to int, data []byte, synchronous bool) {
	p := packet{comm: q.comm, tag: int32(q.tag), typ: q.typ.word(), bytes: uint64(len(data))}
	if !synchronous && len(data) <= r.eager {
		p.kind = packetEager
		if o := &r.outs[to]; len(o.queue) == 0 && r.putAtOnce(to, &p, data) {
			q.done = true
			return
		}
		r.put(to, p, data, q)
		return
	}
	r.lastID++
	r.requests[r.lastID] = q
	q.send = data
	p.kind, p.id = packetRTS, r.lastID
	r.poll(to)
	r.put(to, p, nil, nil)
}

// finish waits until all that was sent is on its way, as MPI_Finalize does.
func (r *rank) finish() error {
	for len(r.sending) > 0 {
		to := r.sending[0]
		if err := r.await(waiting{call: callFinalize, sense: toOne, peer: to}, func() bool { return len(r.sending) == 0 || r.sending[0] != to }); err != nil {
			return err
		}
	}
	return r.trouble()
}
