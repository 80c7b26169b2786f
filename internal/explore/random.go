package explore

import "math/rand/v2"

// A random is a pick by priorities: the held call of the highest goes on. Each actor draws one when it first calls; at a few
// steps, drawn in advance, the actor that would go on falls below all others, and so does one that pauses, for a pause gives way.
// With d such steps a run of n steps and k actors finds any fault that needs d+1 things in one order with a probability of at
// least 1/(k·n^d).
type random struct {
	dice     *rand.Rand
	priority []int // by actor; 0: not drawn
	low      int   // below all others
	change   []int // steps
	switches []Switch
	last     *speaker
}

// mostChanges is the most steps at which a random schedule changes priorities.
const mostChanges = 4

// newRandom draws what s stands for.
func newRandom(s Schedule) *random {
	r := &random{dice: rand.New(rand.NewPCG(s.Seed, uint64(s.Number)))}
	for range r.dice.IntN(mostChanges + 1) {
		r.change = append(r.change, r.dice.IntN(max(s.Length, 1)))
	}
	return r
}

func (r *random) choose(step int, c *chooser) int {
	if r.last != nil && r.last.kind == Pause {
		r.lower(r.last.id)
	}
	best := r.best(c)
	for _, at := range r.change {
		if at == step && len(c.held) > 1 {
			r.lower(c.held[best].id)
			best = r.best(c)
		}
	}
	if usual, _ := c.usual(); best != usual {
		r.switches = append(r.switches, Switch{step, c.held[best].id})
	}
	r.last = c.held[best]
	return best
}

func (r *random) best(c *chooser) int {
	best := 0
	for i, s := range c.held {
		for len(r.priority) <= s.id {
			r.priority = append(r.priority, 0)
		}
		if r.priority[s.id] == 0 {
			r.priority[s.id] = 1 + r.dice.IntN(1<<30)
		}
		if r.priority[s.id] > r.priority[c.held[best].id] {
			best = i
		}
	}
	return best
}

func (r *random) lower(id int) {
	r.low--
	r.priority[id] = r.low
}

// A follower is a pick that departs where a schedule says so, as far as the actors are there.
type follower struct {
	switches []Switch
	strict   bool // a departure that is not possible ends the run
	strayed  bool
	took     []Switch // the departures that were made
}

func (f *follower) choose(step int, c *chooser) int {
	usual, _ := c.usual()
	if len(f.switches) == 0 || f.switches[0].Step != step {
		return usual
	}
	s := f.switches[0]
	f.switches = f.switches[1:]
	i := indexOf(c, s.Actor)
	switch {
	case i >= 0 && i != usual:
		f.took = append(f.took, s)
		return i
	case i < 0 && f.strict:
		f.strayed = true
		return -1
	}
	return usual
}
