package timeline

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Perfetto writes the timeline in the trace event format, which ui.perfetto.dev opens: a track for each lane, with a slice for each
// state, an instant for each line, a flow for each message; and a track for each thing, with a slice for each hold. A lane of a process
// is a process there, and one of the name "process/thread" a thread of it; all others are threads of the run.
func (t Timeline) Perfetto(w io.Writer, title string) error {
	t.Lanes = slices.Clone(t.Lanes)
	t.order()
	out := bufio.NewWriter(w)
	p := &perfetto{w: out, places: placesOf(t.Lanes), pids: map[string]int{}}
	fmt.Fprint(out, `{"displayTimeUnit":"ns","traceEvents":[`)
	p.process(title)
	for i, l := range t.Lanes {
		p.lanes = append(p.lanes, p.lane(l, title, t.Lanes))
		p.states(p.lanes[i], l, p.endsAt(i, t.Messages))
	}
	if others := t.Others; others.N > 0 {
		p.states(p.thread(title, others.label()), Lane{Spans: others.Spans}, nil)
	}
	p.messages(t.Messages)
	for _, h := range t.Things {
		p.thing(h)
	}
	about := map[string]string{"title": title}
	if notes := t.notes(); len(notes) > 0 {
		about["notes"] = strings.Join(notes, "; ")
	}
	text, err := json.Marshal(about)
	if err == nil {
		err = p.err
	}
	fmt.Fprintf(out, "\n],\"otherData\":%s}\n", text)
	if err != nil {
		return err
	}
	return out.Flush()
}

// perfetto is a trace that is being written.
type perfetto struct {
	w       io.Writer
	started bool // the first event is written
	err     error
	pids    map[string]int // by the name of the process
	tids    int
	lanes   []perfettoTrack
	places
}

// perfettoTrack is a thread of the format.
type perfettoTrack struct{ pid, tid int }

// perfettoEvent is one event of the format. Times are in microseconds.
type perfettoEvent struct {
	Name  string            `json:"name"`
	Phase string            `json:"ph"`
	Kind  string            `json:"cat,omitempty"`
	At    json.Number       `json:"ts,omitempty"`
	For   json.Number       `json:"dur,omitempty"`
	PID   int               `json:"pid"`
	TID   int               `json:"tid"`
	ID    int               `json:"id,omitempty"`
	Scope string            `json:"s,omitempty"`  // of an instant: t is its thread
	Bind  string            `json:"bp,omitempty"` // of the end of a flow: e is the slice around it
	Args  map[string]string `json:"args,omitempty"`
}

// micros is a time in microseconds. Perfetto's trace processor multiplies it by 1000 as a float64 and cuts what is behind the point
// (json_trace_utils.cc). Six of a thousand times would come out a nanosecond short; then a slice begins before the one ahead of
// it has ended, and is dropped (slice_drop_overlapping_complete_event). Such a time has a tenth of a nanosecond more.
func micros(d time.Duration) json.Number {
	text := fmt.Sprintf("%d.%03d", d/time.Microsecond, d%time.Microsecond)
	if us, err := strconv.ParseFloat(text, 64); err == nil && time.Duration(us*1000) < d {
		text += "1"
	}
	return json.Number(text)
}

func (p *perfetto) event(e perfettoEvent) {
	text, err := json.Marshal(e)
	if err != nil && p.err == nil {
		p.err = fmt.Errorf("write a trace event %q: %w", e.Name, err)
	}
	if p.started {
		io.WriteString(p.w, ",")
	}
	p.started = true
	io.WriteString(p.w, "\n")
	p.w.Write(text) // the buffer keeps its first error
}

// process returns the process of that name, and names it when it is new.
func (p *perfetto) process(name string) int {
	pid := p.pids[name]
	if pid == 0 {
		pid = len(p.pids) + 1
		p.pids[name] = pid
		p.event(perfettoEvent{Name: "process_name", Phase: "M", PID: pid, Args: map[string]string{"name": cmp.Or(name, "?")}})
	}
	return pid
}

// thread begins a track below the others of its process.
func (p *perfetto) thread(process, name string) perfettoTrack {
	p.tids++
	at := perfettoTrack{p.process(process), p.tids}
	p.event(perfettoEvent{Name: "thread_name", Phase: "M", PID: at.pid, TID: at.tid, Args: map[string]string{"name": cmp.Or(name, "?")}})
	return at
}

