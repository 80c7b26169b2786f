package local

import (
	"runtime/trace"
	"unsafe"

	"cookbook/internal/mpi/engine"
)

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
	if trace.IsEnabled() {
		r.receivedFrom(from, q)
	}
	r.unpoll(from)
}

// take copies the next bytes of a message to where they belong.
func (i *in) take(data []byte) { i.into = i.into[copy(i.into, data):] }

// arrive begins what a packet asks for.
func (r *rank) arrive(from int, i *in, p *packet) {
	i.left = p.follows()
	switch p.kind {
	case packetEager, packetRTS:
		i.came++
		if q := r.takePosted(from, p); q != nil {
			r.deliver(q, from, i, p)
			return
		}
		u := &unexpected{source: from, p: *p, packet: i.came}
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
