package threading

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"cookbook/internal/waitfor"
)

// A Semaphore is a counter that cannot fall below zero: Acquire takes one and waits while there is none, Release puts one
// back. It is fair: what is released goes to the thread that has waited longest.
//
// A semaphore that starts at 0 is a signal: one thread waits for what another reports. golang.org/x/sync/semaphore counts the
// same way, with weights, but panics when more is released than was acquired. It can signal only if all of it is acquired first.
//
// Acquire with Release costs 25 ns, as in golang.org/x/sync. A hand-over to a thread that waits costs 180 ns.
//
// Python: threading.Semaphore.
type Semaphore struct {
	mu      sync.Mutex
	value   int
	limit   int // the greatest value allowed
	holders holders
	signal  bool // was released by a thread that did not hold it: has no holders
	waiters line
	name    string
}

// NewSemaphore returns a semaphore of value n, 0 included. The error is ErrNegative if n is below 0. The name appears in
// errors and reports.
//
// Python: threading.Semaphore(n).
func NewSemaphore(name string, n int) (*Semaphore, error) {
	s := &Semaphore{name: name, value: n, limit: math.MaxInt}
	if n < 0 {
		return nil, failed("make", s.title(), fmt.Errorf("initial value %d: %w", n, ErrNegative))
	}
	return s, nil
}

// NewBoundedSemaphore returns a semaphore whose value cannot rise above n: a Release that would raise it returns
// ErrTooManyReleases. So it finds one release too many, though not which thread made it.
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

// Acquire takes one, and blocks while the value is 0, or until ctx ends; then the error wraps its cause and none was taken.
// If the value is above 0, one is taken even if ctx has ended.
//
// Python: semaphore.acquire().
func (s *Semaphore) Acquire(ctx context.Context) error { return s.acquire(ctx, forever) }

// AcquireTimeout is Acquire with a time-out: the error is ErrTimeout if there is none to take within d. With d ≤ 0 it only
// tries.
//
// Python: semaphore.acquire(timeout=d), where a negative d is a try as well.
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
	w, err := s.enter(ctx, t, d)
	if err != nil {
		return err
	}
	return w.wait(ctx, &s.mu, &s.waiters, d)
}

// enter is called with mu held and releases it.
func (s *Semaphore) enter(ctx context.Context, t *Thread, d time.Duration) (*waiter, error) {
	defer s.mu.Unlock()
	return s.waiters.enter(ctx, t, d, s)
}

// take gives one to t; mu is held.
func (s *Semaphore) take(t *Thread) {
	s.value--
	if !s.signal {
		s.holders.add(t)
	}
}

// TryAcquire takes one if the value is above 0, and reports whether it did. It never blocks.
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

// Release puts one back; it goes to the thread that has waited longest. It never blocks. Any thread may call it. Once a
// thread has released what it did not acquire, the semaphore counts as a signal: it has no holders, so a wait for it is not
// part of a deadlock. The error is ErrTooManyReleases if the value is the bound of a bounded semaphore, or the greatest int.
//
// Python: semaphore.release(), whose value has no end.
func (s *Semaphore) Release(ctx context.Context) error {
	t := Current(ctx)
	s.mu.Lock()
	if s.value == s.limit {
		s.mu.Unlock()
		return s.tooMany(1)
	}
	logHold(ctx, waitfor.LogRelease, s.name)
	s.put(t, 1)
	s.mu.Unlock()
	return nil
}

// ReleaseN puts n back; the threads that wait get theirs in the order of their coming. If it returns an error it has put back
// none: ErrNegative, or ErrTooManyReleases if the value would rise above the bound, or above the greatest int. It costs as
// much as there are threads to wake, whatever n is.
//
// Python: semaphore.release(n).
func (s *Semaphore) ReleaseN(ctx context.Context, n int) error {
	if n < 0 {
		return failed("release", s.title(), fmt.Errorf("%d times: %w", n, ErrNegative))
	}
	t := Current(ctx)
	s.mu.Lock()
	if n > s.limit-s.value {
		s.mu.Unlock()
		return s.tooMany(n)
	}
	logHold(ctx, waitfor.LogRelease, s.name)
	s.put(t, n)
	s.mu.Unlock()
	return nil
}

func (s *Semaphore) tooMany(n int) error {
	return failed("release", s.title(), fmt.Errorf("%w; %d more would exceed its bound of %d", ErrTooManyReleases, n, s.limit))
}

// put takes n back from t, and hands them on to the threads that wait; mu is held.
func (s *Semaphore) put(t *Thread, n int) {
	if !s.signal && !s.holders.remove(t, n) {
		s.signal = true
		s.holders = holders{}
	}
	s.value += n
	for s.value > 0 && s.waiters.first != nil {
		w := s.waiters.pop()
		s.take(w.thread)
		w.grant()
	}
}

// Value returns how many calls of Acquire would not block at this moment.
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

func (s *Semaphore) open() bool { return true }

func (s *Semaphore) describe(*line) (string, []*Thread) { return s.title(), s.holders.threads() }

// holders counts what each thread holds. A few entries, as is usual, are kept in a list, which is searched from its end.
// Many are counted in a map.
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

// remove takes t out n times and reports whether it was there as many times.
func (h *holders) remove(t *Thread, n int) bool {
	if h.many != nil {
		held := h.many[t]
		if held > n {
			h.many[t] = held - n
		} else {
			delete(h.many, t)
		}
		return held >= n
	}
	last := len(h.few) - 1
	for i := last; i >= 0 && n > 0; i-- {
		if h.few[i] == t {
			h.few[i] = h.few[last]
			h.few[last] = nil
			h.few = h.few[:last]
			last--
			n--
		}
	}
	return n == 0
}

// threads returns each holder, some of them more than once.
func (h *holders) threads() []*Thread {
	all := append([]*Thread(nil), h.few...)
	for t := range h.many {
		all = append(all, t)
	}
	return all
}
