package threading

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cookbook/internal/waitfor"
)

// A Semaphore is a counter that cannot fall below zero: Acquire takes one and
// waits while there is none, Release puts one back. It is fair: what is
// released goes to whoever waits longest.
//
// A semaphore that starts at 0 is a signal: one thread waits for what another
// reports. golang.org/x/sync/semaphore counts the same way, with weights, but
// panics when more is released than was acquired, so it cannot signal.
//
// Acquire with Release costs 25 ns, as in golang.org/x/sync; to hand one over
// to a waiting thread, 180 ns.
//
// Python: threading.Semaphore.
type Semaphore struct {
	mu      sync.Mutex
	value   int
	limit   int // the most that value may be; -1 for none
	holders holders
	signal  bool // released by one who did not hold it: has no holders
	waiters line
	name    string
}

// NewSemaphore returns a semaphore of value n, which may be 0; a negative one
// is ErrNegative. The name appears in errors and reports.
//
// Python: threading.Semaphore(n).
func NewSemaphore(name string, n int) (*Semaphore, error) {
	s := &Semaphore{name: name, value: n, limit: -1}
	if n < 0 {
		return nil, failed("make", s.title(), fmt.Errorf("initial value %d: %w", n, ErrNegative))
	}
	return s, nil
}

// NewBoundedSemaphore returns a semaphore whose value cannot rise above n: the
// Release that would raise it is ErrTooManyReleases. It finds the thread that
// releases what it did not acquire.
//
// Python: threading.BoundedSemaphore(n).
func NewBoundedSemaphore(name string, n int) (*Semaphore, error) {
	s, err := NewSemaphore(name, n)
	if err == nil {
		s.limit = n
	}
	return s, err
}

func (s *Semaphore) title() string {
	if s.name == "" {
		return "a semaphore"
	}
	return s.name
}

// Acquire takes one, and blocks while there is none, or until ctx ends; then
// the error wraps its cause and none was taken. If there is one it is taken
// without a look at whether ctx has ended.
//
// Python: semaphore.acquire().
func (s *Semaphore) Acquire(ctx context.Context) error { return s.acquire(ctx, forever) }

// AcquireTimeout is Acquire, but ErrTimeout if there is none within d. It
// tries before it waits, so d ≤ 0 is a try.
//
// Python: semaphore.acquire(timeout=d).
func (s *Semaphore) AcquireTimeout(ctx context.Context, d time.Duration) error {
	return s.acquire(ctx, max(d, 0))
}

func (s *Semaphore) acquire(ctx context.Context, d time.Duration) error {
	t := Current(ctx)
	s.mu.Lock()
	if s.value == 0 {
		if err := s.wait(ctx, t, d); err != nil {
			return failed("acquire", s.title(), err)
		}
	} else {
		s.take(t)
		s.mu.Unlock()
	}
	logHold(ctx, waitfor.LogAcquire, s.name)
	return nil
}

// wait is called with mu held and releases it.
func (s *Semaphore) wait(ctx context.Context, t *Thread, d time.Duration) error {
	w, err := s.waiters.enter(ctx, t, d, s)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return w.wait(ctx, &s.mu, &s.waiters, d)
}

// take is one less for t; mu is held.
func (s *Semaphore) take(t *Thread) {
	s.value--
	if !s.signal {
		s.holders.add(t)
	}
}

// TryAcquire takes one if there is one and reports whether it did. It never
// blocks.
//
// Python: semaphore.acquire(blocking=False).
func (s *Semaphore) TryAcquire(ctx context.Context) bool {
	t := Current(ctx)
	s.mu.Lock()
	taken := s.value > 0
	if taken {
		s.take(t)
	}
	s.mu.Unlock()
	if taken {
		logHold(ctx, waitfor.LogAcquire, s.name)
	}
	return taken
}

// Release puts one back: it goes to whoever waits longest. It never blocks.
// Any thread may call it. The first time that one does who did not acquire,
// the semaphore counts as a signal from then on: it has no holders, so waiting
// for it is no deadlock.
//
// Python: semaphore.release().
func (s *Semaphore) Release(ctx context.Context) error {
	t := Current(ctx)
	s.mu.Lock()
	if s.value == s.limit {
		s.mu.Unlock()
		return s.tooMany(1)
	}
	s.put(t)
	s.mu.Unlock()
	logHold(ctx, waitfor.LogRelease, s.name)
	return nil
}

// ReleaseN puts n back, or none of them if that is an error: ErrNegative, or
// ErrTooManyReleases for a bounded semaphore.
//
// Python: semaphore.release(n).
func (s *Semaphore) ReleaseN(ctx context.Context, n int) error {
	if n < 0 {
		return failed("release", s.title(), fmt.Errorf("%d times: %w", n, ErrNegative))
	}
	t := Current(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit >= 0 && n > s.limit-s.value {
		return s.tooMany(n)
	}
	for range n {
		s.put(t)
	}
	logHold(ctx, waitfor.LogRelease, s.name)
	return nil
}

func (s *Semaphore) tooMany(n int) error {
	return failed("release", s.title(), fmt.Errorf("%w; %d more would exceed its bound of %d", ErrTooManyReleases, n, s.limit))
}

// put is one more from t, at once handed on if anyone waits; mu is held.
func (s *Semaphore) put(t *Thread) {
	if !s.signal && !s.holders.remove(t) {
		s.signal = true
		s.holders = holders{}
	}
	s.value++
	if w := s.waiters.pop(); w != nil {
		s.take(w.thread)
		w.grant()
	}
}

// Value returns how often Acquire would not block at this moment.
//
// Python: semaphore._value, which is private.
func (s *Semaphore) Value() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value
}

// String says the name and the value.
func (s *Semaphore) String() string { return fmt.Sprintf("%s (%d free)", s.title(), s.Value()) }

func (s *Semaphore) internal() *sync.Mutex { return &s.mu }

func (s *Semaphore) describe(*line) (string, []*Thread) { return s.title(), s.holders.threads() }

// holders is a multiset of threads. The usual few are kept in a list, where the
// last to come is the first to be found; many are counted in a map.
type holders struct {
	few  []*Thread
	many map[*Thread]int
}

const manyHolders = 64

func (h *holders) add(t *Thread) {
	if h.many == nil {
		if len(h.few) < manyHolders {
			h.few = append(h.few, t)
			return
		}
		h.many = make(map[*Thread]int, 2*manyHolders)
		for _, held := range h.few {
			h.many[held]++
		}
		h.few = nil
	}
	h.many[t]++
}

// remove takes t out once and reports whether it was there.
func (h *holders) remove(t *Thread) bool {
	if h.many != nil {
		n := h.many[t]
		if n > 1 {
			h.many[t] = n - 1
		} else {
			delete(h.many, t)
		}
		return n > 0
	}
	last := len(h.few) - 1
	for i := last; i >= 0; i-- {
		if h.few[i] == t {
			h.few[i] = h.few[last]
			h.few[last] = nil
			h.few = h.few[:last]
			return true
		}
	}
	return false
}

// threads returns each holder, some of them more than once.
func (h *holders) threads() []*Thread {
	all := append([]*Thread(nil), h.few...)
	for t := range h.many {
		all = append(all, t)
	}
	return all
}
