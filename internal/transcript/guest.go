package transcript

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/petermattis/goid"

	"cookbook/internal/turn"
)

// guest is the Scheduler of a child whose calls its parent holds.
type guest struct {
	out io.Writer

	mu      sync.Mutex
	last    uint64              // number of the call before
	waiting map[uint64]chan int // calls that are not answered
	names   map[int64]string    // of the goroutines
	fresh   int                 // goroutines that were given a number as their name
	gone    chan struct{}       // closed when the parent is gone: nothing is held any longer
}

var (
	_ Scheduler    = (*guest)(nil)
	_ Host         = (*guest)(nil)
	_ turn.Chooser = (*guest)(nil)
)

// newGuest returns the scheduler that asks over out, and reads the answers from in.
func newGuest(out io.Writer, in *bufio.Reader) *guest {
	g := &guest{out: out, waiting: map[uint64]chan int{}, names: map[int64]string{}, gone: make(chan struct{})}
	go g.listen(in)
	return g
}

// listen passes the answers on, until there are no more.
func (g *guest) listen(in *bufio.Reader) {
	defer close(g.gone)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		number, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		id, err1 := strconv.ParseUint(number, 10, 64)
		choice, err2 := strconv.Atoi(text)
		if err1 != nil || err2 != nil {
			return
		}
		g.mu.Lock()
		answer := g.waiting[id]
		delete(g.waiting, id)
		g.mu.Unlock()
		if answer != nil {
			answer <- choice
		}
	}
}

// send sends a frame for the calling goroutine. What comes from the channel is the answer.
func (g *guest) send(f frame, answered bool) (id uint64, answer chan int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f.Kind != cancel {
		g.last++
		f.ID = g.last
	}
	me := goid.Get()
	if g.names[me] == "" {
		g.fresh++
		g.names[me] = strconv.Itoa(g.fresh)
	}
	f.Speaker = g.names[me]
	if answered {
		answer = make(chan int, 1)
		g.waiting[f.ID] = answer
	}
	line, err := json.Marshal(f)
	if err == nil {
		_, err = g.out.Write(append(line, '\n'))
	}
	if err != nil && answered {
		delete(g.waiting, f.ID)
		answer <- 0 // the parent is gone
	}
	return f.ID, answer
}

// ask sends a frame and waits for the answer, or until ctx ends; then it cancels the call.
func (g *guest) ask(ctx context.Context, f frame) (choice int) {
	id, answer := g.send(f, true)
	select {
	case choice = <-answer:
	case <-g.gone:
	case <-ctx.Done():
		g.mu.Lock()
		delete(g.waiting, id) // the answer comes all the same
		g.mu.Unlock()
		g.send(frame{Kind: cancel, asks: asks{ID: id}}, false)
	}
	return choice
}

func (g *guest) Before(step Step) { g.Hold(context.Background(), step) }

// Hold implements Host.
func (g *guest) Hold(ctx context.Context, step Step) {
	g.ask(ctx, frame{Kind: before, Actor: clean(step.Actor, maxName), asks: asks{Step: step.Kind}})
}

func (g *guest) After(step Step) {
	g.send(frame{Kind: after, Actor: clean(step.Actor, maxName), asks: asks{Step: step.Kind}}, false)
}

// Begin implements turn.Taker.
func (g *guest) Begin(name string) { g.Before(Step{Kind: Begin, Actor: name}) }

// Yield implements turn.Chooser.
func (g *guest) Yield() { g.Before(Step{Kind: Yield}) }

// Timeout implements turn.Taker by the clock: a time-out of a child is not a choice.
func (g *guest) Timeout(d time.Duration) (due <-chan time.Time, stop func()) {
	timer := time.NewTimer(d)
	return timer.C, func() { timer.Stop() }
}

func (g *guest) Pause(ctx context.Context, d time.Duration) error {
	if ctx.Err() == nil {
		g.ask(ctx, frame{Kind: pause, asks: asks{Length: d}})
	}
	return context.Cause(ctx)
}

// Choose implements turn.Chooser.
func (g *guest) Choose(ctx context.Context, what string, options []string) int {
	choice := g.ask(ctx, frame{Kind: choose, Text: clean(what, maxText), asks: asks{Options: options[:min(len(options), maxOptions)]}})
	if choice < 0 || choice >= len(options) {
		return 0
	}
	return choice
}

// Speaks implements Host: the goroutine speaks for one of another process.
func (g *guest) Speaks(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.names[goid.Get()] = name
}
