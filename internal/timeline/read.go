package timeline

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"cookbook/internal/terminal"
	"cookbook/internal/waitfor"

	"golang.org/x/exp/trace"
)

// LogLine is the word under which a program that is traced logs the name of an actor that says a line. A thread runs in a task that
// has its name; package waitfor has the words for waits, acquisitions and releases.
const LogLine = "line"

// Methods that tell, when they stand on a stack, what a goroutine does.
const (
	pauseMethod = "/transcript.(*Log).Sleep" // a wait in it is a pause
	serveMethod = "/transcript.(*Log).Serve" // a line in it is of another process
)

// ReadTrace makes a timeline of what runtime/trace wrote. A goroutine has a lane if it does a task. So have those that
// descend from the one that does the first task, if they speak, or if there is no other task; they bear the name of the
// actor, or a number. One that speaks for another process has a lane of lines alone. Those of one name that come one after
// another share a lane.
//
// Of a trace that is broken in the middle, ReadTrace returns what came before, and an error.
func ReadTrace(r io.Reader) (t Timeline, err error) {
	b := builder{goroutines: map[trace.GoID]*goroutine{}, tasks: map[trace.TaskID]*task{}, things: map[string]*thing{}, reasons: map[trace.Stack]reason{}}
	defer func() {
		if p := recover(); p != nil { // the reader panics at some traces that are inconsistent in themselves
			t, err = Timeline{}, fmt.Errorf("read a trace: it is inconsistent: %v", p)
		}
	}()
	in := bufio.NewReader(r)
	if head, _ := in.Peek(len("go 1.22")); string(head) < "go 1.22" || string(head) > "go 1.99" {
		return Timeline{}, errors.New("read a trace: want a trace of Go 1.22 or later")
	}
	events, err := trace.NewReader(in)
	if err != nil {
		return Timeline{}, fmt.Errorf("read a trace: %w", err)
	}
	for {
		e, err := events.ReadEvent()
		if err == io.EOF {
			return b.timeline(), nil
		}
		if err != nil {
			line, _, _ := strings.Cut(err.Error(), "\n") // the rest is a dump of the reader's state
			return b.timeline(), fmt.Errorf("read a trace: %s", line)
		}
		b.event(e)
	}
}

// builder collects what the events say, by goroutine; who of them has a lane is known only at the end.
type builder struct {
	first, now trace.Time
	started    bool
	goroutines map[trace.GoID]*goroutine
	order      []*goroutine
	tasks      map[trace.TaskID]*task
	begun      []*task // the same, in their order
	things     map[string]*thing
	reasons    map[trace.Stack]reason
}

type goroutine struct {
	born    time.Duration
	parent  *goroutine
	system  bool // part of Go's runtime
	spans   []Span
	open    bool     // the last span goes on
	regions []string // the waits it is in
	lines   []time.Duration
	actor   string // as whom it spoke first
	served  bool   // it spoke for another process
	task    *task  // what it does

	kin  bool   // it descends from the one that does the first task
	name string // of its lane
}

type task struct {
	name             string
	from, to         time.Duration
	ended            bool
	begunBy, endedBy *goroutine
	doer             *goroutine
}

type thing struct {
	Thing
	held []held
}

// held is a thread that holds a thing, and since when; depth counts its acquisitions.
type held struct {
	by    string
	since time.Duration
	depth int
}

// reason is what the stack of a goroutine tells that blocks or speaks.
type reason struct {
	pause  bool
	served bool
	on     string // a type of package sync
}

func (b *builder) event(e trace.Event) {
	if !b.started {
		b.first, b.started = e.Time(), true
	}
	b.now = e.Time()
	at := b.now.Sub(b.first)
	switch e.Kind() {
	case trace.EventStateTransition:
		if s := e.StateTransition(); s.Resource.Kind == trace.ResourceGoroutine {
			b.transition(at, e, s)
		}
	case trace.EventTaskBegin:
		k := &task{name: safeName(e.Task().Type), from: at, begunBy: b.goroutine(e.Goroutine())}
		b.tasks[e.Task().ID] = k
		if b.begun = append(b.begun, k); len(b.begun) == 1 {
			b.claim(k.begunBy, e.Task().ID)
		}
	case trace.EventTaskEnd:
		if k := b.tasks[e.Task().ID]; k != nil {
			k.to, k.ended, k.endedBy = at, true, b.goroutine(e.Goroutine())
		}
	case trace.EventRegionBegin:
		g, region := b.goroutine(e.Goroutine()), e.Region()
		b.claim(g, region.Task)
		if on, ok := strings.CutPrefix(region.Type, waitfor.WaitRegion); ok {
			g.regions = append(g.regions, safeName(on))
		}
	case trace.EventRegionEnd:
		g := b.goroutine(e.Goroutine())
		if _, ok := strings.CutPrefix(e.Region().Type, waitfor.WaitRegion); ok && len(g.regions) > 0 {
			g.regions = g.regions[:len(g.regions)-1]
		}
	case trace.EventLog:
		b.log(at, b.goroutine(e.Goroutine()), e)
	}
}

