package local

import (
	"runtime/trace"
	"slices"
	"unsafe"

	"cookbook/internal/mpi/engine"
)

// takeNext takes the next message from a source out of its ring, if it is the one that is asked for, is there as a whole
// soon, and nothing else is going on: what most receives come to.
func (r *rank) takeNext(from, tag int, comm uint32, typ engine.Datatype, buf *[]byte) (e engine.Envelope, ok bool) {
	i := &r.ins[from]
	if len(r.polled)+len(r.sending)+i.unexpected.len()+i.left != 0 || trace.IsEnabled() {
		return e, false
	}
	tail := i.s.tail.Load()
	for polls := 0; tail == i.head && polls < 4*r.polls; polls++ {
		tail = i.s.tail.Load()
	}
	if tail == i.head {
		return e, false
	}
	mask := uint64(len(i.data) - 1)
	at := i.head & mask
	p := (*packet)(unsafe.Pointer(&i.data[at]))
	n, need := int(p.bytes), uint64(unit+p.follows())
	if p.kind != packetEager || p.comm != comm || int(p.tag) != tag && tag != engine.AnyTag || p.typ != typ.Word() || tail-i.head < need {
		return e, false
	}
	if *buf == nil {
		*buf = make([]byte, n)
	}
	if n > len(*buf) {
		return e, false
	}
	e = engine.Envelope{Tag: int(p.tag), Bytes: n}
	into := (*buf)[:n]
	if n <= inHead {
		copy(into, i.data[at+unit-inHead:])
	} else {
		copy(into[copy(into, i.data[(at+unit)&mask:]):], i.data)
	}
	i.head += need
	r.tell(from, i)
	r.heard(from)
	return e, true
}

// takePosted takes the receive that a message is for out of those that are posted: of those that want it, the first.
func (r *rank) takePosted(from int, p *packet) *request {
	i := &r.ins[from]
	k := firstWant(i.posted.waiting(), from, p)
	if r.any.len() > 0 {
		if a := firstWant(r.any.waiting(), from, p); a >= 0 && (k < 0 || r.any.waiting()[a].number < i.posted.waiting()[k].number) {
			r.poll(from)
			r.unpoll(engine.AnySource)
			return r.any.remove(a)
		}
	}
	if k < 0 {
		return nil
	}
	return i.posted.remove(k)
}

// firstWant is the place of the first receive that wants a message, −1 if there is none.
func firstWant(posted []*request, from int, p *packet) int {
	for k, q := range posted {
		if q.wants(from, p) {
			return k
		}
	}
	return -1
}

func (q *request) wants(from int, p *packet) bool {
	return q.comm == p.comm && (q.source == from || q.source == engine.AnySource) && (q.tag == int(p.tag) || q.tag == engine.AnyTag)
}

// deliver begins to fill a receive from a message whose packet has just come. Its source is looked at until it is done.
func (r *rank) deliver(q *request, from int, i *in, p *packet) {
	q.packet = i.came
	if !q.accept(from, p) {
		return
	}
	if p.kind == packetRTS {
		r.ask(q, from, p)
		return
	}
	i.into, i.q = (*q.buf)[:p.bytes], q
}

// ask tells the sender of an announced message to send it.
func (r *rank) ask(q *request, from int, p *packet) {
	r.lastID++
	r.requests[r.lastID] = q
	r.put(from, packet{kind: packetCTS, id: p.id, bytes: r.lastID}, nil, nil)
}

