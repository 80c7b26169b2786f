package threading

import (
	"context"
	"fmt"
	"os"
	"runtime/trace"
	"time"

	"cookbook/internal/waitfor"
)

// passed is an item on its way from one thread to another, with its number.
type passed[T any] struct {
	v T
	n uint64
}

// gets is how many items were got so far; mu is held.
func (q *Queue[T]) gets() uint64 { return q.puts - uint64(q.items.len()) }

// addTraced is add where a timeline is recorded.
func (q *Queue[T]) addTraced(v T) error {
	what := waitfor.Brief(v) // while v is this thread's
	err := q.addUntraced(v)
	if err == nil {
		q.sent(q.puts, what)
	}
	return err
}

// sent and received note, for a timeline, which thread has put an item and which has got it.
func (q *Queue[T]) sent(n uint64, what string) {
	if q.numbered {
		trace.Log(context.Background(), waitfor.LogSend, q.key(n)+" "+q.title()+": "+what)
	}
}

func (q *Queue[T]) received(n uint64) {
	if q.numbered {
		trace.Log(context.Background(), waitfor.LogReceive, q.key(n))
	}
}

// key is a word that no other item of the run has.
func (q *Queue[T]) key(n uint64) string { return fmt.Sprintf("queue/%d/%p/%d", os.Getpid(), q, n) }

// unlockUnlessReturns calls f, which asks less, with mu held. If less panics or ends the goroutine, no caller can unlock.
func (q *Queue[T]) unlockUnlessReturns(f func()) {
	returned := false
	defer func() {
		if !returned {
			q.mu.Unlock()
		}
	}()
	f()
	returned = true
}

// awaitRoom is called with mu held and releases it.
func (q *Queue[T]) awaitRoom(ctx context.Context, v T, d time.Duration) error {
	item, what := &passed[T]{v: v}, ""
	if trace.IsEnabled() {
		what = waitfor.Brief(v)
	}
	w, err := q.enter(ctx, &q.putters, d, item)
	if err == nil {
		err = w.wait(ctx, &q.mu, &q.putters, d)
	}
	if err == nil && trace.IsEnabled() {
		q.sent(item.n, what)
	}
	switch p, ok := err.(*lessPanic); {
	case ok:
		panic(p.value)
	case err == ErrTimeout:
		err = ErrFull
	}
	return err
}

// enter puts the thread of ctx in line; it is called with mu held and releases it.
func (q *Queue[T]) enter(ctx context.Context, ln *line, d time.Duration, slot any) (*waiter, error) {
	defer q.mu.Unlock()
	w, err := ln.enter(ctx, Current(ctx), d, q)
	if err == nil {
		w.slot = slot
	}
	return w, err
}

// awaitItem is called with mu held and releases it.
func (q *Queue[T]) awaitItem(ctx context.Context, d time.Duration) (v T, n uint64, err error) {
	item := new(passed[T])
	w, err := q.enter(ctx, &q.getters, d, item)
	if err == nil {
		err = w.wait(ctx, &q.mu, &q.getters, d)
		v, n = item.v, item.n
	}
	if err == ErrTimeout {
		err = ErrEmpty
	}
	return v, n, err
}

// take removes the next item and gives its place to the first putter in line;
// mu is held.
func (q *Queue[T]) take() (v T, err error) {
	if q.items.len() == 0 {
		if q.closed {
			return v, ErrClosed
		}
		return v, ErrEmpty
	}
	if q.ordered {
		v = q.popOrdered()
	} else {
		v = q.items.pop()
	}
	if q.putters.first != nil {
		q.admit()
	}
	return v, nil
}

func (q *Queue[T]) popOrdered() (v T) {
	q.unlockUnlessReturns(func() { v = q.items.pop() })
	return v
}

// admit adds the item of the first putter in line; mu is held. If less does not return for that item, its putter is told so,
// and not the thread that has made the place, and the next putter has the place.
func (q *Queue[T]) admit() {
	w := q.putters.pop()
	if w == nil {
		return
	}
	added := false
	defer func() {
		if added {
			return
		}
		var err error = ErrGoexit
		if p := recover(); p != nil {
			err = &lessPanic{p}
		}
		w.refuse(err)
		q.admit()
		if err == ErrGoexit { // and the goroutine ends: no caller can unlock
			q.mu.Unlock()
		}
	}()
	item := w.slot.(*passed[T])
	q.items.push(item.v)
	added = true
	q.unfinished++
	q.puts++
	item.n = q.puts
	w.slot = nil
	w.grant()
}

// A lessPanic is the panic of less for the item of a putter that waits. It goes on in the putter.
type lessPanic struct{ value any }

func (p *lessPanic) Error() string { return fmt.Sprint("less panicked: ", p.value) }
