package shm

import (
	"context"
	"math"
	"runtime/trace"
	"sync/atomic"
	"time"

	"cookbook/internal/futex"
	"cookbook/internal/process/failure"
	"cookbook/internal/turn"
	"cookbook/internal/waitfor"
)

// noLimit is the time-out of a wait that has none of its own.
const noLimit time.Duration = -1

// hungryAfter is how long a wait may lose against later ones, until its turn is kept.
const hungryAfter = 2 * time.Millisecond

// A wait first spins: it reads the word `looks` times and yields between reads. Usually the other process is done before the
// kernel could put this one to sleep.
const (
	looks        = 40
	looksAtAWord = 50
)

// A wait is one call that waits; it may sleep several times. It does not rely on being woken: it sleeps for at most 20 ms,
// then looks whether it should go on, and now and then which processes have died.
type wait struct {
	a     *arena
	ctx   context.Context // nil: none
	group context.Context // ends everything
	turns turn.Chooser    // decides who goes on of those that were woken; nil: the system
	d     time.Duration   // noLimit: no time-out
	since time.Time       // when it began to wait; zero: it has not
	of    *object         // what it waits for; nil: not one thing
	calm  bool            // does not look for the dead, because it is part of that
	lock  uint64          // where the lock lies that it waits for, if a report is to tell that; otherwise 0
	noted bool            // the table of processes says so
	item  string          // what is to be sent, if that is traced
}

// begin is called before anything that makes the caller wait, and says why it must not.
func (w *wait) begin() error {
	if !w.since.IsZero() {
		return nil
	}
	if err := w.ended(); err != nil {
		return err
	}
	if w.d == 0 {
		return failure.ErrTimeout
	}
	w.since = time.Now()
	return nil
}

// ended returns why the wait should not go on.
func (w *wait) ended() error {
	switch {
	case w.ctx != nil && w.ctx.Err() != nil:
		return context.Cause(w.ctx)
	case w.group != nil && w.group.Err() != nil:
		return context.Cause(w.group)
	case w.a.closed.Load():
		return failure.ErrClosed
	}
	return nil
}

// spin looks at the word for a moment and reports whether it is no longer val.
func spin(word *atomic.Uint32, val uint32) bool {
	for i := range looks {
		if i > 0 {
			futex.Yield()
		}
		for range looksAtAWord {
			if word.Load() != val {
				return true
			}
		}
	}
	return false
}

// sleep sleeps while the word is val, but not for long. An error says that the wait is over.
func (w *wait) sleep(word *atomic.Uint32, val uint32) error {
	if err := w.begin(); err != nil {
		return err
	}
	d := tick
	if w.d >= 0 {
		left := w.d - time.Since(w.since)
		if left <= 0 {
			return failure.ErrTimeout
		}
		d = min(d, left)
	}
	w.note()
	if w.turns != nil && w.d < 0 {
		return w.sleepInTurn(word, val)
	}
	if trace.IsEnabled() && w.of != nil {
		defer trace.StartRegion(context.Background(), waitfor.WaitRegion+w.of.called()).End()
	}
	if futex.Wait(word, val, d) && d == tick && !w.calm {
		w.a.sweep()
	}
	return w.ended()
}

// sleepInTurn is sleep where a chooser decides. No clock has a part in who is woken first: the wait sleeps until it is woken, and is so
// when it is told to end, or when the parent of a process that died says that.
func (w *wait) sleepInTurn(word *atomic.Uint32, val uint32) error {
	const pause = time.Second // then it looks around
	var over atomic.Bool
	wake := func() {
		for ; !over.Load(); time.Sleep(time.Millisecond) { // it may not sleep yet
			futex.Wake(word, math.MaxInt32)
		}
	}
	for _, ctx := range []context.Context{w.ctx, w.group} {
		if ctx != nil {
			defer context.AfterFunc(ctx, wake)()
		}
	}
	timedOut := futex.Wait(word, val, pause)
	if over.Store(true); !timedOut {
		w.turns.Yield()
	}
	return w.ended()
}

// hungry reports whether the wait has lasted so long that its turn is to be kept.
func (w *wait) hungry() bool {
	return w.turns == nil && !w.since.IsZero() && time.Since(w.since) > hungryAfter
}
