package tasks

import (
	"fmt"
	"time"
)

// An Option is something that a call of a task asks for. Given to [Register] it holds for each call of the task.
type Option func(*Request) error

// WithQueue sends the call to a queue of that name: letters, digits, - and _. Workers say which queues they serve.
func WithQueue(name string) Option {
	return func(r *Request) error {
		if !validID(name) {
			return fmt.Errorf("%w: a queue cannot be named %q; use letters, digits, - and _", ErrOption, name)
		}
		r.Queue = name
		return nil
	}
}

// WithPriority lets the call go before those of a lower priority that wait in the same queue, or behind those of a higher one.
func WithPriority(p Priority) Option {
	return func(r *Request) error {
		if p < Low || p > High {
			return fmt.Errorf("%w: there is no priority %d; there are Low, Normal and High", ErrOption, int(p))
		}
		r.Priority = p
		return nil
	}
}

// WithCountdown lets no worker have the call before that time has passed. Celery: countdown.
func WithCountdown(d time.Duration) Option {
	return func(r *Request) error {
		if d < 0 {
			return fmt.Errorf("%w: a countdown of %v", ErrOption, d)
		}
		if d > 0 {
			r.ETA = time.Now().Add(d)
		}
		return nil
	}
}

// WithETA lets no worker have the call before that time, by the engine's clock. It comes up to 0.25 s later than asked. The
// engine keeps it, also across a restart; a time that has passed meanwhile is now. It may be 100 years away. Celery: eta.
func WithETA(t time.Time) Option {
	return func(r *Request) error { r.ETA = t; return nil }
}

// WithExpires revokes the call if no worker has begun it when that time has passed: [ErrExpired]. Celery: expires.
func WithExpires(d time.Duration) Option {
	return func(r *Request) error {
		if d <= 0 {
			return fmt.Errorf("%w: it expires after %v, which is before it is sent", ErrOption, d)
		}
		r.Expires = time.Now().Add(d)
		return nil
	}
}

// WithRetries lets a call that fails be tried again, so many times: the first time after backoff, then after twice as long,
// and so on, but never more than an hour. An error that is [Permanent] is not tried again, [RetryIn] chooses another pause.
// Celery: max_retries, autoretry_for, retry_backoff.
func WithRetries(n int, backoff time.Duration) Option {
	return func(r *Request) error {
		if n < 0 || backoff < 0 {
			return fmt.Errorf("%w: %d retries, the first after %v", ErrOption, n, backoff)
		}
		r.MaxRetries, r.Backoff = n, backoff
		return nil
	}
}

// WithSoftLimit ends the context of the function after that time, with the cause [ErrSoftLimit]. The function may still return
// a result. Celery: soft_time_limit.
func WithSoftLimit(d time.Duration) Option {
	return func(r *Request) error {
		if d <= 0 {
			return fmt.Errorf("%w: a soft limit of %v", ErrOption, d)
		}
		r.SoftLimit = d
		return nil
	}
}

// WithHardLimit makes the call fail after that time, with [ErrHardLimit] and without a retry, and lets the worker go on with
// another one. Go cannot kill a goroutine: the function's context ends, and a function that takes no notice of it goes on and
// uses its processor until its worker ends. What it returns is dropped. Celery, which kills the process: time_limit.
func WithHardLimit(d time.Duration) Option {
	return func(r *Request) error {
		if d <= 0 {
			return fmt.Errorf("%w: a hard limit of %v", ErrOption, d)
		}
		r.HardLimit = d
		return nil
	}
}

// WithIgnoreResult keeps no result and no state, which is faster. Celery: ignore_result.
func WithIgnoreResult() Option {
	return func(r *Request) error { r.IgnoreResult = true; return nil }
}

// WithTrackStarted keeps the state STARTED, too, which costs a message more. Celery: track_started.
func WithTrackStarted() Option {
	return func(r *Request) error { r.TrackStarted = true; return nil }
}

// WithKey makes all calls of one task and key one call: it is sent once, and all get its result. The engine remembers a key as
// long as a result, a day, also across a restart. The arguments of later calls are not looked at. Celery has nothing of the
// kind.
func WithKey(key string) Option {
	return func(r *Request) error {
		if key == "" || len(key) > maxKey {
			return fmt.Errorf("%w: a key of %d bytes; use 1 to %d", ErrOption, len(key), maxKey)
		}
		r.Key, r.ID = key, keyID(r.Name, key)
		return nil
	}
}

// WithID gives the call an id of the caller's choice: letters, digits, - and _. Two calls with one id have one result, that of
// the first to end. Celery: task_id.
func WithID(id string) Option {
	return func(r *Request) error {
		if !validID(id) {
			return fmt.Errorf("%w: %.40q cannot be an id; use up to 128 letters, digits, - and _", ErrOption, id)
		}
		r.ID = id
		return nil
	}
}
