package local

import (
	"runtime/trace"

	"cookbook/internal/mpi/engine"
)

// The collective calls of the local engine are made of three things. What is small and concerns all is done in a meeting (meet.go).
// Vectors of one length go over stages (stage.go, vector.go). Blocks of different lengths, which only some ranks know, go through the
// rings, in messages that only collective calls can receive.

func (c *comm) Barrier(op engine.Call) error {
	return c.bring(op, 0, engine.Datatype{}, 0, 0, nil)
}

// A round is the messages of one collective call.
type round struct {
	c    *comm
	op   engine.Call
	tag  int
	comm uint32
	t    engine.Datatype
	all  []*request
}

func (c *comm) round(op engine.Call, t engine.Datatype) *round {
	return &round{c: c, op: op, tag: int(c.calls & 0x3fffffff), comm: c.id<<1 | 1, t: t}
}

// send begins to send to a rank.
func (m *round) send(data []byte, dest int) {
	m.all = append(m.all, m.c.isendTo(m.op, data, m.t, dest, m.tag, m.comm))
}

// recv begins to receive from a rank, exactly as much as there is room for.
func (m *round) recv(buf []byte, source int) {
	if buf == nil {
		buf = []byte{}
	}
	q := m.c.fill(new(request), m.op, &buf, m.t, source, m.tag, m.comm)
	q.exact = true
	m.c.r.receive(q)
	m.all = append(m.all, q)
}

// wait waits for all that was begun.
func (m *round) wait() error {
	for _, q := range m.all {
		w := waiting{m.op, fromOne, m.c, q.source, -1}
		if q.buf == nil {
			w.sense = toOne
		}
		if !q.done {
			if err := m.c.r.await(w, func() bool { return q.done }); err != nil {
				return err
			}
		}
	}
	m.all = m.all[:0]
	return nil
}

func (c *comm) Bcast(op engine.Call, buf []byte, t engine.Datatype, root int) (err error) {
	if trace.IsEnabled() {
		end := c.exchanges(op, root, sizeOf(buf))
		defer func() { end(err) }()
	}
	if err := c.sign(op, root, t, len(buf)/t.Size, 0); err != nil {
		return err
	}
	return c.bcastVector(op, buf, t, root)
}

func (c *comm) Scatter(op engine.Call, send []byte, l engine.Layout, recv []byte, t engine.Datatype, root int) (err error) {
	if trace.IsEnabled() {
		end := c.exchanges(op, root, func(to int) int { return len(l.Of(send, to)) })
		defer func() { end(err) }()
	}
	if err := c.sign(op, root, t, l.Each/t.Size, 0); err != nil {
		return err
	}
	if op == engine.CallScatter {
		var to, from func(int) []byte
		if c.me == root {
			to = func(r int) []byte { return l.Of(send, r) }
		}
		from = func(r int) []byte {
			if r != root {
				return nil
			}
			return recv
		}
		return c.exchangeBlocks(op, len(recv), t, false, to, from)
	}
	m := c.round(op, t)
	if c.me != root {
		m.recv(recv, root)
		return m.wait()
	}
	mine := l.Of(send, root)
	if len(mine) != len(recv) {
		return c.fail(op, engine.ErrCount, "the root's own block has %d elements, and there is room for %d", len(mine)/t.Size, len(recv)/t.Size)
	}
	for d := 1; d < len(c.group); d++ {
		to := (root + d) % len(c.group)
		m.send(l.Of(send, to), to)
	}
	copy(recv, mine)
	return m.wait()
}

func (c *comm) Gather(op engine.Call, send []byte, recv []byte, l engine.Layout, t engine.Datatype, root int) (err error) {
	if trace.IsEnabled() {
		end := c.exchanges(op, root, sizeOf(send))
		defer func() { end(err) }()
	}
	if err := c.sign(op, root, t, l.Each/t.Size, 0); err != nil {
		return err
	}
	if op == engine.CallGather {
		var from func(int) []byte
		if c.me == root {
			from = func(r int) []byte { return l.Of(recv, r) }
		}
		return c.exchangeBlocks(op, len(send), t, true, func(int) []byte { return send }, from)
	}
	m := c.round(op, t)
	if c.me != root {
		m.send(send, root)
		return m.wait()
	}
	mine := l.Of(recv, root)
	if len(mine) != len(send) {
		return c.fail(op, engine.ErrCount, "the root sends %d elements, and its own block has %d", len(send)/t.Size, len(mine)/t.Size)
	}
	for d := 1; d < len(c.group); d++ {
		from := (root + d) % len(c.group)
		m.recv(l.Of(recv, from), from)
	}
	copy(mine, send)
	return m.wait()
}