func (b *builder) goroutine(id trace.GoID) *goroutine {
	g := b.goroutines[id]
	if g == nil {
		g = &goroutine{}
		b.goroutines[id] = g
		b.order = append(b.order, g)
	}
	return g
}

// claim notes that a goroutine acts under a task. The first goroutine that does so does the task, even if another one began it.
// Only the program's first task is always done by the goroutine that begins it.
func (b *builder) claim(g *goroutine, id trace.TaskID) {
	if k := b.tasks[id]; k != nil && k.doer == nil && g.task == nil {
		k.doer, g.task = g, k
	}
}

func (b *builder) transition(at time.Duration, e trace.Event, s trace.StateTransition) {
	from, to := s.Goroutine()
	if from == to {
		return
	}
	g := b.goroutine(s.Resource.Goroutine())
	if from == trace.GoNotExist {
		g.born, g.parent = at, b.goroutine(e.Goroutine())
		for f := range s.Stack.Frames() {
			g.system = strings.HasPrefix(f.Func, "runtime.")
			break
		}
	}
	if g.open {
		g.spans[len(g.spans)-1].To = at
	}
	g.open = true
	switch to {
	case trace.GoRunning:
		g.add(Span{From: at, State: Running})
	case trace.GoRunnable:
		g.add(Span{From: at, State: Ready})
	case trace.GoWaiting:
		g.add(b.waiting(at, g, s))
	case trace.GoSyscall:
		g.add(Span{From: at, State: Waiting, For: "the system"})
	default:
		g.open = false
	}
}

// add begins a span, or extends the last one if it is of the same kind.
func (g *goroutine) add(s Span) {
	if n := len(g.spans); n > 0 {
		if last := &g.spans[n-1]; last.State == s.State && last.For == s.For && last.To == s.From {
			return
		}
	}
	if len(g.spans) == maxSpans {
		g.spans = thin(g.spans)
	}
	g.spans = append(g.spans, s)
}

func (b *builder) waiting(at time.Duration, g *goroutine, s trace.StateTransition) Span {
	why := b.reason(s.Stack)
	switch n := len(g.regions); {
	case n > 0:
		return Span{From: at, State: Waiting, For: g.regions[n-1]}
	case why.pause || s.Reason == "sleep":
		return Span{From: at, State: Sleeping}
	case why.on != "":
		return Span{From: at, State: Waiting, For: why.on}
	}
	return Span{From: at, State: Waiting, For: safeName(s.Reason)}
}

// reason reads a stack, once.
func (b *builder) reason(s trace.Stack) reason {
	if why, known := b.reasons[s]; known {
		return why
	}
	var why reason
	for f := range s.Frames() {
		why.pause = why.pause || strings.HasSuffix(f.Func, pauseMethod)
		why.served = why.served || strings.HasSuffix(f.Func, serveMethod)
		if name, ok := strings.CutPrefix(f.Func, "sync.(*"); ok && why.on == "" {
			name, _, _ = strings.Cut(name, ")")
			why.on = "sync." + name
		}
	}
	b.reasons[s] = why
	return why
}

func (b *builder) log(at time.Duration, g *goroutine, e trace.Event) {
	l := e.Log()
	b.claim(g, l.Task)
	name := safeName(l.Message)
	switch l.Category {
	case LogLine:
		g.lines = append(g.lines, at)
		if g.actor == "" {
			g.actor, g.served = name, b.reason(e.Stack()).served
		}
	case waitfor.LogAcquire, waitfor.LogRelease:
		by := ""
		if k := b.tasks[l.Task]; k != nil {
			by = k.name
		}
		h := b.things[name]
		if h == nil {
			h = &thing{Thing: Thing{Name: name}}
			b.things[name] = h
		}
		if l.Category == waitfor.LogAcquire {
			h.acquire(at, by)
		} else {
			h.release(at, by)
		}
	}
}

func (h *thing) acquire(at time.Duration, by string) {
	h.Taken = append(h.Taken, at)
	for i := range h.held {
		if h.held[i].by == by {
			h.held[i].depth++
			return
		}
	}
	h.held = append(h.held, held{by, at, 1})
}

func (h *thing) release(at time.Duration, by string) {
	h.Given = append(h.Given, at)
	i := slices.IndexFunc(h.held, func(o held) bool { return o.by == by })
	if i < 0 {
		h.Signal = true
		return
	}
	if h.held[i].depth--; h.held[i].depth == 0 {
		if len(h.Holds) == maxSpans {
			h.Holds = thinHolds(h.Holds)
		}
		h.Holds = append(h.Holds, Hold{h.held[i].since, at, by})
		h.held = slices.Delete(h.held, i, i+1)
	}
}

// safeName is a name on one line that cannot steer a terminal.
func safeName(name string) string { return terminal.Safe(terminal.OneLine(name)) }
