package threading

import (
	"context"
	"errors"
	"fmt"
	"runtime/trace"
	"sync"
	"time"
)

// A Queue hands items from threads that put to threads that get, in the order of its kind. It is fair on both ends: an item
// goes to the getter that waits longest, a free place to the putter that waits longest. Any thread may close it at any time,
// and Join waits until the work on all items is done.
//
// If one sender closes it and the receivers only range over it, use a channel. An item costs 40 ns in either.
//
// Python: queue.Queue, queue.LifoQueue, queue.PriorityQueue.
type Queue[T any] struct {
	mu         sync.Mutex
	items      store[T]
	capacity   int  // ≤ 0: no bound
	ordered    bool // by less, which is the caller's
	closed     bool
	numbered   bool   // what was put first is got first, so that the n-th put is the n-th got
	puts       uint64 // of items, so far
	unfinished int    // items put and not yet done

	// Invariants: getters wait only while there are no items, putters only
	// while it is full, joiners only while something is unfinished.
	getters, putters, joiners line
	name                      string
}

// NewQueue returns a queue that gives the oldest item first and holds at most
// capacity of them; there is no bound if capacity ≤ 0, as in Python. The name
// appears in errors and reports.
//
// Python: queue.Queue(capacity).
func NewQueue[T any](name string, capacity int) *Queue[T] {
	return &Queue[T]{name: name, capacity: capacity, items: new(ring[T]), numbered: true}
}

// NewLIFOQueue returns a queue that gives the newest item first.
//
// Python: queue.LifoQueue(capacity).
func NewLIFOQueue[T any](name string, capacity int) *Queue[T] {
	return &Queue[T]{name: name, capacity: capacity, items: new(stack[T])}
}

// NewPriorityQueue returns a queue that gives the least item first, and of
// equal ones the oldest. Less must not use the queue. NewPriorityQueue panics if less is nil.
//
// If less panics, that goes on in the Put whose item it was asked about, and the item is not added; in a Get, no item is
// removed. The queue stays as it was. An item that is put while a thread waits in Get, or while the queue is empty, is compared
// with no other.
//
// Python: queue.PriorityQueue(capacity), which orders equal items by what comes next in the tuple.
func NewPriorityQueue[T any](name string, capacity int, less func(a, b T) bool) *Queue[T] {
	if less == nil {
		panic(errors.New("threading: make priority queue " + name + ": less is nil; pass a function that orders items"))
	}
	return &Queue[T]{name: name, capacity: capacity, items: &heap[T]{less: less}, ordered: true}
}

func (q *Queue[T]) title() string {
	if q.name == "" {
		return "a queue"
	}
	return q.name
}

// Put adds v, and blocks while the queue is full, or until ctx ends; then the error wraps its cause and v was not added. If
// there is room, v is added even if ctx has ended. The error is ErrClosed if the queue is closed, before or while Put waits.
//
// Python: queue.put(v).
func (q *Queue[T]) Put(ctx context.Context, v T) error { return q.put(ctx, v, forever) }

// PutTimeout is Put with a time-out: the error is ErrFull if there is no room within d. With d ≤ 0 it only tries.
//
// Python: queue.put(v, timeout=d), where a negative d is a ValueError.
func (q *Queue[T]) PutTimeout(ctx context.Context, v T, d time.Duration) error {
	return q.put(ctx, v, max(d, 0))
}

// TryPut adds v if there is room. The error is ErrFull if there is none, ErrClosed if the queue is closed. It never blocks.
//
// Python: queue.put_nowait(v).
func (q *Queue[T]) TryPut(v T) error {
	q.mu.Lock()
	err := q.add(v)
	q.mu.Unlock()
	if err != nil {
		return failed("put into", q.title(), err)
	}
	return nil
}

func (q *Queue[T]) put(ctx context.Context, v T, d time.Duration) error {
	q.mu.Lock()
	err := q.add(v)
	if err == ErrFull {
		err = q.awaitRoom(ctx, v, d)
	} else {
		q.mu.Unlock()
	}
	if err != nil {
		return failed("put into", q.title(), err)
	}
	return nil
}

// add puts v where it belongs if there is room; mu is held.
func (q *Queue[T]) add(v T) error {
	if trace.IsEnabled() {
		return q.addTraced(v)
	}
	return q.addUntraced(v)
}

func (q *Queue[T]) addUntraced(v T) error {
	switch {
	case q.closed:
		return ErrClosed
	case q.getters.first != nil:
		w := q.getters.pop()
		*w.slot.(*passed[T]) = passed[T]{v, q.puts + 1}
		w.slot = nil
		w.grant()
	case q.capacity > 0 && q.items.len() >= q.capacity:
		return ErrFull
	case q.ordered:
		q.unlockUnlessReturns(func() { q.items.push(v) })
	default:
		q.items.push(v)
	}
	q.unfinished++
	q.puts++
	return nil
}

