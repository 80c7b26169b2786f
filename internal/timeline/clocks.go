package timeline

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Clocks says how well the clocks of several processes agree. A timeline of one process has the zero value.
//
// A line is said by a child before its parent records it, and acknowledged after; a message is received after it was sent; a process
// begins after it was started and ends before its parent knows. Each of these bounds how far one clock may be ahead of another.
type Clocks struct {
	Processes int           // that recorded a part of the timeline
	Skew      time.Duration // a bound: no two clocks differ by more; 0 if that is not known
	Checks    int           // lines and messages that the bound is known from
	Wrong     int           // those of them by which an effect came before its cause: so the clocks do differ
}

// String is one line, "" for a timeline of one process.
func (c Clocks) String() string {
	if c.Processes < 2 {
		return ""
	}
	checked := "checked at " + linesOrMessages(c.Checks)
	if c.Checks == 0 {
		checked = "known from their starts and ends alone"
	}
	switch {
	case c.Wrong > 0:
		return fmt.Sprintf("the clocks of %d processes do not agree: %s came before being sent (%s)", c.Processes, linesOrMessages(c.Wrong), checked)
	case c.Skew == 0:
		return fmt.Sprintf("how well the clocks of %d processes agree is not known (%s)", c.Processes, checked)
	}
	return fmt.Sprintf("clocks of %d processes agree to within %s (%s)", c.Processes, roughly(c.Skew), checked)
}

func linesOrMessages(n int) string {
	if n == 1 {
		return "1 line or message"
	}
	return fmt.Sprintf("%d lines and messages", n)
}

// roughly says a time with two digits that count.
func roughly(d time.Duration) string {
	unit, name := time.Microsecond, "µs"
	switch {
	case d >= time.Second:
		unit, name = time.Second, "s"
	case d >= time.Millisecond:
		unit, name = time.Millisecond, "ms"
	}
	n := float64(d) / float64(unit)
	if n >= 10 {
		return fmt.Sprintf("%.0f %s", n, name)
	}
	return fmt.Sprintf("%.2g %s", n, name)
}

// clocks collects what bounds the differences between clocks.
type clocks struct {
	ahead         map[[2]*process]time.Duration // by how much the clock of the second may be ahead of that of the first, at most
	checks, wrong int
}

// order notes that something happened in one process before something in another one, by their clocks at these times.
func (c *clocks) order(p, q *process, before, after time.Duration) {
	if p == q || p == nil || q == nil {
		return
	}
	if c.ahead == nil {
		c.ahead = map[[2]*process]time.Duration{}
	}
	pair := [2]*process{p, q}
	if most, known := c.ahead[pair]; !known || after-before < most {
		c.ahead[pair] = after - before
	}
}

// lives notes that a child began after it was started, and ended before its parent knew.
func (c *clocks) lives(p *process) {
	if p.spawnKnown {
		c.order(p.parent, p, p.spawned, p.from)
	}
	if p.lane != nil && !p.lane.open && !p.late && len(p.lane.spans) > 0 {
		c.order(p, p.parent, p.last, p.lane.spans[len(p.lane.spans)-1].To)
	}
}

// line notes a line of a child, as its parent recorded it. What happened earlier than its time says proves nothing as a cause.
func (c *clocks) line(p *process, t sentLine, recorded line) {
	if !t.late {
		c.check(p, p.parent, t.at, recorded.at)
	}
	if t.heard != 0 && !recorded.late {
		c.order(p.parent, p, recorded.at, t.heard)
		if t.heard < recorded.at {
			c.wrong++
		}
	}
}

// message notes a message.
func (c *clocks) message(p, q *process, sent, received time.Duration) { c.check(p, q, sent, received) }

func (c *clocks) check(p, q *process, sent, received time.Duration) {
	if p == q || p == nil || q == nil {
		return
	}
	c.order(p, q, sent, received)
	c.checks++
	if received < sent {
		c.wrong++
	}
}

// settle says how well the clocks of these processes agree: what several bounds say together counts. A bound above the
// largest says nothing.
func (c *clocks) settle(all []*process, largest time.Duration) Clocks {
	all = slices.DeleteFunc(slices.Clone(all), func(p *process) bool { return !p.seen })
	n := len(all)
	if n < 2 {
		return Clocks{}
	}
	const far = math.MaxInt64 / 4
	most := make([]time.Duration, n*n)
	for i, p := range all {
		for j, q := range all {
			bound, known := c.ahead[[2]*process{p, q}]
			switch {
			case i == j:
				bound = 0
			case !known:
				bound = far
			}
			most[i*n+j] = bound
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				most[i*n+j] = min(most[i*n+j], most[i*n+k]+most[k*n+j])
			}
		}
	}
	result := Clocks{Processes: n, Checks: c.checks, Wrong: c.wrong}
	for _, bound := range most {
		result.Skew = max(result.Skew, bound)
	}
	if result.Skew > largest {
		result.Skew = 0
	}
	return result
}
