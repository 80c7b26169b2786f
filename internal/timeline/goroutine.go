package timeline

import (
	"strings"
	"time"

	"cookbook/internal/waitfor"

	"golang.org/x/exp/trace"
)

// goroutine is what the trace tells of a goroutine. A process that a goroutine attends to is one, too: what is known of it is
// that it lives, and what it says.
type goroutine struct {
	in        *process
	born      time.Duration
	parent    *goroutine
	from      string // the function of a recipe that started it
	system    bool   // part of Go's runtime
	coroutine bool   // of iter.Pull
	spans     []Span
	open      bool     // the last span goes on
	regions   []Span   // what it does in the regions it is in, without times
	doing     []string // the names of what it does, the innermost last
	said      []line
	told      bool       // it is none: others tell what was done
	served    bool       // it spoke for another process
	task      *task      // what it does
	process   *goroutine // which it attends to
	isProcess bool       // it stands for a process
	self      *process   // which it stands for, if that recorded
	polls     int        // regions in which it counts as waiting

	kin   bool          // it descends from the one that does the first task
	label string        // whose lane it has: of its task, its process, or the actor as which it speaks
	named bool          // the label is that of a task or a process
	until time.Duration // its end, or that of its task or of the run
	track *track
}

// line is a line that was said, by whom.
type line struct {
	at    time.Duration
	actor string
	late  bool // it was said earlier
}

func (b *builder) transition(p *process, at time.Duration, e trace.Event, s trace.StateTransition) {
	from, to := s.Goroutine()
	if from == to {
		return
	}
	g := b.goroutine(p, s.Resource.Goroutine())
	if from == trace.GoNotExist {
		g.born, g.parent, g.from = at, b.goroutine(p, e.Goroutine()), b.origin(e.Stack())
		for f := range s.Stack.Frames() {
			g.system, g.coroutine = strings.HasPrefix(f.Func, "runtime."), f.Func == "runtime.corostart"
			break
		}
	}
	if g.polls > 0 {
		return
	}
	g.close(at)
	switch to {
	case trace.GoRunning:
		g.add(Span{From: at, State: Running, For: g.does()})
	case trace.GoRunnable:
		g.add(Span{From: at, State: Ready})
	case trace.GoWaiting:
		g.add(b.waiting(at, g, s))
	case trace.GoSyscall:
		wait := Span{State: Waiting, For: g.within("the system")}
		if n := len(g.regions); n > 0 {
			wait = g.regions[n-1]
		}
		wait.From = at
		g.add(wait)
	}
}

// close ends the last span, if it goes on.
func (g *goroutine) close(at time.Duration) {
	if g.open {
		g.spans[len(g.spans)-1].To = at
	}
	g.open = false
}

// add begins a span, or extends the last one if it is of the same kind.
func (g *goroutine) add(s Span) {
	g.open = true
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

// enter begins a region: a wait, a pause, or the life of a process.
func (g *goroutine) enter(at time.Duration, region string) {
	if on, ok := strings.CutPrefix(region, waitfor.WaitRegion); ok {
		g.regions = append(g.regions, Span{State: Waiting, For: safeName(on)})
	} else if on, ok := strings.CutPrefix(region, waitfor.PollRegion); ok {
		if g.polls++; g.polls == 1 {
			g.close(at)
			g.add(Span{From: at, State: Waiting, For: safeName(on)})
		}
	} else if region == waitfor.SleepRegion {
		g.regions = append(g.regions, Span{State: Sleeping})
	} else if what, ok := strings.CutPrefix(region, waitfor.DoRegion); ok {
		g.doing = append(g.doing, safeName(what))
		g.renew(at)
	} else if name, ok := strings.CutPrefix(region, waitfor.ProcessRegion); ok && g.process == nil {
		g.process = &goroutine{in: g.in, born: at, label: safeName(name), named: true, isProcess: true}
		g.process.add(Span{From: at, State: Apart})
	}
}

func (g *goroutine) leave(at time.Duration, region string) {
	switch {
	case strings.HasPrefix(region, waitfor.ProcessRegion):
		if g.process != nil {
			g.process.close(at)
		}
	case strings.HasPrefix(region, waitfor.PollRegion):
		if g.polls--; g.polls < 0 {
			g.polls = 0 // it began before the trace
		} else if g.polls == 0 {
			g.close(at)
			g.add(Span{From: at, State: Running, For: g.does()}) // it ends its region
		}
	case strings.HasPrefix(region, waitfor.WaitRegion), region == waitfor.SleepRegion:
		if len(g.regions) > 0 {
			g.regions = g.regions[:len(g.regions)-1]
		}
	case strings.HasPrefix(region, waitfor.DoRegion):
		if len(g.doing) > 0 {
			g.doing = g.doing[:len(g.doing)-1]
			g.renew(at)
		}
	}
}

// woken says that the task that the goroutine does need not wait any longer.
func (g *goroutine) woken(at time.Duration) {
	if n := len(g.spans); n > 0 && g.open && (g.spans[n-1].State == Waiting || g.spans[n-1].State == Sleeping) {
		g.close(at)
		g.add(Span{From: at, State: Ready})
	}
}

func (b *builder) waiting(at time.Duration, g *goroutine, s trace.StateTransition) Span {
	why := b.reason(s.Stack)
	switch n := len(g.regions); {
	case n > 0:
		wait := g.regions[n-1]
		wait.From = at
		return wait
	case why.pause || s.Reason == "sleep":
		return Span{From: at, State: Sleeping}
	case why.on != "":
		return Span{From: at, State: Waiting, For: g.within(why.on)}
	case s.Reason == "" && g.coroutine: // it has handed over, and says of nothing that it waits for it
		return Span{From: at, State: Ready}
	case s.Reason == "": // a coroutine runs in its place
		return Span{From: at, State: Running}
	}
	return Span{From: at, State: Waiting, For: g.within(safeName(s.Reason))}
}

// reason is what the stack of a goroutine tells that blocks or speaks.
type reason struct {
	pause  bool
	served bool
	on     string // a type of package sync
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
		if name, ok := strings.CutPrefix(f.Func, "sync.(*"); ok && why.on == "" && !strings.HasPrefix(name, "WaitGroup).Go") {
			name, _, _ = strings.Cut(name, ")")
			why.on = "sync." + name
		}
	}
	b.reasons[s] = why
	return why
}

// end is when the goroutine ended, or its task, if it did before the run.
func (g *goroutine) end(run time.Duration) time.Duration {
	switch n := len(g.spans); {
	case g.task != nil && g.task.ended:
		return g.task.to
	case g.open && g.in != nil && g.in.key != "": // it was killed, or is not heard of any more
		return min(run, g.in.last)
	case g.open:
		return run
	case n > 0:
		return g.spans[n-1].To
	}
	return g.born
}