// Get removes the next item and returns it. It blocks while the queue is empty, or until ctx ends; then the error wraps its
// cause and no item was removed. If there is an item, it is taken even if ctx has ended. A closed queue gives out what is
// left in it. After that the error is ErrClosed, also for a Get that waits already.
//
// Python: queue.get().
func (q *Queue[T]) Get(ctx context.Context) (T, error) { return q.get(ctx, forever) }

// GetTimeout is Get with a time-out: the error is ErrEmpty if there is no item within d. With d ≤ 0 it only tries.
//
// Python: queue.get(timeout=d), where a negative d is a ValueError.
func (q *Queue[T]) GetTimeout(ctx context.Context, d time.Duration) (T, error) {
	return q.get(ctx, max(d, 0))
}

// TryGet removes the next item and returns it. The error is ErrEmpty if there is none, ErrClosed if none will come. It never
// blocks.
//
// Python: queue.get_nowait().
func (q *Queue[T]) TryGet() (T, error) {
	q.mu.Lock()
	v, err := q.take()
	n := q.gets()
	q.mu.Unlock()
	return q.got(v, n, err)
}

func (q *Queue[T]) get(ctx context.Context, d time.Duration) (T, error) {
	q.mu.Lock()
	v, err := q.take()
	if err == nil && !trace.IsEnabled() {
		q.mu.Unlock()
		return v, nil
	}
	n := q.gets()
	if err == ErrEmpty {
		v, n, err = q.awaitItem(ctx, d)
	} else {
		q.mu.Unlock()
	}
	return q.got(v, n, err)
}

// got is what a get returns, for the item of this number.
func (q *Queue[T]) got(v T, n uint64, err error) (T, error) {
	if err != nil {
		return v, failed("get from", q.title(), err)
	}
	if trace.IsEnabled() {
		q.received(n)
	}
	return v, nil
}

// Close ends the queue. A Put returns ErrClosed, also one that waits already. A Get returns what is left, and then
// ErrClosed. Close never blocks. Any thread may call it, any number of times.
//
// Python: queue.shutdown(), since 3.13.
func (q *Queue[T]) Close() {
	q.mu.Lock()
	q.closed = true
	q.getters.refuseAll(ErrClosed)
	q.putters.refuseAll(ErrClosed)
	q.mu.Unlock()
}

// TaskDone says that the work on one item is done. The error is ErrTooManyDone if that was said of all items already. It
// never blocks.
//
// Python: queue.task_done().
func (q *Queue[T]) TaskDone() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.unfinished == 0 {
		return failed("finish a task of", q.title(), ErrTooManyDone)
	}
	q.unfinished--
	if q.unfinished == 0 {
		q.joiners.grantAll()
	}
	return nil
}

// Join blocks until TaskDone was called for every item that was put, or until ctx ends; then the error wraps its cause. A
// closed queue is joined in the same way: what is left in it has to be taken and done.
//
// Python: queue.join().
func (q *Queue[T]) Join(ctx context.Context) error {
	q.mu.Lock()
	if q.unfinished == 0 {
		q.mu.Unlock()
		return nil
	}
	w, err := q.enter(ctx, &q.joiners, forever, nil)
	if err == nil {
		err = w.wait(ctx, &q.mu, &q.joiners, forever)
	}
	if err != nil {
		return failed("join", q.title(), err)
	}
	return nil
}

// Len returns how many items are in the queue at this moment.
//
// Python: queue.qsize().
func (q *Queue[T]) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.items.len()
}

// Cap returns how many items it holds at most; 0 if there is no bound.
func (q *Queue[T]) Cap() int { return max(q.capacity, 0) }

// String says the name and how full it is.
func (q *Queue[T]) String() string {
	if q.capacity > 0 {
		return fmt.Sprintf("%s (%d of %d)", q.title(), q.Len(), q.capacity)
	}
	return fmt.Sprintf("%s (%d)", q.title(), q.Len())
}

func (q *Queue[T]) open() bool { return true }

func (q *Queue[T]) internal() *sync.Mutex { return &q.mu }

func (q *Queue[T]) describe(ln *line) (string, []*Thread) {
	switch ln {
	case &q.getters:
		return "an item in " + q.title(), nil
	case &q.putters:
		return "a free place in " + q.title(), nil
	}
	return "the last TaskDone of " + q.title(), nil
}
