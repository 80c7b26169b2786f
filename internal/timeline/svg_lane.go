package timeline

import (
	"time"

	"cookbook/internal/svg"
)

// act is what a lane shows in one column: a state, and the lane whose colour that has, -1 for none.
type act struct {
	state State
	on    string // what for
	color int
}

// stint is neighbouring columns that show the same.
type stint struct {
	act
	from, to time.Duration
}

// share is what an actor did in one column, by state.
type share struct {
	in       time.Duration
	on       string // in the longest part
	longest  time.Duration
	from, to time.Duration // of the first and the last part
}

// shares are by column what an actor did. They hold until the next call.
func (c *canvas) shares(spans []Span) [][states]share {
	if c.columns == nil {
		c.columns = make([][states]share, c.scale.cells)
	}
	all := c.columns
	clear(all)
	for _, s := range spans {
		for i := c.scale.column(s.From); i < c.scale.cells && c.scale.starts(i) < s.To; i++ {
			from, to := max(s.From, c.scale.starts(i)), min(s.To, c.scale.starts(i+1))
			sh := &all[i][s.State]
			if sh.in == 0 {
				sh.from = from
			}
			sh.in += to - from
			sh.to = to
			if to-from > sh.longest {
				sh.longest, sh.on = to-from, s.For
			}
		}
	}
	return all
}

// stints are what a lane shows: in each column the most telling state. A run that is too brief for that shows, too, where it
// interrupts something long.
func (c *canvas) stints(spans []Span, lane int) []stint {
	shares := c.shares(spans)
	const nothing = State(states)
	winners := make([]State, len(shares))
	for i, sh := range shares {
		winners[i] = nothing
		best := time.Duration(0)
		for state := range sh {
			if n := score(State(state), sh[state].in); n > best {
				best, winners[i] = n, State(state)
			}
		}
	}
	around := func(i int) bool {
		for k := max(0, i-2); k <= min(i+2, len(winners)-1); k++ {
			if winners[k] == Running {
				return true
			}
		}
		return false
	}
	var all []stint
	for i, sh := range shares {
		if sh[Running].in > 0 && !around(i) {
			winners[i] = Running
		}
		if winners[i] == nothing {
			continue
		}
		won := sh[winners[i]]
		next := stint{act{winners[i], won.on, lane}, won.from, won.to}
		switch next.state {
		case Waiting:
			next.color = c.holder(won.on, i)
		case Sleeping:
			next.color = -1
		}
		if n := len(all); n > 0 && all[n-1].act == next.act && c.scale.column(all[n-1].to-1) >= i-1 {
			all[n-1].to = next.to
		} else {
			all = append(all, next)
		}
	}
	return all
}

// drawLanes draws what the actors did.
func (c *canvas) drawLanes() {
	for i, l := range c.t.Lanes {
		if !c.shown[i] {
			continue
		}
		c.label(c.color(i), l.Name, c.rows[i])
		c.drawLane(l.Name, c.stints(l.Spans, i), c.rows[i])
	}
	if c.t.Others.runs(c.t.End) {
		c.label("", c.t.Others.label(), c.others)
		c.drawLane(c.t.Others.label(), c.stints(c.t.Others.Spans, -1), c.others)
	}
}

// drawLane draws the states of one lane: those that are too short for a title together, by look.
func (c *canvas) drawLane(name string, stints []stint, bar float64) {
	type look struct {
		state State
		color int
	}
	var order []look
	short := map[look]*svg.Path{}
	last, end := "", 0.0 // the name that was written last, and where
	k := c.t.clock()
	for _, s := range stints {
		c.used[sample(s.state)] = true
		x, to := c.at(s.from), c.at(s.to)
		to = max(to, x+c.detail.grain)
		if to-x < c.detail.titled {
			of := look{s.state, s.color}
			if short[of] == nil {
				short[of] = new(svg.Path)
				order = append(order, of)
			}
			shape(short[of], s.state, x, to, bar)
			continue
		}
		c.p.Begin(c.color(s.color), name+" "+Span{State: s.state, For: s.on}.does()+", "+k.from(s.from, s.to))
		var p svg.Path
		shape(&p, s.state, x, to, bar)
		c.p.Path(classes(s.state), &p)
		if text := c.fit(s.on, to-x-8); text != "" && (s.on != last || x-end > 120) {
			class := "ink small"
			if s.state == Running {
				class = "ground small bold"
			}
			c.p.Text(class, x+4, bar+barHeight/2+0.35*smallSize, text)
			last, end = s.on, x+svg.Width(text, smallSize)
		}
		c.p.End()
	}
	for _, of := range order {
		c.p.Begin(c.color(of.color), "")
		c.p.Path(classes(of.state), short[of])
		c.p.End()
	}
}

// fit is a text that is written into a shape, "" if the shape has no room for it.
func (c *canvas) fit(text string, room float64) string {
	if text == "" || room < min(svg.Width(text, smallSize), 60) {
		return ""
	}
	return svg.Fit(text, smallSize, room)
}

// shape adds the shape of a state: they differ in height, so that nobody needs to tell them by colours.
func shape(p *svg.Path, s State, x, to, bar float64) {
	switch s {
	case Running:
		p.Rect(x, bar, to-x, barHeight)
	case Waiting:
		p.Rect(x, bar+2, to-x, barHeight-4)
	case Ready:
		p.Rect(x, bar+barHeight/2, to-x, barHeight/2)
	default:
		p.Move(x, bar+barHeight/2)
		p.Line(to, bar+barHeight/2)
	}
}

// classes are the classes of a state's shape.
func classes(s State) string {
	return [states]string{Running: "fill", Ready: "fill soft", Waiting: "fill tint", Sleeping: "line dots", Apart: "line dash0"}[s]
}

// holder is the lane that is waited for in a column: it alone holds the thing there, or has that name.
func (c *canvas) holder(on string, column int) int {
	if i := c.find(on); i >= 0 {
		return i
	}
	if by := c.holders[on]; by != nil {
		return by[column]
	}
	return -1
}

// hold notes by column who holds each thing.
func (c *canvas) hold() {
	c.holders = map[string][]int{}
	for _, h := range c.t.Things {
		const nobody, several = -2, -1
		by := make([]int, c.scale.cells)
		for i := range by {
			by[i] = nobody
		}
		for _, hold := range h.Holds {
			lane := c.find(hold.By)
			for i := c.scale.column(hold.From); i < c.scale.cells && c.scale.starts(i) < hold.To; i++ {
				if by[i] != nobody && by[i] != lane {
					lane = several
				}
				by[i] = lane
			}
		}
		for i := range by {
			by[i] = max(by[i], -1)
		}
		c.holders[h.Name] = by
	}
}
