package local

import (
	"context"
	"slices"
	"unsafe"

	"cookbook/internal/mpi/engine"
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
	mine   *rankState
	outs   []out
	ins    []in
	eager  int
	step   int // bytes of a large message that are handed over at a time
	polls  int
	yields int

	any      fifo[*request] // receives from any source that have no message yet
	posts    uint64         // receives that were posted
	polled   []int          // sources that are looked at, because this rank waits for them
	uses     []int          // of each source: the number of reasons to look at it
	sending  []int          // receivers for whom something is left to be put into the ring
	requests map[uint64]*request
	lastID   uint64
	received uint64   // messages that receives were given
	blocking request  // of the call that is being made, so that it needs no memory
	free     *request // what is no longer used, by next
	staging  *comm    // the last whose vectors went over this rank's stage
}

// An out is the way to a receiver, this process its only user.
type out struct {
	s     *ringEnds
	data  []byte
	tail  uint64
	head  uint64 // as last seen
	queue []outgoing
}

// An in is the way from a sender.
type in struct {
	s    *ringEnds
	data []byte
	head uint64

	posted     fifo[*request]    // receives from this sender that have no message yet
	unexpected fifo[*unexpected] // messages that have no receive yet
	last       uint64            // what received was when a receive was given a message of this sender; 0: none yet

	// The message whose middle has been reached.
	left int         // bytes to come, with what fills up the last unit
	into []byte      // where they go; the others are dropped
	q    *request    // whose message it is
	u    *unexpected // or, if no receive has asked for it yet
}

// A packet is how everything in a ring begins. What follows is filled up to units, so no packet's head ever runs round the
// end. A message of up to inHead bytes has nothing that follows: it lies in the packet itself.
type packet struct {
	kind  uint32
	comm  uint32 // id << 1, | 1 for what collective calls send
	tag   int32
	typ   uint32
	bytes uint64
	id    uint64 // of the request: of the sender, or in data of the receiver; or the message
}

const (
	unit   = 32 // unsafe.Sizeof(packet{})
	inHead = 8  // bytes of an eager message for which there is room in its packet
)

// hold puts a message into its packet if there is room, and returns what has to follow the packet.
func (p *packet) hold(data []byte) []byte {
	if len(data) > inHead {
		return data
	}
	copy((*[inHead]byte)(unsafe.Pointer(&p.id))[:], data)
	return nil
}

// follows is how many bytes follow the packet in its ring.
func (p *packet) follows() int {
	switch n := int(p.bytes); {
	case p.kind == packetData || p.kind == packetEager && n > inHead:
		return n + padding(n)
	default:
		return 0
	}
}

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
	q    *request // done when all is in the ring; nil: no request is
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
	c      *comm
	call   engine.Call
	source int    // of a receive, in the world, or AnySource; of a send, its receiver
	number uint64 // of a receive that is posted, by their order
	tag    int
	comm   uint32
	typ    engine.Datatype
	buf    *[]byte // of a receive
	exact  bool    // the message must fill buf
	send   []byte  // of a send that waits to be asked for
	e      engine.Envelope
	given  bool // the receive has its message, which may be still to come
	done   bool
	next   *request // in rank.free
}

