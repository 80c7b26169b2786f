package local

import (
	"slices"
	"unsafe"

	"cookbook/internal/mpi/engine"
)

// takeNext takes the next message from a source out of its ring, if it is the one that is asked for, is there as a whole
// soon, and nothing else is going on: what most receives come to.
func (r *rank) takeNext(from, tag int, comm uint32, typ engine.Datatype, buf *[]byte) (p packet, ok bool) {
	i := &r.ins[from]
	if len(r.polled)+len(r.sending)+len(r.posted)+len(i.unexpected)+i.left != 0 {
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
	if p.kind != packetEager || p.comm != comm || int(p.tag) != tag && tag != engine.AnyTag || p.typ != typ.Word() || tail-i.head < need {
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
	r.heard(from)
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
	return q.comm == p.comm && (q.source == from || q.source == engine.AnySource) && (q.tag == int(p.tag) || q.tag == engine.AnyTag)
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
			r.post(q)
		}
		return
	}
	r.post(q)
	if from := r.look(q); from >= 0 {
		r.posted = slices.DeleteFunc(r.posted, func(other *request) bool { return other == q })
		r.unpoll(q.source)
		r.take(q, from)
	}
}

func (r *rank) post(q *request) {
	r.posted = append(r.posted, q)
	r.poll(q.source)
}

// take gives a receive the first unexpected message of a source that it wants.
func (r *rank) take(q *request, from int) {
	i := &r.ins[from]
	k := i.find(q)
	u := i.unexpected[k]
	i.unexpected = slices.Delete(i.unexpected, k, k+1)
	if !q.accept(from, &u.p) {
		return
	}
	switch {
	case u.p.kind == packetRTS:
		r.ask(q, from, u.p)
	case u.complete:
		copy(*q.buf, u.data)
		q.done = true
	default:
		u.taken = q
		r.poll(from)
	}
}

// find is the place of the first unexpected message that a receive wants, −1 if there is none.
func (i *in) find(q *request) int {
	return slices.IndexFunc(i.unexpected, func(u *unexpected) bool { return q.wants(u.source, &u.p) })
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
