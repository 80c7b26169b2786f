package timeline

import (
	"slices"
	"strings"
	"time"

	"cookbook/internal/waitfor"

	"golang.org/x/exp/trace"
)

// process is what is known of a process that recorded itself: the one whose timeline it is, or a child.
type process struct {
	key        string // "" of the root
	goroutines map[trace.GoID]*goroutine
	tasks      map[trace.TaskID]*task
	begun      []*task // in their order
	seen       bool    // there is an event
	from, last time.Duration
	late       bool // the last happened earlier
	ended      bool // it said so
	broken     bool // its trace is

	parent     *process
	spawned    time.Duration // when it was started, by the parent's clock
	spawnKnown bool
	lane       *goroutine   // as its parent sees it
	calls      []*goroutine // that act under a task of its own name
	said       []sentLine
}

// sentLine is a line that a child had its parent record.
type sentLine struct {
	line
	heard     time.Duration // when the child knew that it was recorded; 0: it never did
	by        *goroutine
	forwarded bool // it is of a child of the child
}

// add makes a process known.
func (b *builder) add(key string) *process {
	p := &process{key: key, goroutines: map[trace.GoID]*goroutine{}, tasks: map[trace.TaskID]*task{}}
	b.all = append(b.all, p)
	b.keys[key] = p
	return p
}

// claim notes that a goroutine acts under a task. The first goroutine that does so does the task, even if another one began it.
// Only the first task of a process is always done by the goroutine that begins it.
func (p *process) claim(g *goroutine, id trace.TaskID) {
	if k := p.tasks[id]; k != nil && k.doer == nil && g.task == nil {
		k.doer, g.task = g, k
	}
}

// settleTasks has tasks under which nobody acts done by those who began or ended them.
func (p *process) settleTasks() {
	for _, k := range p.begun {
		for _, g := range []*goroutine{k.endedBy, k.begunBy} {
			if k.doer == nil && g != nil && g.task == nil {
				k.doer, g.task = g, k
			}
		}
	}
}

// main returns the task that the process is for, nil if it has not begun.
func (p *process) main() *task {
	if len(p.begun) == 0 {
		return nil
	}
	return p.begun[0]
}

// isFor reports whether a child is there for a task: its first one, or one of its own name, such as a call that it serves.
func (p *process) isFor(k *task) bool {
	return p.key != "" && k != nil && (k == p.main() || k.name == waitfor.ProcessTask || p.lane != nil && k.name == p.lane.label)
}

// keyEnd stands between the key of a child and the name of a thread of it, as long as it is not known what the child is called.
const keyEnd = "\x00"

// prefix stands before the names of its threads.
func (p *process) prefix() string {
	if p == nil || p.key == "" {
		return ""
	}
	return p.key + keyEnd
}

// family notes what is said of children, under these words.
func (b *builder) family(p *process, at time.Duration, g *goroutine, word, key string) {
	child := b.keys[key]
	if child == nil && word == waitfor.LogChild && len(b.all) <= maxParts {
		child = b.add(key) // it has left nothing
	}
	if child == nil || child.key == "" {
		return
	}
	switch word {
	case waitfor.LogSpawn:
		child.parent = p
		child.spawned, child.spawnKnown = at, !b.late
	case waitfor.LogChild:
		if child.parent, child.lane = p, g.process; g.process != nil {
			g.process.self = child
		}
	case waitfor.LogEnd:
		if p == child {
			p.ended = true
		}
	}
}

// join has the lane of each child show what its main goroutine did, and gives the lines to those who said them. It returns
// lanes for children of whom no parent knows anything.
func (b *builder) join(end time.Duration) (orphans []*goroutine) {
	for _, p := range b.all[1:] {
		if !p.seen {
			continue
		}
		if p.lane == nil {
			p.lane = &goroutine{in: b.all[0], born: p.from, label: "process", named: true, isProcess: true, self: p}
			p.lane.spans = []Span{{From: p.from, To: p.last, State: Apart}}
			orphans = append(orphans, p.lane)
		}
	}
	for _, p := range b.all[1:] {
		if p.seen {
			b.clocks.lives(p)
			b.settleLines(p)
			p.show(end)
		}
	}
	return orphans
}

