package transcript

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"cookbook/internal/turn"
)

// The calls of a child process are held as those of its parent are, if the parent's Scheduler is one that holds calls. The greeting
// says so. The child then asks before each step, and at each pause and choice, and goes on when the answer comes. A goroutine of
// the child that calls has one in the parent, a lane, which makes its calls there one after the other; so the parent's
// Scheduler sees as many speakers as there are. A child of a child asks through its parent: there, too, each of its goroutines has a lane.

// The kinds of frames that ask, and are no events.
const (
	before Kind = "before" // a step is to be recorded, or an actor begins
	after  Kind = "after"  // it has been: no answer
	pause  Kind = "pause"
	cancel Kind = "cancel" // the call of that number has ended by itself: no answer
	choose Kind = "choose"
)

// Bounds on what a child may ask, so that a stranger cannot make the parent remember for ever.
const (
	maxLanes   = 4096
	maxOptions = 256
)

// A Host is a [Scheduler] that wants to know for whom a call is made that comes from another process.
type Host interface {
	// Speaks is called by the goroutine that makes, from now on, the calls of a goroutine of another process. The name is the same in
	// each run: the process, and the number of the goroutine in it.
	Speaks(name string)

	// Hold is Before for a goroutine of another process, but returns as well when ctx ends: that process has ended.
	Hold(ctx context.Context, step Step)
}

// holds reports whether a scheduler holds the calls of children. To keep a pace and to stress they can do by themselves.
func holds(s Scheduler) bool {
	switch s.(type) {
	case pace, *stress:
		return false
	}
	return true
}

// asks is what a frame asks of the scheduler.
type asks struct {
	ID      uint64        `json:"id,omitempty"`      // of the call, counted by the child; or of the one that is cancelled
	Speaker string        `json:"speaker,omitempty"` // the goroutine that calls
	Step    Kind          `json:"step,omitempty"`    // before and after: of what
	Length  time.Duration `json:"length,omitempty"`  // of a pause
	Options []string      `json:"options,omitempty"` // of a choice
}

// parseAsk looks whether a frame asks what it may.
func parseAsk(f *frame) error {
	switch {
	case f.ID == 0 || f.Speaker == "" || len(f.Speaker) > maxName:
		return fmt.Errorf("a call of nobody")
	case (f.Kind == before || f.Kind == after) && f.Step != Line && f.Step != Check && f.Step != Begin && f.Step != Yield:
		return fmt.Errorf("an unknown step")
	case f.Kind == choose && (len(f.Options) == 0 || len(f.Options) > maxOptions):
		return fmt.Errorf("a choice of nothing")
	}
	return nil
}

// A host serves a child whose calls are held.
type host struct {
	log  *Log
	name string // of the child
	out  *bufio.Writer

	mu    sync.Mutex
	calls map[uint64]context.CancelFunc // that may be cancelled, by their numbers

	ctx   context.Context // of these; ends with the child
	lanes map[string]chan frame
	busy  sync.WaitGroup
}

func newHost(l *Log, name string, conn io.Writer) (h *host, end func()) {
	ctx, gone := context.WithCancel(context.Background())
	h = &host{log: l, name: name, out: bufio.NewWriter(conn), calls: map[uint64]context.CancelFunc{}, ctx: ctx, lanes: map[string]chan frame{}}
	return h, func() {
		gone()
		for _, calls := range h.lanes {
			close(calls)
		}
		h.busy.Wait()
	}
}

// take passes a frame on to the lane of its goroutine.
func (h *host) take(f frame) error {
	f.Actor, f.Text, f.Speaker = clean(f.Actor, maxName), clean(f.Text, maxText), clean(f.Speaker, maxName)
	switch f.Kind {
	case cancel:
		h.mu.Lock()
		end := h.calls[f.ID]
		h.mu.Unlock()
		if end != nil {
			end()
		}
		return nil
	case before, pause, choose:
		f.ctx, f.end = context.WithCancel(h.ctx)
		h.mu.Lock()
		h.calls[f.ID] = f.end
		h.mu.Unlock()
	}
	calls := h.lanes[f.Speaker]
	if calls == nil {
		if len(h.lanes) >= maxLanes {
			return fmt.Errorf("more than %d goroutines", maxLanes)
		}
		calls = make(chan frame, 2) // an after, and what comes next
		h.lanes[f.Speaker] = calls
		h.busy.Go(func() { h.lane(f.Speaker, calls) })
	}
	calls <- f
	return nil
}

// lane makes the calls of a goroutine of the child.
func (h *host) lane(speaker string, calls <-chan frame) {
	to, hosts := h.log.cfg.Scheduler.(Host)
	if hosts {
		to.Speaks(h.name + "/" + speaker)
	}
	for f := range calls {
		choice := 0
		switch step := (Step{Kind: f.Step, Actor: f.Actor}); f.Kind {
		case before:
			if hosts {
				to.Hold(f.ctx, step)
			} else {
				h.log.cfg.Scheduler.Before(step)
			}
		case after:
			h.log.cfg.Scheduler.After(step)
			continue
		case pause:
			h.log.cfg.Scheduler.Pause(f.ctx, f.Length)
		case choose:
			if c, ok := h.log.cfg.Scheduler.(turn.Chooser); ok {
				choice = c.Choose(f.ctx, f.Text, f.Options)
			}
		default:
			h.log.record(f.event())
		}
		h.mu.Lock()
		if f.end != nil {
			f.end()
			delete(h.calls, f.ID)
		}
		fmt.Fprintf(h.out, "%d %d\n", f.ID, choice)
		h.out.Flush() // an error means that the child is gone; what it said is recorded
		h.mu.Unlock()
	}
}
