package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/process/shm"
	"cookbook/internal/process/worker"
	"cookbook/internal/transcript"
	"cookbook/internal/turn"
	"cookbook/internal/waitfor"
)

// A Group is processes that share memory, a log and a fate: the one that made it, the children it starts, and theirs. Each
// process knows the group as a *Group of its own, and ends and joins the children that it has started itself.
//
// No process of a group outlives its parent, however that ends.
type Group struct {
	space *shm.Space      // the memory; nil where this system has none to share
	ctx   context.Context // when it ends, so do the children
	me    *Process        // this process; nil in the one that made the group

	log   *transcript.Log
	heard bool // whether somebody listens to log

	starting sync.RWMutex // held for reading while a process is started
	closed   bool         // nothing may be started; guarded by starting

	mu       sync.Mutex
	made     int        // processes, by New
	children []*Process // that run, in the order of their starts

	stopWatching func() bool   // whether ctx ends
	unlist       func()        // takes the group's waits off the board of ctx
	stopped      sync.Once     // to watch
	swept        chan struct{} // closed when the end of ctx has ended the children
	freed        sync.Once     // the memory
}

// this is this process as one of a group; nil if it was started otherwise.
var this atomic.Pointer[Process]

// A GroupOption is an option of [NewGroup].
type GroupOption func(*Group)

// WithLog lets the processes of the group speak into a log. See [Log].
func WithLog(out *transcript.Log) GroupOption {
	return func(g *Group) { g.log, g.heard = out, true }
}

// NewGroup makes a group of which this process is the first. When ctx ends, its children are ended. It has to be closed.
func NewGroup(ctx context.Context, opts ...GroupOption) (*Group, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	g := &Group{ctx: ctx}
	for _, opt := range opts {
		opt(g)
	}
	var err error
	if g.space, err = shm.NewSpace(ctx); err != nil && !errors.Is(err, ErrUnsupported) {
		return nil, fmt.Errorf("make a group of processes: %w", err)
	}
	g.begin()
	return g, nil
}

// begin makes the group, as this process knows it, ready for children.
func (g *Group) begin() {
	if g.log == nil {
		g.log = transcript.New(transcript.Config{})
	}
	g.unlist = waitfor.FromContext(g.ctx).Register(g.waits)
	g.swept = make(chan struct{})
	g.stopWatching = context.AfterFunc(g.ctx, func() {
		defer close(g.swept)
		g.end()
	})
}

// identify numbers a process.
func (g *Group) identify() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.made++
	if g.me != nil {
		return fmt.Sprintf("%s:%d", g.me.id, g.made)
	}
	return fmt.Sprint(g.made)
}

// mayStart returns why no process can be started.
func (g *Group) mayStart() error {
	if p := this.Load(); p != nil && p.daemon {
		return ErrDaemon
	}
	if g.ctx.Err() != nil {
		return context.Cause(g.ctx)
	}
	if g.closed {
		return fmt.Errorf("its group %w", ErrClosed)
	}
	return nil
}

func (g *Group) add(p *Process) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.children = append(g.children, p)
}

func (g *Group) remove(p *Process) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.children, p); i >= 0 {
		g.children = slices.Delete(g.children, i, i+1)
	}
}

// Children returns the processes that this one has started and that have not ended, in the order in which they were
// started.
//
// Python: multiprocessing.active_children.
func (g *Group) Children() []*Process {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.children)
}

// waits tells which children are waited for, and who waits for a lock, for reports of runs that hang.
func (g *Group) waits() []waitfor.Wait {
	who := "main"
	if g.me != nil {
		who = g.me.name
	}
	var all []waitfor.Wait
	for _, p := range g.Children() {
		if p.joiners.Load() > 0 {
			all = append(all, waitfor.Wait{Who: who, For: "the end of " + p.String()})
		}
	}
	if g.space == nil {
		return all
	}
	for _, w := range g.space.Waits() {
		wait := waitfor.Wait{Who: g.nameOf(w.Slot), For: w.Lock, Bounded: w.Bounded}
		if w.Holder >= 0 {
			wait.HeldBy = []string{g.nameOf(w.Holder)}
		}
		all = append(all, wait)
	}
	return all
}

// nameOf returns the name of the process that has a slot, as far as this one knows it.
func (g *Group) nameOf(slot int) string {
	if slot == g.space.Slot() {
		if g.me != nil {
			return g.me.name
		}
		return "main"
	}
	for _, p := range g.Children() {
		if p.slot == slot {
			return p.name
		}
	}
	return fmt.Sprintf("process %d", g.space.Pid(slot))
}

// Join ends the daemons among this process's children, as Close does, and then waits for the others, or until ctx ends: the
// error is its cause then. In a child this happens when its function has returned, without being asked for.
//
// Python does the same when the main program has come to its last line.
func (g *Group) Join(ctx context.Context) error {
	var daemons, others []*Process
	for _, p := range g.Children() {
		if p.daemon {
			daemons = append(daemons, p)
		} else {
			others = append(others, p)
		}
	}
	endAll(daemons)
	for _, p := range others {
		if err := p.Join(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the children of this process that are left: it asks them to by SIGTERM, kills them after half a second, and
// returns when they are gone. In the process that made the group it gives the memory back as well. From now on nothing can
// be started. The second time it does nothing.
func (g *Group) Close() (err error) {
	g.unlist()
	g.stopped.Do(func() {
		if !g.stopWatching() {
			<-g.swept
		}
	})
	g.end()
	if g.me != nil {
		return nil
	}
	g.freed.Do(func() {
		if g.space != nil {
			err = g.space.Close()
		}
	})
	return err
}

// end ends the children and lets no more begin.
func (g *Group) end() {
	g.starting.Lock() // one that is being started becomes a child first
	g.closed = true
	g.starting.Unlock()
	endAll(g.Children())
}

// endAll asks processes to end, kills them if they take long, and returns when they are gone.
func endAll(processes []*Process) {
	if len(processes) == 0 {
		return
	}
	turn.Yield(processes[0].group.ctx)
	for _, p := range processes {
		p.terminate()
	}
	late := time.AfterFunc(worker.Grace, func() {
		for _, p := range processes {
			p.kill()
		}
	})
	defer late.Stop()
	for _, p := range processes {
		<-p.done
	}
}

// processKey finds the process in a context.
type processKey struct{}

// Current returns the process that the function with this context runs in; nil if that is the one that made
// the group, or not a process of a group.
//
// Python: multiprocessing.current_process.
func Current(ctx context.Context) *Process {
	p, _ := ctx.Value(processKey{}).(*Process)
	return p
}

// CurrentGroup returns the group of the process that the function with this context runs in, nil if there is none.
func CurrentGroup(ctx context.Context) *Group {
	if p := Current(ctx); p != nil {
		return p.group
	}
	return nil
}

// Log returns the log of the group of the process that the function with this context runs in. What is said to it is
// recorded when the call returns, in the log that was given by [WithLog], so the order of the calls is the order of the
// lines across all processes. Without such a log, or without a process, nobody hears what is said.
func Log(ctx context.Context) *transcript.Log {
	if p := Current(ctx); p != nil {
		return p.group.log
	}
	return transcript.New(transcript.Config{})
}
