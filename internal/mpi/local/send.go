package local

import (
	"runtime/trace"
	"unsafe"
)

// transmit begins a send.
func (r *rank) transmit(q *request, to int, data []byte, synchronous bool) {
	if trace.IsEnabled() {
		r.sendingTo(to, q, len(data))
	}
	p := packet{comm: q.comm, tag: int32(q.tag), typ: q.typ.Word(), bytes: uint64(len(data))}
	if !synchronous && len(data) <= r.eager {
		p.kind = packetEager
		r.put(to, p, p.hold(data), q)
		return
	}
	r.lastID++
	r.requests[r.lastID] = q
	q.send = data
	p.kind, p.id = packetRTS, r.lastID
	r.poll(to)
	r.put(to, p, nil, nil)
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
	r.pump(to, r.step)
}

// padding is what fills up the last unit.
func padding(n int) int { return -n & (unit - 1) }

// putAtOnce puts a packet and what follows it into the ring, if there is room for all and it is not so much that the
// receiver should begin before the end.
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

// pump puts what waits for a receiver into the ring, as soon as there is room for it or at least for that many bytes. With every
// little room used at once, two that copy equally fast hand over less and less at a time.
func (r *rank) pump(to, least int) {
	o := &r.outs[to]
	mask := uint64(len(o.data) - 1)
	for len(o.queue) > 0 {
		g := &o.queue[0]
		o.head = o.s.head.Load()
		room := len(o.data) - int(o.tail-o.head)
		if need := g.size(); room < min(need, least) {
			return
		}
		if !g.head {
			*(*packet)(unsafe.Pointer(&o.data[o.tail&mask])) = g.p
			g.head = true
			o.tail += unit
			room -= unit
		}
		n := min(room, len(g.rest), publishAfter)
		at := o.tail & mask
		copy(o.data, g.rest[copy(o.data[at:], g.rest[:n]):n])
		g.rest = g.rest[n:]
		o.tail += uint64(n)
		if len(g.rest) == 0 && room-n >= g.fill {
			o.tail += uint64(g.fill)
			if g.q != nil {
				g.q.done = true
			}
			o.queue[0] = outgoing{}
			o.queue = o.queue[1:]
		}
		o.s.tail.Store(o.tail)
		r.w.wake(to)
	}
	o.queue = nil
}

// size is how much room it takes in the ring.
func (g *outgoing) size() int {
	if g.head {
		return len(g.rest) + g.fill
	}
	return unit + len(g.rest) + g.fill
}
