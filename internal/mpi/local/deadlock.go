package local

import (
	"fmt"
	"strings"
	"time"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/waitfor"
)

// lookEvery is how long the detector waits between two looks at the ranks.
const lookEvery = 50 * time.Millisecond

// looksToBeSure is how many times a rank has to be seen in the same wait before it may be part of a deadlock.
const looksToBeSure = 3

// A detector finds deadlocks. It looks from outside at what sleeping ranks have written down, so ranks that are busy pay
// nothing for it.
//
// A rank is stuck if it sleeps, if nothing lies in a ring that would wake it, and if every rank that could send it something
// is stuck as well or has ended. What is in the shared memory decides that alone. Seeing the same several times only makes
// sure that all of it was there at one moment.
type detector struct {
	moves []uint64
	same  []int
}

// A observation is what a rank has written down.
type observation struct {
	phase, sense        uint32
	call                engine.Call
	tag                 int
	comm                int
	target              uint64
	peers, polls, sends rankSet
}

func (w *world) observe(r int) (s observation, moves uint64) {
	d := &w.states[r]
	moves = d.moves.Load()
	s = observation{
		phase: d.phase.Load(), sense: d.sense.Load(), call: engine.Call(d.call.Load()), tag: int(int32(d.tag.Load())),
		comm: int(d.comm.Load()) % maxComms, target: d.target.Load(),
		peers: rankSet{d.peers[0].Load(), d.peers[1].Load()},
		polls: rankSet{d.polls[0].Load(), d.polls[1].Load()},
		sends: rankSet{d.sends[0].Load(), d.sends[1].Load()},
	}
	if s.phase == blocked && s.sense == toMeeting {
		s.peers = w.missing(s)
	}
	return s, moves
}

// missing is the ranks that have not come to a meeting. It is empty as long as the members of the communicator are not
// written down.
func (w *world) missing(s observation) (ranks rankSet) {
	c := &w.head.comms[s.comm]
	n := int(c.size.Load())
	if n == 0 || n > w.n {
		return
	}
	meeting := s.target / uint64(n)
	cells := w.cells(s.comm, meeting)
	for r := range n {
		if cells[r].meeting.Load() < meeting {
			ranks.add(int(c.group[r].Load()) % w.n)
		}
	}
	return ranks
}

// look returns a deadlock, nil if none is certain.
func (d *detector) look(w *world) *engine.Error {
	if d.moves == nil {
		d.moves, d.same = make([]uint64, w.n), make([]int, w.n)
	}
	seen := make([]observation, w.n)
	stuck := make([]bool, w.n)
	for r := range seen {
		var moves uint64
		seen[r], moves = w.observe(r)
		if moves != d.moves[r] {
			d.moves[r], d.same[r] = moves, 0
		}
		if d.same[r] < looksToBeSure {
			d.same[r]++
		}
		stuck[r] = seen[r].phase == blocked && d.same[r] >= looksToBeSure && !w.couldGoOn(r, seen[r])
	}
	w.spare(seen, stuck)
	for r, s := range stuck {
		if s {
			return engine.Errorf(engine.ErrDeadlock, r, "deadlock: %s", w.trace(seen, stuck, r))
		}
	}
	return nil
}

// couldGoOn reports whether something lies ready for a sleeping rank.
func (w *world) couldGoOn(r int, s observation) bool {
	if s.sense == toMeeting && s.peers == (rankSet{}) {
		return true
	}
	if s.sense == atStage && w.counts(s) {
		return true
	}
	for p := range w.n {
		if s.polls.has(p) {
			if in, _ := w.ring(p, r); in.tail.Load() != in.head.Load() {
				return true
			}
		}
		if s.sends.has(p) {
			if out, data := w.ring(r, p); out.tail.Load()-out.head.Load() <= uint64(len(data)-unit) {
				return true
			}
		}
	}
	return false
}

// counts reports whether the one that a rank waits for at a stage has counted enough.
func (w *world) counts(s observation) bool {
	c := &w.head.comms[s.comm]
	for r := range min(int(c.size.Load()), w.n) {
		if s.peers.has(int(c.group[r].Load()) % w.n) {
			return w.progress(s.comm)[r].counts[s.tag%counted].Load() >= s.target
		}
	}
	return true // its members are not written down
}

// spare takes out of the stuck ranks those that a rank which is not stuck could help.
func (w *world) spare(seen []observation, stuck []bool) {
	for changed := true; changed; {
		changed = false
		for r, s := range seen {
			if !stuck[r] {
				continue
			}
			hope := s.sense != toMeeting // of one helper; a meeting needs all
			helped := false
			if !hope {
				helped = true
			}
			for p := range w.n {
				if !s.peers.has(p) {
					continue
				}
				lost := stuck[p] || seen[p].phase == ended
				switch {
				case hope && !lost:
					helped = true
				case !hope && lost:
					helped = false
				}
			}
			if helped {
				stuck[r] = false
				changed = true
			}
		}
	}
}

// trace says which rank waits for which, from a stuck one on, until it comes to one that was named or that has ended.
func (w *world) trace(seen []observation, stuck []bool, r int) string {
	var path []int
	at := r
	for {
		for i, p := range path {
			if p == at {
				return w.sentences(seen, path[i:])
			}
		}
		path = append(path, at)
		next := -1
		var over []string
		for p := range w.n {
			switch {
			case !seen[at].peers.has(p) || p == at: // a rank that waits for any rank waits for itself as well
			case seen[p].phase == ended:
				over = append(over, fmt.Sprintf("; rank %d has ended", p))
			case stuck[p] && next < 0:
				next = p
			}
		}
		if next < 0 {
			return w.sentences(seen, path) + strings.Join(over, "")
		}
		at = next
	}
}

func (w *world) sentences(seen []observation, ranks []int) string {
	var all []string
	for _, r := range ranks {
		all = append(all, fmt.Sprintf("rank %d waits in %s for %s", r, seen[r].call, w.object(seen[r])))
	}
	return strings.Join(all, "; ")
}

// object is what a rank waits for.
func (w *world) object(s observation) string {
	var who []string
	for p := range w.n {
		if s.peers.has(p) {
			who = append(who, fmt.Sprintf("rank %d", p))
		}
	}
	if s.sense != toMeeting && len(who) > 1 && len(who) == w.n {
		who = []string{"any rank"}
	}
	conjunction := ", "
	if s.sense != toMeeting {
		conjunction = " or "
	}
	names := strings.Join(who, conjunction)
	collective := s.call.Collective()
	switch {
	case s.sense == fromOne && !collective && s.tag != engine.AnyTag:
		return fmt.Sprintf("a message from %s with tag %d", names, s.tag)
	case s.sense == fromOne && !collective:
		return "a message from " + names
	case s.sense == toOne && !collective:
		return names + " to receive"
	}
	return names
}

// waits is what the ranks wait for at this moment, for reports of runs that take too long.
func (w *world) waits() []waitfor.Wait {
	var all []waitfor.Wait
	for r := range w.n {
		if s, _ := w.observe(r); s.phase == blocked {
			wait := waitfor.Wait{Who: fmt.Sprintf("rank %d", r), For: fmt.Sprintf("%s (in %s)", w.object(s), s.call)}
			all = append(all, wait)
		}
	}
	return all
}

// report is waits in one line.
func (w *world) report() string {
	if lines := waitfor.Report(w.waits()); len(lines) > 0 {
		return strings.Join(lines, "; ")
	}
	return "none of them waits for another"
}