func (c *comm) Allgather(op engine.Call, send []byte, recv []byte, l engine.Layout, t engine.Datatype) (err error) {
	if trace.IsEnabled() {
		end := c.exchanges(op, everyRank, sizeOf(send))
		defer func() { end(err) }()
	}
	if l.Counts == nil && len(send) <= cellBytes {
		if err := c.bring(op, 0, t, l.Each/t.Size, 0, send); err != nil {
			return err
		}
		for r := range c.group {
			copy(l.Of(recv, r), c.brought(r))
		}
		return nil
	}
	if err := c.sign(op, 0, t, l.Each/t.Size, 0); err != nil {
		return err
	}
	to, from := func(int) []byte { return send }, func(r int) []byte { return l.Of(recv, r) }
	if l.Counts == nil {
		return c.exchangeBlocks(op, len(send), t, true, to, from)
	}
	return c.exchange(op, to, from, t)
}

func (c *comm) Alltoall(op engine.Call, send []byte, sl engine.Layout, recv []byte, rl engine.Layout, t engine.Datatype) (err error) {
	if trace.IsEnabled() {
		end := c.exchanges(op, everyRank, func(to int) int { return len(sl.Of(send, to)) })
		defer func() { end(err) }()
	}
	if err := c.sign(op, 0, t, sl.Each/t.Size, 0); err != nil {
		return err
	}
	to, from := func(r int) []byte { return sl.Of(send, r) }, func(r int) []byte { return rl.Of(recv, r) }
	if sl.Counts == nil {
		return c.exchangeBlocks(op, sl.Each, t, false, to, from)
	}
	return c.exchange(op, to, from, t)
}

// exchange sends something to each rank and receives something from each, all at once.
func (c *comm) exchange(op engine.Call, to, from func(rank int) []byte, t engine.Datatype) error {
	m := c.round(op, t)
	n := len(c.group)
	for d := 1; d < n; d++ {
		r := (c.me - d + n) % n
		m.recv(from(r), r)
	}
	for d := 1; d < n; d++ {
		r := (c.me + d) % n
		m.send(to(r), r)
	}
	mine, room := to(c.me), from(c.me)
	if len(mine) != len(room) {
		return c.fail(op, engine.ErrMismatch, "it has %d elements for itself, and room for %d", len(mine)/t.Size, len(room)/t.Size)
	}
	copy(room, mine)
	return m.wait()
}

func (c *comm) Reduce(op engine.Call, send, recv []byte, t engine.Datatype, o engine.Operator, root int) (err error) {
	if trace.IsEnabled() {
		end := c.exchanges(op, root, sizeOf(send))
		defer func() { end(err) }()
	}
	if err := c.sign(op, root, t, len(send)/t.Size, o.Code); err != nil {
		return err
	}
	if len(send) > wholeBytes {
		return c.reduceVector(op, send, recv, t, o, root)
	}
	if c.me != root {
		recv = nil
	}
	return c.foldWhole(op, send, recv, t, o, len(c.group))
}

func (c *comm) Allreduce(op engine.Call, send, recv []byte, t engine.Datatype, o engine.Operator) error {
	if len(send) <= cellBytes {
		return c.combineBrought(op, send, recv, t, o, len(c.group))
	}
	if err := c.sign(op, 0, t, len(send)/t.Size, o.Code); err != nil {
		return err
	}
	if len(send) <= wholeBytes {
		return c.foldWhole(op, send, recv, t, o, len(c.group))
	}
	return c.reduceVector(op, send, recv, t, o, -1)
}

// combineBrought combines what the first ranks bring to a meeting.
func (c *comm) combineBrought(op engine.Call, send, recv []byte, t engine.Datatype, o engine.Operator, ranks int) error {
	if err := c.bring(op, 0, t, len(send)/t.Size, o.Code, send); err != nil {
		return err
	}
	copy(recv, c.brought(0))
	for r := 1; r < ranks; r++ {
		o.Combine(recv, c.brought(r)[:len(recv)])
	}
	return nil
}

func (c *comm) Scan(op engine.Call, send, recv []byte, t engine.Datatype, o engine.Operator) error {
	if len(send) <= cellBytes {
		return c.combineBrought(op, send, recv, t, o, c.me+1)
	}
	if err := c.sign(op, 0, t, len(send)/t.Size, o.Code); err != nil {
		return err
	}
	if len(send) <= wholeBytes {
		return c.foldWhole(op, send, recv, t, o, c.me+1)
	}
	return c.scanVector(op, send, recv, t, o)
}