func newRank(ctx context.Context, w *world, me int) *rank {
	r := &rank{w: w, ctx: ctx, me: me, mine: &w.states[me], eager: int(w.head.eager), uses: make([]int, w.n), requests: map[uint64]*request{}}
	r.polls, r.yields = 1000, 200
	r.step = min(publishAfter, int(w.head.ringSize)/4)
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
func (r *rank) fail(e *engine.Error) error {
	r.w.fail(e)
	return r.w.trouble()
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

// progress does what can be done now: it takes what has come from the sources that are looked at, and puts what is to go
// into the rings.
func (r *rank) progress() {
	for i := 0; i < len(r.polled); i++ { // the list may change
		p := r.polled[i]
		if in := &r.ins[p]; in.s.tail.Load() != in.head {
			r.drain(p, nil)
		}
	}
	r.pumpAll(r.step)
}

// pumpAll puts what is to go into the rings that have room for it, or for that many bytes.
func (r *rank) pumpAll(least int) {
	for i := 0; i < len(r.sending); i++ {
		p := r.sending[i]
		r.pump(p, least)
		if len(r.outs[p].queue) == 0 {
			r.sending = slices.Delete(r.sending, i, i+1)
			i--
		}
	}
}

// poll looks at a source from now on, once more; unpoll takes that back.
func (r *rank) poll(source int) {
	if source == engine.AnySource {
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
	if source == engine.AnySource {
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

// drain takes out of a ring what has come until now, for its sender may go on for ever. It leaves the messages behind the one
// after which enough is true. The sender is told once of the room there is, and of large messages as they are taken out.
func (r *rank) drain(from int, enough func() bool) {
	i := &r.ins[from]
	mask := uint64(len(i.data) - 1)
	told := i.head
	for tail := i.s.tail.Load(); i.head != tail; {
		if i.left == 0 {
			if enough != nil && enough() {
				break
			}
			at := i.head & mask
			p := (*packet)(unsafe.Pointer(&i.data[at]))
			i.head += unit
			r.arrive(from, i, p)
			if i.left == 0 {
				if p.kind == packetEager {
					i.take(i.data[at+unit-inHead : at+unit-inHead+p.bytes])
				}
				r.complete(from, i)
				continue
			}
		}
		n := min(int(tail-i.head), i.left)
		data := i.data[i.head&mask:]
		if n <= len(data) {
			i.take(data[:n])
		} else {
			i.take(data)
			i.take(i.data[:n-len(data)])
		}
		i.head += uint64(n)
		if i.left -= n; i.left == 0 {
			r.complete(from, i)
		}
		if i.head-told >= uint64(r.step) {
			told = i.head
			r.tell(from, i)
		}
	}
	if told != i.head {
		r.tell(from, i)
	}
}

// tell tells a sender how far its ring was read.
func (r *rank) tell(from int, i *in) {
	i.s.head.Store(i.head)
	r.w.wake(from)
}

// complete is called when all of a message has come.
func (r *rank) complete(from int, i *in) {
	switch {
	case i.q != nil:
		r.fulfil(i.q, from)
	case i.u != nil:
		i.u.complete = true
		if q := i.u.taken; q != nil {
			copy(*q.buf, i.u.data)
			r.fulfil(q, from)
		}
	}
	i.q, i.u, i.into = nil, nil, nil
}

// fulfil ends a receive whose source was looked at for it.
func (r *rank) fulfil(q *request, from int) {
	q.done = true
	r.unpoll(from)
}

// take copies the next bytes of a message to where they belong.
func (i *in) take(data []byte) { i.into = i.into[copy(i.into, data):] }

// arrive begins what a packet asks for.
func (r *rank) arrive(from int, i *in, p *packet) {
	i.left = p.follows()
	switch p.kind {
	case packetEager, packetRTS:
		if q := r.takePosted(from, p); q != nil {
			r.deliver(q, from, i, p)
			return
		}
		u := &unexpected{source: from, p: *p}
		i.unexpected.push(u)
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
		i.into, i.q = (*q.buf)[:p.bytes], q
	default:
		r.w.fail(engine.Errorf(engine.ErrOther, r.me, "the memory between the ranks is damaged"))
	}
}

// request returns a request that is not used.
func (r *rank) request() *request {
	q := r.free
	if q == nil {
		return new(request)
	}
	r.free = q.next
	return q
}

// release takes back a request that is done.
func (r *rank) release(q *request) {
	*q = request{next: r.free}
	r.free = q
}

// finish waits until all that was sent is on its way, as MPI_Finalize does.
func (r *rank) finish() error {
	for len(r.sending) > 0 {
		to := r.sending[0]
		sent := func() bool { return len(r.sending) == 0 || r.sending[0] != to }
		if err := r.await(waiting{call: engine.CallFinalize, sense: toOne, peer: to}, sent); err != nil {
			return err
		}
	}
	return r.trouble()
}
