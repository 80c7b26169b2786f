package explore

import "cookbook/internal/transcript"

// A tree walks the schedules of a program depth-first: it replays the choices of the run before up to the last one that has an
// alternative, takes that, and goes on in the usual order.
type tree struct {
	limit limit
	nodes []node // of the run before, or of the one that goes on
	depth int    // choices made in the run that goes on
	cut   bool   // an alternative was beyond the limit
	stray int    // at this step the replay offered other choices than before; -1: it did not
}

// A limit bounds the departures of a schedule. A negative number is no bound.
type limit struct {
	Preemptions int `json:"preemptions"`
	Departures  int `json:"departures"`
}

func (l limit) allows(preemptions, departures int) bool {
	return (l.Preemptions < 0 || preemptions <= l.Preemptions) && (l.Departures < 0 || departures <= l.Departures)
}

// A node is one choice.
type node struct {
	options []option
	taken   int
	sign    uint32 // of the options, to see whether a replay offers the same
	cost    cost   // of the choices before
}

// An option is a call that may go on; the usual one stands first.
type option struct {
	actor    int32
	preempts bool
}

// cost counts departures.
type cost struct{ preemptions, departures int }

func (c cost) add(n *node, i int) cost {
	if i > 0 {
		c.departures++
		if n.options[i].preempts {
			c.preemptions++
		}
	}
	return c
}

// begin starts the next run.
func (t *tree) begin() { t.depth, t.stray = 0, -1 }

// choose is a pick. It gives up the run if that strays from the one before.
func (t *tree) choose(step int, c *chooser) int {
	usual, holds := c.usual()
	sign := signature(c)
	if t.depth < len(t.nodes) {
		n := &t.nodes[t.depth]
		i := -1
		if n.sign == sign {
			i = indexOf(c, int(n.options[n.taken].actor))
		}
		if i < 0 {
			t.stray = step
			return -1
		}
		t.depth++
		return i
	}
	if len(t.nodes) < cap(t.nodes) {
		t.nodes = t.nodes[:len(t.nodes)+1]
	} else {
		t.nodes = append(t.nodes, node{})
	}
	n := &t.nodes[t.depth]
	n.sign, n.taken = sign, 0
	n.options = append(n.options[:0], option{actor: int32(c.held[usual].id)})
	for i, s := range c.held {
		if i != usual {
			n.options = append(n.options, option{int32(s.id), holds || s.silent})
		}
	}
	n.cost = cost{}
	if t.depth > 0 {
		before := &t.nodes[t.depth-1]
		n.cost = before.cost.add(before, before.taken)
	}
	t.depth++
	return usual
}

// next turns to the schedule after the one that was run; false: there is none within the limit.
func (t *tree) next() bool {
	for len(t.nodes) > 0 {
		last := len(t.nodes) - 1
		n := &t.nodes[last]
		for n.taken++; n.taken < len(n.options); n.taken++ {
			if after := n.cost.add(n, n.taken); t.limit.allows(after.preemptions, after.departures) {
				return true
			}
			t.cut = true
		}
		t.nodes = t.nodes[:last]
	}
	return false
}

// progress estimates how much of the tree has been walked, 0 to 1, as if the branches of a node were all of one size.
func (t *tree) progress() float64 {
	done, width := 0.0, 1.0
	for i := range t.nodes {
		n := &t.nodes[i]
		before, all := 0, 0
		for o := range n.options {
			if after := n.cost.add(n, o); t.limit.allows(after.preemptions, after.departures) {
				all++
				if o < n.taken {
					before++
				}
			}
		}
		width /= float64(max(all, 1))
		done += float64(before) * width
	}
	return done
}

// skip leaves out the choices after the first depth ones.
func (t *tree) skip(depth int) { t.nodes = t.nodes[:min(depth, len(t.nodes))] }

// spent is what the schedule of the last run departed by.
func (t *tree) spent() cost {
	if len(t.nodes) == 0 {
		return cost{}
	}
	n := &t.nodes[len(t.nodes)-1]
	return n.cost.add(n, n.taken)
}

// schedule is that of the nodes.
func (t *tree) schedule() Schedule {
	var s Schedule
	for i := range t.nodes {
		if n := &t.nodes[i]; n.taken > 0 {
			s.Switches = append(s.Switches, Switch{i, int(n.options[n.taken].actor)})
		}
	}
	return s
}

// signature is a hash of who is held, and at what.
func signature(c *chooser) uint32 {
	h := uint32(2166136261)
	for _, s := range c.held {
		h = (h ^ uint32(s.id)) * 16777619
		h = (h ^ uint32(code(s.kind))) * 16777619
	}
	return h
}

func code(k transcript.Kind) byte { return k[0] }

func indexOf(c *chooser, actor int) int {
	for i, s := range c.held {
		if s.id == actor {
			return i
		}
	}
	return -1
}