// settleLines pairs the lines that a child has said with those that its parent has recorded, in that order: the clocks are checked by them.
func (b *builder) settleLines(p *process) {
	recorded := p.lane.said
	var left []line // on the lane of the process
	n := 0
	for ; n < min(len(recorded), len(p.said)) && recorded[n].actor == p.said[n].actor; n++ {
		t := p.said[n]
		b.clocks.line(p, t, recorded[n])
		switch g := t.by; {
		case t.forwarded:
		case g.task != nil && !p.isFor(g.task):
			g.said = append(g.said, recorded[n])
		default:
			left = append(left, recorded[n])
		}
	}
	p.lane.said = append(left, recorded[n:]...)
}

// show has the lane of a process show its main goroutine, for the time in which that is known.
func (p *process) show(end time.Duration) {
	main := p.main()
	if main == nil || main.doer == nil || len(main.doer.spans) == 0 {
		return
	}
	lane, spans := p.lane, main.doer.spans
	if main.doer.open {
		spans[len(spans)-1].To = p.last
	}
	from, to := max(main.from, spans[0].From), spans[len(spans)-1].To
	if main.ended {
		to = min(to, main.to)
	}
	if lane.open {
		lane.close(end)
	}
	var shown []Span
	for _, s := range lane.spans { // before and after
		if s.From < from {
			shown = append(shown, Span{From: s.From, To: min(s.To, from), State: s.State, For: s.For})
		}
	}
	for _, s := range spans {
		if s.From, s.To = max(s.From, from), min(s.To, to); s.From < s.To {
			shown = append(shown, s)
		}
	}
	for _, s := range lane.spans {
		if s.To > to {
			shown = append(shown, Span{From: max(s.From, to), To: s.To, State: s.State, For: s.For})
		}
	}
	var together [][]Span // of calls that overlap
	end = 0
	for _, g := range p.calls { // in the order in which they came to be
		over := g.spansOfTask(p.last)
		if len(over) == 0 {
			continue
		}
		if over[0].From >= end && len(together) > 0 {
			shown = overlay(shown, merge(together))
			together = nil
		}
		together = append(together, over)
		end = max(end, over[len(over)-1].To)
	}
	if len(together) > 0 {
		shown = overlay(shown, merge(together))
	}
	lane.spans = shown
}

// spansOfTask is what a goroutine does in the life of its task, up to the last that is known of its process.
func (g *goroutine) spansOfTask(end time.Duration) (all []Span) {
	if g.task.ended {
		end = g.task.to
	}
	for i, s := range g.spans {
		if g.open && i == len(g.spans)-1 {
			s.To = end
		}
		if s.From, s.To = max(s.From, g.task.from), min(s.To, end); s.From < s.To {
			all = append(all, s)
		}
	}
	return all
}

// overlay has spans take the place of what was there.
func overlay(under, over []Span) (all []Span) {
	from, to := over[0].From, over[len(over)-1].To
	for _, s := range under {
		if before := min(s.To, from); s.From < before {
			all = append(all, Span{s.From, before, s.State, s.For})
		}
	}
	all = append(all, over...)
	for _, s := range under {
		if after := max(s.From, to); after < s.To {
			all = append(all, Span{after, s.To, s.State, s.For})
		}
	}
	return all
}

// cut returns the lanes of the children that did not record to their end.
func (b *builder) cut() (lanes []string) {
	for _, p := range b.all[1:] {
		if p.lane != nil && (!p.ended || p.broken) {
			name := p.lane.label
			if p.lane.track != nil {
				name = p.lane.track.Name
			}
			lanes = append(lanes, name)
		}
	}
	slices.Sort(lanes)
	return slices.Compact(lanes)
}

// called gives the threads of children the names of these, now that they are settled.
func called(name string, processes map[string]*process) string {
	key, thread, found := strings.Cut(name, keyEnd)
	if !found {
		return name
	}
	p := processes[key]
	switch {
	case p == nil || p.lane == nil:
		return thread
	case thread == "":
		return p.lane.label
	}
	return p.lane.label + "/" + thread
}
