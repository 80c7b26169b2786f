package timeline

import (
	"slices"
	"time"

	"cookbook/internal/svg"
)

// held rows of a thing: several actors may hold it at once.
type heldRow struct {
	holds []Hold
	end   time.Duration
}

// pack puts the holds of a thing that can be seen into rows without overlap, and returns how many found no room.
func (c *canvas) pack(h Thing) (rows []heldRow, lost int) {
	rows = []heldRow{{}}
	for _, hold := range h.Holds {
		slack := time.Duration(float64(hold.To-hold.From) / 8) // a release may be noted shortly after the next one's acquisition
		i := slices.IndexFunc(rows, func(r heldRow) bool { return hold.From+slack >= r.end })
		if i < 0 {
			if len(rows) == maxRows {
				lost++
				continue
			}
			rows = append(rows, heldRow{})
			i = len(rows) - 1
		}
		rows[i].holds = append(rows[i].holds, hold)
		rows[i].end = max(rows[i].end, hold.To)
	}
	return rows, lost
}

// drawThings draws who held what.
func (c *canvas) drawThings() {
	for i, h := range c.t.Things {
		bar := c.things[i]
		c.label("", h.Name, bar)
		if h.Signal {
			c.drawSignal(h, bar)
			continue
		}
		for _, row := range c.packed[i] {
			c.drawHolds(h.Name, row.holds, bar)
			bar += barHeight + 2
		}
	}
}

// drawHolds draws one row of holds. Those too short for a frame are drawn together, by colour; where several actors hold it
// within one column, in the colour of none.
func (c *canvas) drawHolds(name string, holds []Hold, bar float64) {
	k := c.t.clock()
	by := map[int]int{} // by column: whose colour a short hold has there
	var columns []int
	for _, hold := range holds {
		lane := c.find(hold.By)
		x, to := c.at(hold.From), c.at(hold.To)
		if to-x < c.detail.titled {
			i := c.scale.column(hold.From)
			if before, ok := by[i]; !ok {
				columns = append(columns, i)
			} else if before != lane {
				lane = -1
			}
			by[i] = lane
			continue
		}
		c.used[sampleHeld] = true
		c.p.Begin(c.color(lane), name+": held by "+hold.By+", "+k.from(hold.From, hold.To))
		c.p.Rect("frame", x+0.5, bar+0.5, to-x-1, barHeight-1)
		if text := c.fit(hold.By, to-x-8); text != "" {
			c.p.Text("ink small", x+4, bar+barHeight/2+0.35*smallSize, text)
		}
		c.p.End()
	}
	var order []int
	short := map[int]*svg.Path{}
	for _, i := range columns {
		lane := by[i]
		if short[lane] == nil {
			short[lane] = new(svg.Path)
			order = append(order, lane)
		}
		short[lane].Rect(c.x(float64(i)), bar, max(1, c.detail.grain), barHeight)
		c.used[sampleHeld] = true
	}
	for _, lane := range order {
		c.p.Begin(c.color(lane), "")
		c.p.Path("fill", short[lane])
		c.p.End()
	}
}

// drawSignal draws when a thing was given, above, and taken, below.
func (c *canvas) drawSignal(h Thing, bar float64) {
	middle := bar + barHeight/2
	var given, taken svg.Path
	const half, height = 3.0, 6.0
	for _, x := range c.apart(h.Given) {
		given.Move(x-half, middle-1)
		given.Line(x+half, middle-1)
		given.Line(x, middle-1-height)
		given.Close()
	}
	for _, x := range c.apart(h.Taken) {
		taken.Move(x-half, middle+1)
		taken.Line(x+half, middle+1)
		taken.Line(x, middle+1+height)
		taken.Close()
	}
	if !given.Empty() {
		c.used[sampleGiven] = true
		c.p.Begin("c2", h.Name+": "+counted(len(h.Given), "time")+" released")
		c.p.Path("fill", &given)
		c.p.End()
	}
	if !taken.Empty() {
		c.used[sampleTaken] = true
		c.p.Begin("c1", h.Name+": "+counted(len(h.Taken), "time")+" acquired")
		c.p.Path("fill", &taken)
		c.p.End()
	}
}

// apart are the places of times, those that are close together once.
func (c *canvas) apart(times []time.Duration) []float64 {
	var all []float64
	last := -1
	for _, at := range times {
		if i := c.scale.column(at) / max(1, int(2/c.detail.grain)); i != last {
			all = append(all, c.at(at))
			last = i
		}
	}
	return all
}