// lane begins the track of a lane.
func (p *perfetto) lane(l Lane, title string, all []Lane) perfettoTrack {
	if l.Process {
		return p.thread(l.Name, l.Name)
	}
	before, after, _ := strings.Cut(l.Name, "/")
	if after != "" && slices.ContainsFunc(all, func(other Lane) bool { return other.Name == before }) {
		return p.thread(before, after)
	}
	return p.thread(title, l.Name)
}

func (p *perfetto) slice(at perfettoTrack, kind, name string, from, to time.Duration) {
	p.event(perfettoEvent{Name: name, Phase: "X", Kind: kind, At: micros(from), For: micros(to - from), PID: at.pid, TID: at.tid})
}

func (p *perfetto) instant(at perfettoTrack, kind, name string, when time.Duration) {
	p.event(perfettoEvent{Name: name, Phase: "i", Kind: kind, At: micros(when), PID: at.pid, TID: at.tid, Scope: "t"})
}

// perfettoEnd is one end of a message, in a lane.
type perfettoEnd struct {
	at   time.Duration
	name string
}

// endsAt returns the ends of messages in a lane, one for each moment.
func (p *perfetto) endsAt(lane int, messages []Message) (ends []perfettoEnd) {
	for _, m := range messages {
		from, to := p.ends(m)
		if from == lane {
			ends = append(ends, perfettoEnd{m.Sent, "sends " + m.about()})
		}
		if to == lane {
			ends = append(ends, perfettoEnd{max(m.Sent, m.Received), "receives " + m.about()})
		}
	}
	slices.SortStableFunc(ends, func(x, y perfettoEnd) int { return cmp.Compare(x.at, y.at) })
	return slices.CompactFunc(ends, func(x, y perfettoEnd) bool { return x.at == y.at })
}

// states writes what an actor did, and what it said. A message begins and ends at a slice: it has one of its own, within the state around it.
func (p *perfetto) states(at perfettoTrack, l Lane, ends []perfettoEnd) {
	next := 0
	message := func(until, limit time.Duration) {
		for ; next < len(ends) && ends[next].at < until; next++ {
			from := ends[next].at
			to := min(from+time.Microsecond, limit)
			if next+1 < len(ends) {
				to = min(to, ends[next+1].at)
			}
			p.slice(at, "message", ends[next].name, from, max(to, from))
		}
	}
	const never = 1<<63 - 1
	for _, s := range l.Spans {
		message(s.From, s.From)
		p.slice(at, "state", s.does(), s.From, s.To)
		message(s.To, s.To)
	}
	message(never, never)
	for i, when := range l.Lines {
		text := l.text(i)
		if text == "" {
			text = "says a line"
		}
		p.instant(at, "line", text, when)
	}
}

// messages writes the flows between lanes.
func (p *perfetto) messages(all []Message) {
	for i, m := range all {
		sender, receiver := p.ends(m)
		if sender < 0 || receiver < 0 {
			continue
		}
		from, to := p.lanes[sender], p.lanes[receiver]
		flow := perfettoEvent{Name: m.about(), Phase: "s", Kind: "message", At: micros(m.Sent), PID: from.pid, TID: from.tid, ID: i + 1}
		p.event(flow)
		flow.Phase, flow.At, flow.PID, flow.TID, flow.Bind = "f", micros(max(m.Sent, m.Received)), to.pid, to.tid, "e"
		p.event(flow)
	}
}

// thing writes who held a thing: a track for as many as held it at once. One that is released by others has instants instead.
func (p *perfetto) thing(h Thing) {
	const process = "held"
	if h.Signal {
		at := p.thread(process, h.Name)
		for _, when := range h.Given {
			p.instant(at, "hold", "released", when)
		}
		for _, when := range h.Taken {
			p.instant(at, "hold", "acquired", when)
		}
		return
	}
	type row struct {
		at  perfettoTrack
		end time.Duration
	}
	var rows []row
	for _, hold := range h.Holds {
		i := slices.IndexFunc(rows, func(r row) bool { return r.end <= hold.From })
		if i < 0 {
			i = len(rows)
			rows = append(rows, row{at: p.thread(process, h.Name)})
		}
		rows[i].end = hold.To
		p.slice(rows[i].at, "hold", cmp.Or(hold.By, "?"), hold.From, hold.To)
	}
}
