package timeline

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"cookbook/internal/terminal"
	"cookbook/internal/waitfor"

	"golang.org/x/exp/trace"
)

// LogLine is the word under which a program that is traced logs the name of an actor that says a line. A thread runs in a task that
// has its name; package waitfor has the words for waits, acquisitions, releases, messages and processes.
const LogLine = waitfor.LogLine

// Methods that tell, when they stand on a stack, what a goroutine does.
const (
	pauseMethod = "/transcript.(*Log).Sleep" // a wait in it is a pause
	serveMethod = "/transcript.(*Log).Serve" // a line in it is of another process
)

// ReadTrace makes a timeline of what runtime/trace wrote.
//
// Every actor that says a line has a lane. It is the lane of the goroutine that does a task of that name, of the process of that name,
// of one that speaks as nobody else, or of the goroutines without a task that speak so. An actor that has none of these, because
// others speak for it, has a lane of lines alone. Goroutines that do a task, and processes, have a lane if they are silent, too.
// Those of one name that come one after another share it. Of all others that descend from the goroutine that does the first task,
// those that a function of a recipe starts have lanes that are called after it, and the rest are one lane.
//
// Of a trace that is broken in the middle, ReadTrace returns what came before, and an error.
func ReadTrace(r io.Reader) (Timeline, error) { return ReadTraces(r, nil) }

// A Part is what a child process has recorded.
type Part struct {
	Key   string // by which the process that started it knows it
	Trace io.Reader
}

// ReadTraces is [ReadTrace] for a process and those that it started, and those started in turn. The parts may come in any order.
//
// The lane of a process shows what the goroutine does that the process is for. Goroutines of a child that do another task have lanes
// under the name of the process, as in "Process-1/feeder". What a process did before its trace began, or after it ended, is not known
// but that it lived. A part that is broken or ends early is no error: see [Timeline.Cut].
func ReadTraces(r io.Reader, parts []Part) (t Timeline, err error) {
	b := newBuilder()
	defer func() {
		if p := recover(); p != nil { // an event that is inconsistent in itself
			t, err = Timeline{}, fmt.Errorf("read a trace: it is inconsistent: %v", p)
		}
	}()
	root := newSource(b.add(""), r)
	sources := []*source{root}
	for _, part := range parts[:min(len(parts), maxParts)] {
		sources = append(sources, newSource(b.add(part.Key), part.Trace))
	}
	b.first = root.at
	for s := earliest(sources); s != nil; s = earliest(sources) {
		b.late = s.late
		b.event(s.in, s.at-b.first, s.e)
		s.advance()
	}
	for _, s := range sources {
		s.in.broken = s.err != io.EOF
	}
	if root.err != io.EOF {
		err = root.err
	}
	return b.timeline(), err
}

// builder collects what the events say, by goroutine; who of them has a lane is known only at the end.
type builder struct {
	first    time.Duration // on the clock of the machine
	now      time.Duration // the last event of the root
	late     bool          // the event at hand happened earlier than its time says
	all      []*process    // the root first
	keys     map[string]*process
	order    []*goroutine // of all processes
	things   map[string]*thing
	reasons  map[trace.Stack]reason
	origins  map[trace.Stack]string
	messages mail
	clocks   clocks
}

func newBuilder() *builder {
	return &builder{
		keys: map[string]*process{}, things: map[string]*thing{}, reasons: map[trace.Stack]reason{}, origins: map[trace.Stack]string{},
		messages: mail{ends: map[string]half{}},
	}
}

type task struct {
	name             string
	from, to         time.Duration
	ended            bool
	begunBy, endedBy *goroutine
	doer             *goroutine
}

