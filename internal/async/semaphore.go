package async

import (
	"fmt"
	"math"
)

// Semaphore lets n tasks in at once: asyncio.Semaphore.
type Semaphore struct {
	line  line
	value int
}

// NewSemaphore returns a semaphore of n, 0 included; ErrNegative below that. The name is for reports.
func NewSemaphore(name string, n int) (*Semaphore, error) {
	if n < 0 {
		return nil, fmt.Errorf("semaphore %s of %d: %w", name, n, ErrNegative)
	}
	return &Semaphore{line: line{what: "semaphore " + name}, value: n}, nil
}

// Acquire waits until the value is above 0 and takes one. With an error it has taken none.
func (s *Semaphore) Acquire(t *Task) error {
	if err := t.check("acquire " + s.line.what); err != nil {
		return err
	}
	if s.TryAcquire() {
		return nil
	}
	given, err := s.line.wait(t)
	if err != nil && given {
		s.Release()
	}
	return err
}

// TryAcquire takes one if the value is above 0, and reports whether it did. It does not wait, and tasks that wait come
// first.
func (s *Semaphore) TryAcquire() bool {
	if s.value == 0 {
		return false
	}
	s.value--
	return true
}

// Release gives one back, to the first in line if there is one. As in Python, any task may call it, also one that has
// acquired none. The error is ErrTooMany if the value is the greatest int already.
func (s *Semaphore) Release() error {
	if s.value == math.MaxInt {
		return fmt.Errorf("release %s: %w", s.line.what, ErrTooMany)
	}
	if s.line.give() == nil {
		s.value++
	}
	return nil
}

// Value returns how many calls of Acquire would not wait now.
func (s *Semaphore) Value() int { return s.value }
