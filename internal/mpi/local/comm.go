package local

import (
	"fmt"
	"os"
	"runtime/trace"
	"slices"

	"cookbook/internal/futex"
	"cookbook/internal/mpi/engine"
	"cookbook/internal/timeline/children"
)

// A comm is a communicator of the local engine, as one of its ranks knows it.
type comm struct {
	r       *rank
	id      uint32
	slot    int // its place in worldHead.comms
	state   *commState
	group   []int   // ranks of the world, by rank of the communicator
	inverse []int16 // the other way round
	me      int

	calls     uint64    // collective calls made
	signature signature // of the last of them
	meetings  uint64
	boards    [2][]cell  // for meetings of even and of odd number
	direct    bool       // its ranks look at one another's cells
	progress  []progress // of each rank, see stage.go
	pieces    uint64     // of vectors that went over the stages
	wanted    uint64     // of them, of the rank that is waited for
}

func newComm(r *rank, id uint32, slot int, group []int) *comm {
	c := &comm{r: r, id: id, slot: slot, state: &r.w.head.comms[slot], group: group, inverse: make([]int16, r.w.n)}
	for i := range c.inverse {
		c.inverse[i] = -1
	}
	for i, p := range group {
		c.inverse[p] = int16(i)
	}
	c.me = slices.Index(group, r.me)
	for m := range c.boards {
		c.boards[m] = r.w.cells(slot, uint64(m))[:len(group)]
	}
	c.direct = r.w.head.crowded == 0 && len(group) <= directRanks
	c.progress = r.w.progress(slot)[:len(group)]
	return c
}

// worldComm is the communicator of all ranks.
func worldComm(r *rank) *comm {
	group := make([]int, r.w.n)
	for i := range group {
		group[i] = i
	}
	return newComm(r, 1, 0, group)
}

func (c *comm) Rank() int              { return c.me }
func (c *comm) Size() int              { return len(c.group) }
func (c *comm) WorldRank(rank int) int { return c.group[rank] }

// fail tells all ranks what this one has found out in a call.
func (c *comm) fail(op engine.Call, class engine.ErrorClass, format string, args ...any) error {
	text := fmt.Sprintf("rank %d: %s: ", c.r.me, op) + fmt.Sprintf(format, args...)
	return c.r.fail(&engine.Error{Class: class, Rank: c.r.me, Text: text})
}

// world is a rank of the communicator as one of the world.
func (c *comm) world(rank int) int {
	if rank == engine.AnySource {
		return engine.AnySource
	}
	return c.group[rank]
}

// fill makes q a receive.
func (c *comm) fill(q *request, op engine.Call, buf *[]byte, t engine.Datatype, source, tag int, comm uint32) *request {
	*q = request{c: c, call: op, source: c.world(source), tag: tag, comm: comm, typ: t, buf: buf}
	return q
}

// sendAtOnce sends a message if it needs not be waited for: it is no larger than the eager limit, and there is room for it now.
func (c *comm) sendAtOnce(buf []byte, t engine.Datatype, dest, tag int) bool {
	r, to := c.r, c.group[dest]
	if len(buf) > r.eager || len(r.outs[to].queue) > 0 || trace.IsEnabled() {
		return false
	}
	p := packet{kind: packetEager, comm: c.id << 1, tag: int32(tag), typ: t.Word(), bytes: uint64(len(buf))}
	return r.putAtOnce(to, &p, p.hold(buf))
}

func (c *comm) Send(op engine.Call, buf []byte, t engine.Datatype, dest, tag int, synchronous bool) error {
	if err := c.r.trouble(); err != nil {
		return err
	}
	if !synchronous && c.sendAtOnce(buf, t, dest, tag) {
		return nil
	}
	return c.sendTo(op, buf, t, dest, tag, c.id<<1, synchronous)
}

func (c *comm) sendTo(op engine.Call, buf []byte, t engine.Datatype, dest, tag int, comm uint32, synchronous bool) error {
	r, to := c.r, c.group[dest]
	q := &r.blocking
	*q = request{c: c, call: op, source: to, tag: tag, comm: comm, typ: t}
	r.transmit(q, to, buf, synchronous)
	if q.done {
		return nil
	}
	return r.await(waiting{op, toOne, c, to, tag}, func() bool { return q.done })
}

func (c *comm) Recv(op engine.Call, buf *[]byte, t engine.Datatype, source, tag int) (engine.Envelope, error) {
	r := c.r
	if err := r.trouble(); err != nil {
		return engine.Nothing, err
	}
	if source != engine.AnySource {
		if e, ok := r.takeNext(c.group[source], tag, c.id<<1, t, buf); ok {
			e.Source = source
			return e, nil
		}
	}
	q := c.fill(&r.blocking, op, buf, t, source, tag, c.id<<1)
	r.receive(q)
	if !q.done {
		if err := r.await(waiting{op, fromOne, c, q.source, tag}, func() bool { return q.done }); err != nil {
			return engine.Nothing, err
		}
	}
	return q.e, nil
}