func (b *builder) event(p *process, at time.Duration, e trace.Event) {
	if p.last, p.late = at, b.late; p == b.all[0] {
		b.now = at
	}
	if !p.seen {
		p.from, p.seen = at, true
	}
	switch e.Kind() {
	case trace.EventStateTransition:
		if s := e.StateTransition(); s.Resource.Kind == trace.ResourceGoroutine {
			b.transition(p, at, e, s)
		}
	case trace.EventTaskBegin:
		k := &task{name: safeName(e.Task().Type), from: at, begunBy: b.goroutine(p, e.Goroutine())}
		p.tasks[e.Task().ID] = k
		if p.begun = append(p.begun, k); len(p.begun) == 1 {
			p.claim(k.begunBy, e.Task().ID)
		}
	case trace.EventTaskEnd:
		if k := p.tasks[e.Task().ID]; k != nil {
			k.to, k.ended, k.endedBy = at, true, b.goroutine(p, e.Goroutine())
		}
	case trace.EventRegionBegin:
		g := b.goroutine(p, e.Goroutine())
		p.claim(g, e.Region().Task)
		g.enter(at, e.Region().Type)
	case trace.EventRegionEnd:
		b.goroutine(p, e.Goroutine()).leave(at, e.Region().Type)
	case trace.EventLog:
		b.log(p, at, b.goroutine(p, e.Goroutine()), e)
	}
}

func (b *builder) goroutine(p *process, id trace.GoID) *goroutine {
	g := p.goroutines[id]
	if g == nil {
		g = &goroutine{in: p}
		p.goroutines[id] = g
		b.order = append(b.order, g)
	}
	return g
}

func (b *builder) log(p *process, at time.Duration, g *goroutine, e trace.Event) {
	l := e.Log()
	k := p.tasks[l.Task]
	if l.Category == waitfor.LogReady {
		if k != nil && k.doer != nil {
			k.doer.woken(at)
		}
		return
	}
	if l.Category == waitfor.LogDid {
		b.did(p, at, k, l.Message)
		return
	}
	p.claim(g, l.Task)
	name := safeName(l.Message)
	switch l.Category {
	case LogLine:
		g.said = append(g.said, line{at, name, b.late})
		g.served = g.served || b.reason(e.Stack()).served
	case waitfor.LogSay:
		if p.key == "" {
			return // a log at its other end is in this process, too
		}
		t := sentLine{line: line{at, name, b.late}, by: g, forwarded: b.reason(e.Stack()).served}
		if p.said = append(p.said, t); t.forwarded {
			g.said, g.served = append(g.said, t.line), true
		}
	case waitfor.LogHeard:
		if n := len(p.said); n > 0 {
			p.said[n-1].heard = at
		}
	case waitfor.LogAcquire, waitfor.LogRelease:
		by := ""
		if k != nil {
			by = p.prefix() + k.name
		} else if p.key != "" {
			by = p.prefix()
		}
		b.hold(at, name, by, l.Category == waitfor.LogAcquire)
	case waitfor.LogTake, waitfor.LogGive:
		by := p.prefix()
		if p.key == "" {
			by = mainName
		}
		b.hold(at, name, by, l.Category == waitfor.LogTake)
	case waitfor.LogSend, waitfor.LogReceive:
		if k != nil {
			g = cmp.Or(k.doer, g)
		}
		b.message(at, g, l.Message, l.Category == waitfor.LogSend)
	case waitfor.LogSpawn, waitfor.LogChild, waitfor.LogEnd:
		b.family(p, at, g, l.Category, l.Message)
	}
}

// hold notes that somebody has acquired or releases a thing.
func (b *builder) hold(at time.Duration, name, by string, acquired bool) {
	if name == "" { // not to be told from others without a name
		return
	}
	h := b.things[name]
	if h == nil {
		h = &thing{Thing: Thing{Name: name}}
		b.things[name] = h
	}
	if acquired {
		h.acquire(at, by)
	} else {
		h.release(at, by, b.late)
	}
}

// safeName is a name on one line that cannot steer a terminal.
func safeName(name string) string { return terminal.Safe(terminal.OneLine(name)) }
