package local

import "cookbook/internal/mpi/engine"

// A meeting is how ranks do together what is small and concerns all: each writes its part into its cell, waits until all have
// done so, and reads what it needs. Ranks come to a communicator's meetings in their order, so a number says which one is meant.
//
// A few ranks that have a processor each look at one another's cells. All that one of them has to know then lies on one line of
// the cache: the number of the meeting, the call, and as much of the data as fits. More ranks count up a word that all look at,
// and the last to come wakes those that sleep.

// directRanks is how many ranks look at one another's cells. Each does so once for each other, and wakes each.
const directRanks = 8

// arrivals is how many arrivals complete the meeting that this rank has come to.
func (c *comm) arrivals() uint64 { return c.meetings * uint64(len(c.group)) }

// bring signs a collective call and comes to its meeting. Ranks that look at one another's cells find the signature there. Only
// where they have to wait for long they write it down for those that make another call, and come to no meeting.
func (c *comm) bring(op engine.Call, root int, t engine.Datatype, count int, o engine.OpCode, data []byte) error {
	if err := c.r.trouble(); err != nil {
		return err
	}
	c.begin(op, root, t, count, o)
	if !c.direct {
		if err := c.note(op); err != nil {
			return err
		}
	}
	return c.meet(op, data)
}

// meet comes to a meeting of a call that was begun, with at most cellBytes bytes, and waits for all others. Until this rank comes
// to the next one, cells may be read.
func (c *comm) meet(op engine.Call, data []byte) error {
	c.meetings++
	cells := c.cells()
	mine := &cells[c.me]
	copy(mine.data[:], data)
	mine.calls, mine.signature = c.calls, c.signature
	mine.meeting.Store(c.meetings)
	if c.direct {
		return c.awaitCells(op, cells)
	}
	target := c.arrivals()
	if c.state.arrived.Add(1) == target {
		for _, p := range c.group {
			c.r.w.wake(p)
		}
		return nil
	}
	arrived := &c.state.arrived
	return c.r.await(waiting{op, toMeeting, c, engine.AnySource, 0}, func() bool { return arrived.Load() >= target })
}

// awaitCells waits until all cells have been written, and compares the calls that they were written in.
func (c *comm) awaitCells(op engine.Call, cells []cell) error {
	r := c.r
	for _, p := range c.group {
		r.w.wake(p)
	}
	here := 0
	all := func() bool {
		for here < len(cells) && cells[here].meeting.Load() == c.meetings {
			here++
		}
		return here == len(cells)
	}
	if len(r.polled)+len(r.sending) == 0 { // nothing else is going on
		for polls := 0; polls < r.polls && !all(); polls++ {
		}
	}
	if !all() {
		if err := c.note(op); err != nil {
			return err
		}
		if err := r.await(waiting{op, toMeeting, c, engine.AnySource, 0}, all); err != nil {
			return err
		}
	}
	for rank := range cells {
		if theirs := &cells[rank]; theirs.calls != c.calls || theirs.signature.compared() != c.signature.compared() {
			return c.disagree(op, rank, theirs)
		}
	}
	return nil
}

// disagree says that another rank has come to the same meeting in another call. If one of the two has made a call more, the table
// may still know the call at which they parted.
func (c *comm) disagree(op engine.Call, rank int, theirs *cell) error {
	here, there := c.signature, theirs.signature
	at := func(calls uint64) signature { return signature(c.state.signatures[(calls-1)%callsKept].Load()) }
	switch {
	case c.calls < theirs.calls:
		there = at(c.calls)
	case c.calls > theirs.calls:
		here = at(theirs.calls)
	}
	if here&signed == 0 || there&signed == 0 || here.round() != there.round() {
		here, there = c.signature, theirs.signature // at different places
	}
	return c.fail(op, engine.ErrMismatch, "it calls %s where rank %d calls %s", here, c.group[rank], there)
}

// cells are the cells of the meeting that this rank has come to, by rank.
func (c *comm) cells() []cell { return c.boards[c.meetings%2] }

// brought is what a rank has brought to the meeting.
func (c *comm) brought(rank int) []byte { return c.cells()[rank].data[:] }
