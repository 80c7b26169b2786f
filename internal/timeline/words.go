package timeline

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// clock writes times of one timeline, all in one unit.
type clock struct {
	unit     time.Duration
	name     string
	decimals int
}

func (t Timeline) clock() clock {
	switch {
	case t.Steps:
		return clock{time.Millisecond, "steps", 0}
	case t.End >= time.Second:
		return clock{time.Second, "s", 3}
	}
	return clock{time.Millisecond, "ms", max(0, 4-int(math.Floor(math.Log10(float64(t.End)/float64(time.Millisecond)))))}
}

func (k clock) number(at time.Duration) string {
	return strconv.FormatFloat(float64(at)/float64(k.unit), 'f', k.decimals, 64)
}

// at is a moment, such as "at 1.2 ms".
func (k clock) at(at time.Duration) string {
	if k.decimals == 0 && k.name == "steps" {
		return "in step " + strconv.FormatInt(int64(at/k.unit)+1, 10)
	}
	return "at " + k.number(at) + " " + k.name
}

// from is a stretch of time, such as "1.2 to 1.5 ms (0.3 ms)".
func (k clock) from(from, to time.Duration) string {
	return fmt.Sprintf("%s to %s %s (%s)", k.number(from), k.number(to), k.name, k.length(to-from))
}

// length is how long something took, such as "1.2 ms".
func (k clock) length(d time.Duration) string {
	return k.number(d) + " " + k.name
}

// length is how long a run took, with few digits.
func length(d time.Duration, steps bool) string {
	switch {
	case steps:
		return counted(int(d/time.Millisecond), "step")
	case d >= time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 2, 64) + " s"
	}
	return inMilliseconds(d)
}

// about is what a message was.
func (m Message) about() string { return cmp.Or(m.Text, "a message") }

// does says in one word what an actor does in a state, and for what.
func (s Span) does() string {
	switch s.State {
	case Running:
		if s.For != "" {
			return "runs " + s.For
		}
		return "runs"
	case Ready:
		return "is ready, waits for its turn"
	case Waiting:
		if s.For != "" {
			return "waits for " + s.For
		}
		return "waits"
	case Sleeping:
		return "sleeps"
	}
	return "lives, in a process of its own"
}

// about tells what a lane shows.
func (l Lane) about(whole time.Duration) string {
	var in [states]time.Duration
	for _, s := range l.Spans {
		in[s.State] += s.To - s.From
	}
	var parts []string
	for state, name := range []string{Running: "runs", Ready: "is ready", Waiting: "waits", Sleeping: "sleeps", Apart: "lives in a process of its own"} {
		if share := 100 * float64(in[state]) / float64(whole); share >= 0.5 {
			parts = append(parts, fmt.Sprintf("%s %.0f %%", name, share))
		}
	}
	if n := len(l.Lines); n > 0 {
		parts = append(parts, "says "+counted(n, "line"))
	}
	if len(parts) == 0 {
		parts = []string{"is there"}
	}
	return l.Name + " " + strings.Join(parts, ", ")
}

// about tells who held a thing.
func (h Thing) about() string {
	if h.Signal {
		return fmt.Sprintf("%s: released %s, acquired %s", h.Name, counted(len(h.Given), "time"), counted(len(h.Taken), "time"))
	}
	by, order := map[string]int{}, []string{}
	for _, hold := range h.Holds {
		if by[hold.By]++; by[hold.By] == 1 {
			order = append(order, hold.By)
		}
	}
	for i, name := range order {
		order[i] = fmt.Sprintf("%s %s", name, counted(by[name], "time"))
	}
	if len(order) > 6 {
		order = append(order[:6], "others")
	}
	return h.Name + ": held by " + strings.Join(order, ", ")
}
