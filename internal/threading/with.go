package threading

import (
	"context"
	"errors"
)

// With acquires l, runs f and releases l, also if f panics. If l cannot be
// acquired f does not run. The error is that of Acquire, or those of f and of
// Release together. It works for a Lock, an RLock, a Semaphore, a Condition
// and anything else that is acquired and released.
//
// Python: with l: f().
func With(ctx context.Context, l interface {
	Acquire(ctx context.Context) error
	Release(ctx context.Context) error
}, f func() error) (err error) {
	if err := l.Acquire(ctx); err != nil {
		return err
	}
	defer func() {
		if e := l.Release(ctx); e != nil {
			err = errors.Join(err, e)
		}
	}()
	return f()
}
