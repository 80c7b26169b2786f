package local

import (
	"context"
	"slices"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/turn"
)

// A rank is this process as a rank of a world. What it sends lies in the ring to its receiver until that takes it out, which
// happens only while the receiver is in a call.
//
// Up to the eager limit a message is put into the ring as it is. Above, its sender announces it (rts), the receiver asks for
// it when it knows where it shall go (cts), and only then the message follows (data). So does every message of Ssend.
type rank struct {
	w      *world
	name   string // of the world, in a trace
	ctx    context.Context
	turns  turn.Chooser // of ctx; nil, as usual: nobody decides on turns
	me     int
	mine   *rankState
	outs   []out
	ins    []in
	eager  int
	step   int // bytes of a large message that are handed over at a time
	polls  int
	yields int

	opens    []*request     // receives from any source that have no message yet, where turns decides: see choose.go
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
	sent  uint64 // messages, if they are traced
	queue []outgoing
}

// An in is the way from a sender.
type in struct {
	s    *ringEnds
	data []byte
	head uint64
	came uint64 // messages out of the ring, if they are traced

	posted     fifo[*request]    // receives from this sender that have no message yet
	unexpected fifo[*unexpected] // messages that have no receive yet
	last       uint64            // what received was when a receive was given a message of this sender; 0: none yet

	// The message whose middle has been reached.
	left int         // bytes to come, with what fills up the last unit
	into []byte      // where they go; the others are dropped
	q    *request    // whose message it is
	u    *unexpected // or, if no receive has asked for it yet
}

func newRank(ctx context.Context, w *world, me int) *rank {
	r := &rank{w: w, ctx: ctx, turns: turn.ChooserOf(ctx), me: me, mine: &w.states[me], eager: int(w.head.eager), uses: make([]int, w.n), requests: map[uint64]*request{}}
	r.polls, r.yields = 1000, 200
	r.step = min(publishAfter, int(w.head.ringSize)/4)
	if w.head.crowded != 0 {
		r.polls = 20 // another rank needs the processor
	}
	if r.turns != nil {
		r.polls, r.yields = 1, 0 // no other rank runs
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