// accept looks whether a message is what the receive asked for. If not, the world has failed.
func (q *request) accept(from int, p *packet) bool {
	q.given = true
	if q.comm&1 == 0 { // a message of no collective call
		q.c.r.heard(from)
	}
	q.e = engine.Envelope{Source: int(q.c.inverse[from]), Tag: int(p.tag), Bytes: int(p.bytes)}
	switch {
	case p.typ != q.typ.Word():
		q.c.fail(q.call, engine.ErrType, "the message from rank %d is of type %s, and %s was asked for", from, engine.DescribeType(p.typ), q.typ)
	case *q.buf == nil:
		*q.buf = make([]byte, p.bytes)
		return true
	case q.exact && int(p.bytes) != len(*q.buf):
		q.c.fail(q.call, engine.ErrMismatch, "rank %d sends %d elements where this one has room for %d: the lengths have to be equal",
			from, int(p.bytes)/q.typ.Size, len(*q.buf)/q.typ.Size)
	case int(p.bytes) > len(*q.buf):
		q.c.fail(q.call, engine.ErrTruncate, "the message from rank %d, tag %d, has %d elements of %s, and there is room for %d",
			from, p.tag, int(p.bytes)/q.typ.Size, q.typ, len(*q.buf)/q.typ.Size)
	default:
		return true
	}
	return false
}

// receive begins a receive: with a message that is here already, or as soon as one comes.
func (r *rank) receive(q *request) {
	if q.source != engine.AnySource {
		if i := &r.ins[q.source]; i.find(q) >= 0 {
			r.take(q, q.source)
		} else {
			r.post(q, &i.posted)
		}
		return
	}
	if r.turns != nil {
		r.open(q)
		return
	}
	r.post(q, &r.any)
	if from := r.look(q); from >= 0 {
		r.any.remove(slices.Index(r.any.waiting(), q))
		r.unpoll(q.source)
		r.take(q, from)
	}
}

// post has a receive wait for its message. Until it is done, where that may come from is looked at.
func (r *rank) post(q *request, posted *fifo[*request]) {
	r.posts++
	q.number = r.posts
	posted.push(q)
	r.poll(q.source)
}

// take gives a receive the first unexpected message of a source that it wants.
func (r *rank) take(q *request, from int) {
	i := &r.ins[from]
	u := i.unexpected.remove(i.find(q))
	q.packet = u.packet
	if !q.accept(from, &u.p) {
		return
	}
	switch {
	case u.p.kind == packetRTS:
		r.poll(from)
		r.ask(q, from, &u.p)
	case u.complete:
		copy(*q.buf, u.data)
		q.done = true
		if trace.IsEnabled() {
			r.receivedFrom(from, q)
		}
	default:
		u.taken = q
		r.poll(from)
	}
}

// find is the place of the first unexpected message that a receive wants, −1 if there is none.
func (i *in) find(q *request) int {
	for k, u := range i.unexpected.waiting() {
		if q.wants(u.source, &u.p) {
			return k
		}
	}
	return -1
}

// look looks for a message that a receive wants, and returns the source that has one unexpected, −1 if there is none or, if it is
// posted, it was given one. The source that has waited longest is looked at first, so that others that always have a message keep
// none from being heard. No more is taken out of the rings than it takes to know.
func (r *rank) look(q *request) int {
	var tried rankSet
	for !q.given {
		from := r.longest(q, tried)
		if from < 0 {
			return -1
		}
		i := &r.ins[from]
		if i.find(q) >= 0 {
			return from
		}
		r.drain(from, func() bool { return q.given || i.find(q) >= 0 })
		if i.find(q) < 0 {
			tried.add(from)
		}
	}
	return -1
}

// longest is the source that was not received from for the longest time, of those that have a message that a receive wants, or
// something in their ring that may be one, −1 if there is none.
func (r *rank) longest(q *request, but rankSet) int {
	longest := -1
	for _, p := range q.c.group {
		i := &r.ins[p]
		switch {
		case q.source != p && q.source != engine.AnySource || but.has(p):
		case longest >= 0 && r.ins[longest].last <= i.last:
		case i.s.tail.Load() != i.head || i.find(q) >= 0:
			longest = p
		}
	}
	return longest
}

// heard notes that a receive was given a message.
func (r *rank) heard(from int) {
	r.received++
	r.ins[from].last = r.received
}
