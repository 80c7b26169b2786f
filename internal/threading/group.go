package threading

import (
	"slices"
	"sync"
	"sync/atomic"

	"cookbook/internal/waitfor"
)

// A group is the threads that descend from one Main: it counts them for their
// names and knows which are alive.
type group struct {
	board *waitfor.Board

	unnamed atomic.Int64 // threads made without WithName
	fresh   atomic.Int64 // threads made and not started

	mu          sync.Mutex
	started     int     // threads
	first, last *Thread // of those alive
	leaveBoard  func()

	watching atomic.Int32 // len(watchers), to be read without mu
	watchers []watcher
}

// A watcher is a thread in AwaitDeadlock.
type watcher struct {
	thread *Thread
	wake   chan struct{}
}

// add enters t as alive. The group is on the board while any thread is.
func (g *group) add(t *Thread) {
	g.mu.Lock()
	g.started++
	t.serial = g.started
	t.prev = g.last
	if g.last == nil {
		g.first = t
		if g.board != nil {
			g.leaveBoard = g.board.Register(g.waits)
		}
	} else {
		g.last.next = t
	}
	g.last = t
	g.mu.Unlock()
}

func (g *group) remove(t *Thread) {
	g.mu.Lock()
	if t.prev == nil {
		g.first = t.next
	} else {
		t.prev.next = t.next
	}
	if t.next == nil {
		g.last = t.prev
	} else {
		t.next.prev = t.prev
	}
	t.prev, t.next = nil, nil
	if g.first == nil && g.leaveBoard != nil {
		g.leaveBoard()
		g.leaveBoard = nil
	}
	g.mu.Unlock()
	if g.watching.Load() > 0 { // t can release nothing any more
		g.wakeWatchers()
	}
}

func (g *group) alive() []*Thread {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []*Thread
	for t := g.first; t != nil; t = t.next {
		all = append(all, t)
	}
	return all
}

// watch returns a channel that has a token if a wait has begun, or a thread has ended, since the last token was taken.
func (g *group) watch(t *Thread) (wake <-chan struct{}, stop func()) {
	w := watcher{t, make(chan struct{}, 1)}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.watchers = append(g.watchers, w)
	g.watching.Add(1)
	return w.wake, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		i := slices.Index(g.watchers, w)
		g.watchers = slices.Delete(g.watchers, i, i+1)
		g.watching.Add(-1)
	}
}

// announce tells every AwaitDeadlock of the group that w stands in line.
//
// It is enough to tell them when a wait begins, and when a thread ends: the last step into a deadlock is always one of these,
// because only a thread that runs can hand on what it holds.
func (w *waiter) announce() {
	if w.thread != nil && w.thread.group.watching.Load() > 0 {
		w.thread.group.wakeWatchers()
	}
}

func (g *group) wakeWatchers() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, w := range g.watchers {
		select {
		case w.wake <- struct{}{}:
		default: // it has yet to look at what happened before
		}
	}
}

// inAwaitDeadlock returns the threads that are in AwaitDeadlock, which release nothing before they leave it.
func (g *group) inAwaitDeadlock() []*Thread {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []*Thread
	for _, w := range g.watchers {
		all = append(all, w.thread)
	}
	return all
}
