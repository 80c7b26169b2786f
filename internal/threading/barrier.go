package threading

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A Barrier lets a fixed number of parties wait for each other. The last to come lets all go on, and the next round begins.
// If one gives up, the round can never be full, so the barrier breaks: every Wait returns ErrBroken until Reset.
//
// A round of two costs 180 ns.
//
// Python: threading.Barrier.
type Barrier struct {
	mu      sync.Mutex
	parties int
	action  func() error
	waiting int  // in line
	acting  bool // a full round has left the line and runs its action
	broken  bool
	waiters line
	name    string
}

// A BarrierOption changes a barrier that is being made.
type BarrierOption func(*Barrier)

// WithAction has f called once a round, by the last party to come, before any party goes on. If it fails or panics the
// barrier is broken.
func WithAction(f func() error) BarrierOption { return func(b *Barrier) { b.action = f } }

// NewBarrier returns a barrier for that number of parties. The error is ErrNoParties if it is below 1. The name appears in
// errors and reports.
//
// Python: threading.Barrier(parties, action).
func NewBarrier(name string, parties int, opts ...BarrierOption) (*Barrier, error) {
	b := &Barrier{name: name, parties: parties}
	for _, o := range opts {
		o(b)
	}
	if parties < 1 {
		return nil, failed("make", b.title(), fmt.Errorf("%d parties: %w", parties, ErrNoParties))
	}
	return b, nil
}

func (b *Barrier) title() string {
	if b.name == "" {
		return "a barrier"
	}
	return b.name
}

// Wait blocks until all parties wait, and returns the index of this one: 0 for the first to come, Parties-1 for the last. If
// ctx ends first, or has ended already, the barrier breaks. The error then wraps the cause of ctx and ErrBroken; the other
// parties get ErrBroken. With an error the index is -1.
//
// Python: barrier.wait().
func (b *Barrier) Wait(ctx context.Context) (index int, err error) { return b.wait(ctx, forever) }

// WaitTimeout is Wait with a time-out: if the others have not come within d, the barrier breaks, and the error wraps
// ErrTimeout and ErrBroken. With d ≤ 0 it breaks at once unless this party is the last.
//
// Python: barrier.wait(d), where a negative d breaks it at once as well.
func (b *Barrier) WaitTimeout(ctx context.Context, d time.Duration) (index int, err error) {
	return b.wait(ctx, max(d, 0))
}

func (b *Barrier) wait(ctx context.Context, d time.Duration) (int, error) {
	t := Current(ctx)
	b.mu.Lock()
	if b.broken {
		b.mu.Unlock()
		return -1, failed("wait at", b.title(), ErrBroken)
	}
	if b.waiting+1 >= b.parties && !b.acting {
		return b.arriveLast()
	}
	entered := false
	defer func() {
		if !entered { // a method of ctx has panicked
			b.mu.Unlock()
		}
	}()
	w, err := b.waiters.enter(ctx, t, d, b)
	entered = true
	if err != nil {
		b.breakUp()
		b.mu.Unlock()
		return -1, failed("wait at", b.title(), fmt.Errorf("%w, so it is %w", err, ErrBroken))
	}
	b.waiting++
	b.mu.Unlock()

	if w.plain {
		<-w.ready
	} else if err := w.choose(ctx, &b.waiters, d); err != nil {
		b.mu.Lock()
		if b.waiters.drop(w) {
			b.breakUp()
			b.mu.Unlock()
			w.finish()
			return -1, failed("wait at", b.title(), fmt.Errorf("%w, so it is %w", err, ErrBroken))
		}
		b.mu.Unlock()
		<-w.ready // the round was already full
	}
	index := w.n
	if err := w.finish(); err != nil {
		return -1, failed("wait at", b.title(), err)
	}
	return index, nil
}

// arriveLast completes the round; it is called with mu held and releases it.
func (b *Barrier) arriveLast() (int, error) {
	last := b.parties - 1
	if b.action == nil {
		for i := range last {
			w := b.waiters.pop()
			w.n = i
			w.grant()
		}
		b.waiting = 0
		b.mu.Unlock()
		return last, nil
	}
	err := b.act(last)
	for err == nil && b.waiting >= b.parties { // another round filled up meanwhile
		if b.act(b.parties) != nil {
			break // that round's failure, not ours
		}
	}
	b.mu.Unlock()
	if err != nil {
		return -1, failed("wait at", b.title(), fmt.Errorf("its action failed: %w; it is %w", err, ErrBroken))
	}
	return last, nil
}

// act takes the first n out of line, runs the action and lets them go. It is called with mu held and returns with mu held.
// The action runs without mu, because it may wait, or use the barrier.
func (b *Barrier) act(n int) (err error) {
	round := make([]*waiter, n)
	for i := range round {
		round[i] = b.waiters.pop()
		round[i].n = i
	}
	b.waiting -= n
	returned := false
	b.acting = true
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		b.acting = false
		if !returned || err != nil {
			b.breakUp()
			for _, w := range round {
				w.refuse(ErrBroken)
			}
			if !returned { // a panic goes on past the caller, who cannot unlock
				b.mu.Unlock()
			}
			return
		}
		for _, w := range round {
			w.grant()
		}
	}()
	err = b.action()
	returned = true
	return err
}

// breakUp breaks the barrier for all in line; mu is held.
func (b *Barrier) breakUp() {
	b.broken = true
	b.waiting = 0
	b.waiters.refuseAll(ErrBroken)
}

// Reset makes the barrier usable again, and empty: a Wait that has begun returns ErrBroken. It never blocks.
//
// Python: barrier.reset().
func (b *Barrier) Reset() {
	b.mu.Lock()
	b.breakUp()
	b.broken = false
	b.mu.Unlock()
}

// Abort breaks the barrier: a Wait that has begun returns ErrBroken, and so does every later one. It never blocks.
//
// Python: barrier.abort().
func (b *Barrier) Abort() {
	b.mu.Lock()
	b.breakUp()
	b.mu.Unlock()
}

// Parties returns the number of parties that have to come.
func (b *Barrier) Parties() int { return b.parties }

// Waiting returns how many parties wait at this moment.
//
// Python: barrier.n_waiting.
func (b *Barrier) Waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waiting
}

// Broken reports whether the barrier is broken.
func (b *Barrier) Broken() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.broken
}

// String returns the name and how many parties have come.
func (b *Barrier) String() string {
	if b.Broken() {
		return b.title() + " (broken)"
	}
	return fmt.Sprintf("%s (%d of %d)", b.title(), b.Waiting(), b.parties)
}

func (b *Barrier) open() bool { return true }

func (b *Barrier) internal() *sync.Mutex { return &b.mu }

func (b *Barrier) describe(*line) (string, []*Thread) {
	return fmt.Sprintf("%d more at %s", b.parties-b.waiting%b.parties, b.title()), nil
}