func (c *comm) Sendrecv(
	op engine.Call, send []byte, st engine.Datatype, dest, sendTag int, recv *[]byte, rt engine.Datatype, source, recvTag int,
) (engine.Envelope, error) {
	r := c.r
	if err := r.trouble(); err != nil {
		return engine.Nothing, err
	}
	in := c.fill(r.request(), op, recv, rt, source, recvTag, c.id<<1)
	r.receive(in)
	if err := c.sendTo(op, send, st, dest, sendTag, c.id<<1, false); err != nil {
		return engine.Nothing, err
	}
	err := r.await(waiting{op, fromOne, c, in.source, recvTag}, func() bool { return in.done })
	e := in.e
	if err == nil {
		r.release(in)
	}
	return e, err
}

func (c *comm) Isend(op engine.Call, buf []byte, t engine.Datatype, dest, tag int) (engine.Pending, error) {
	if err := c.r.trouble(); err != nil {
		return nil, err
	}
	if c.sendAtOnce(buf, t, dest, tag) {
		return nil, nil
	}
	return c.isendTo(op, buf, t, dest, tag, c.id<<1), nil
}

func (c *comm) isendTo(op engine.Call, buf []byte, t engine.Datatype, dest, tag int, comm uint32) *request {
	to := c.group[dest]
	q := c.r.request()
	*q = request{c: c, call: op, source: to, tag: tag, comm: comm, typ: t}
	c.r.transmit(q, to, buf, false)
	return q
}

func (c *comm) Irecv(op engine.Call, buf *[]byte, t engine.Datatype, source, tag int) (engine.Pending, error) {
	if err := c.r.trouble(); err != nil {
		return nil, err
	}
	q := c.fill(c.r.request(), op, buf, t, source, tag, c.id<<1)
	c.r.receive(q)
	return q, nil
}

func (q *request) Finish(op engine.Call, wait bool) (engine.Envelope, bool, error) {
	r := q.c.r
	if !q.done {
		if err := r.trouble(); err != nil {
			return engine.Nothing, false, err
		}
		r.progress()
		r.matchOpen()
	}
	if !q.done && wait {
		w := waiting{op, fromOne, q.c, q.source, q.tag}
		if q.buf == nil {
			w.sense = toOne
		}
		if err := r.await(w, func() bool { return q.done }); err != nil {
			return engine.Nothing, false, err
		}
	}
	e, done := q.e, q.done
	if done {
		r.release(q)
	}
	return e, done, nil
}

func (c *comm) Probe(op engine.Call, source, tag int, wait bool) (engine.Envelope, bool, error) {
	r := c.r
	if err := r.trouble(); err != nil {
		return engine.Nothing, false, err
	}
	q := c.fill(new(request), op, nil, engine.Encoded, source, tag, c.id<<1)
	var e engine.Envelope
	found := func() bool {
		from := -1
		if r.turns != nil {
			r.progress()
			from = r.choose(q, "finds a message from")
		} else {
			from = r.look(q)
		}
		if from < 0 {
			return false
		}
		i := &r.ins[from]
		p := &i.unexpected.waiting()[i.find(q)].p
		e = engine.Envelope{Source: int(c.inverse[from]), Tag: int(p.tag), Bytes: int(p.bytes)}
		return true
	}
	if r.turns != nil { // all that has come is looked at
		r.poll(q.source)
		defer r.unpoll(q.source)
	}
	r.progress()
	if found() {
		return e, true, nil
	}
	if !wait {
		futex.Yield() // who asks again and again may keep the sender from sending
		return engine.Nothing, false, nil
	}
	r.poll(q.source)
	defer r.unpoll(q.source)
	err := r.await(waiting{op, fromOne, c, q.source, tag}, found)
	return e, err == nil, err
}

func (c *comm) Free(op engine.Call) error {
	if c.id == 1 {
		return engine.Errorf(engine.ErrComm, c.r.me, "%s: the communicator of all ranks cannot be freed", op)
	}
	if err := c.sign(op, 0, engine.Datatype{}, 0, 0); err != nil {
		return err
	}
	if err := c.meet(op, nil); err != nil { // no rank is in a call any more
		return err
	}
	for p := range c.r.ins {
		c.r.ins[p].unexpected.removeAll(func(u *unexpected) bool { return u.p.comm>>1 == c.id })
	}
	if c.r.staging == c {
		c.r.staging = nil
	}
	if c.state.users.Add(-1) == 0 {
		for r := range c.progress {
			for what := range counted {
				c.progress[r].counts[what].Store(0)
			}
		}
		c.state.size.Store(0)
		c.state.arrived.Store(0)
		for i := range c.state.signatures {
			c.state.signatures[i].Store(0)
		}
		for m := range uint64(2) {
			for r := range c.r.w.cells(c.slot, m) {
				c.r.w.cells(c.slot, m)[r].meeting.Store(0)
			}
		}
		c.state.id.Store(0)
	}
	return nil
}

func (c *comm) Abort(code int) {
	r := c.r
	r.w.fail(engine.Aborted(r.me, code))
	if code <= 0 || code > 255 {
		code = 1
	}
	children.End()
	os.Exit(code)
}
