package local

import (
	"context"
	"runtime/trace"
	"time"

	"cookbook/internal/futex"
	"cookbook/internal/mpi/engine"
)

// A sense is what would end a wait.
const (
	fromOne   = iota // a message from any one of the peers
	toOne            // the one peer taking what is sent
	toMeeting        // all ranks of a communicator coming to its next meeting
	atStage          // the one peer counting as many pieces as are wanted; tag says of what, see stage.go
)

// A waiting says what a rank waits for, for the detector of deadlocks.
type waiting struct {
	call  engine.Call
	sense uint32
	c     *comm
	peer  int // in the world, or AnySource
	tag   int
}

// await makes progress until done, or until the world is of no use. It looks first for a moment, then lets others run, then
// sleeps.
func (r *rank) await(w waiting, done func() bool) error {
	if trace.IsEnabled() && !done() {
		return r.awaitTraced(w, done)
	}
	return r.goOn(w, done)
}

func (r *rank) goOn(w waiting, done func() bool) error {
	var begun time.Time
	open := false
	defer func() {
		if open {
			r.unpoll(engine.AnySource)
		}
	}()
	for yields := 0; ; yields++ {
		for range r.polls {
			if done() {
				return nil
			}
			r.progress()
			r.matchOpen()
		}
		if done() {
			return nil
		}
		if err := r.trouble(); err != nil {
			return err
		}
		if len(r.sending) > 0 && !open {
			// There is no room for what this rank sends. Its receiver may be here for the same reason. So what has come is
			// taken in, although no receive has asked for it yet.
			open = true
			r.poll(engine.AnySource)
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
			r.w.fail(engine.Errorf(engine.ErrOther, r.me, "the ranks were told to end"))
			return context.Cause(r.ctx)
		}
		r.pumpAll(unit) // the detector of deadlocks takes it that no room is left
		r.sleep(w, done)
		yields, begun = r.yields/2, time.Now()
	}
}

const (
	tick = 20 * time.Millisecond
	// yieldFor bounds how long a rank lets others run before it sleeps. Beside a process that computes, each yield may take
	// as long as the system lets that process run.
	yieldFor = 2 * time.Millisecond
)

// sleep sleeps until there is something to do. It does not rely on being woken, for the other may have been killed: it looks
// around every 20 ms.
func (r *rank) sleep(w waiting, done func() bool) {
	d := r.mine
	r.describe(w)
	d.moves.Add(1)
	d.phase.Store(blocked)
	for !done() && !r.ready() && !r.w.failed() && r.ctx.Err() == nil {
		rung := d.wakeups.Load()
		d.sleeping.Store(1)
		if done() || r.ready() || r.w.failed() {
			break
		}
		futex.Wait(&d.wakeups, rung, tick)
	}
	d.sleeping.Store(0)
	d.phase.Store(running)
	d.moves.Add(1)
}

// describe writes down what is waited for.
func (r *rank) describe(w waiting) {
	var peers, polls, sends rankSet
	switch {
	case w.sense == toMeeting:
	case w.peer == engine.AnySource:
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
	d := r.mine
	d.call.Store(uint32(w.call))
	d.sense.Store(w.sense)
	d.tag.Store(uint32(int32(w.tag)))
	if w.c != nil {
		d.comm.Store(uint32(w.c.slot))
		d.target.Store(w.c.arrivals())
	}
	if w.sense == atStage {
		d.target.Store(w.c.wanted)
	}
	setRanks(&d.peers, peers)
	setRanks(&d.polls, polls)
	setRanks(&d.sends, sends)
}
