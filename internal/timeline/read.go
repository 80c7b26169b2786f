package timeline

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"cookbook/internal/terminal"
	"cookbook/internal/waitfor"

	"golang.org/x/exp/trace"
)

// LogLine is the word under which a program that is traced logs the name of an actor that says a line. A thread runs in a task that
// has its name; package waitfor has the words for waits, acquisitions, releases and processes.
const LogLine = "line"

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
func ReadTrace(r io.Reader) (t Timeline, err error) {
	b := builder{goroutines: map[trace.GoID]*goroutine{}, tasks: map[trace.TaskID]*task{}, things: map[string]*thing{}, reasons: map[trace.Stack]reason{}, origins: map[trace.Stack]string{}}
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
	origins    map[trace.Stack]string
}

type task struct {
	name             string
	from, to         time.Duration
	ended            bool
	begunBy, endedBy *goroutine
	doer             *goroutine
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
		g := b.goroutine(e.Goroutine())
		b.claim(g, e.Region().Task)
		g.enter(at, e.Region().Type)
	case trace.EventRegionEnd:
		b.goroutine(e.Goroutine()).leave(at, e.Region().Type)
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

func (b *builder) log(at time.Duration, g *goroutine, e trace.Event) {
	l := e.Log()
	k := b.tasks[l.Task]
	if l.Category == waitfor.LogReady {
		if k != nil && k.doer != nil {
			k.doer.woken(at)
		}
		return
	}
	if l.Category == waitfor.LogDid {
		b.did(at, k, l.Message)
		return
	}
	b.claim(g, l.Task)
	name := safeName(l.Message)
	switch l.Category {
	case LogLine:
		g.said = append(g.said, line{at, name})
		g.served = g.served || b.reason(e.Stack()).served
	case waitfor.LogAcquire, waitfor.LogRelease:
		by := ""
		if k != nil {
			by = k.name
		}
		if name == "" { // not to be told from others without a name
			return
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

// safeName is a name on one line that cannot steer a terminal.
func safeName(name string) string { return terminal.Safe(terminal.OneLine(name)) }
