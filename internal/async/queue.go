package async

import "fmt"

// Queue hands items from task to task, first in, first out: asyncio.Queue.
type Queue[T any] struct {
	name             string
	items            []T
	capacity         int // 0: unbounded
	getters, putters line
	joiners          line
	unfinished       int
	closed           bool
}

// NewQueue returns an empty queue of that capacity; 0 is unbounded, ErrNegative below. The name is for reports.
func NewQueue[T any](name string, capacity int) (*Queue[T], error) {
	if capacity < 0 {
		return nil, fmt.Errorf("queue %s of capacity %d: %w", name, capacity, ErrNegative)
	}
	return &Queue[T]{
		name: name, capacity: capacity,
		getters: line{what: "an item of queue " + name},
		putters: line{what: "room in queue " + name},
		joiners: line{what: "the end of all work on queue " + name},
	}, nil
}

// Put adds an item, and waits while there is no room. The error is ErrClosed once the queue is closed.
func (q *Queue[T]) Put(t *Task, item T) error {
	if err := t.check("put into queue " + q.name); err != nil {
		return err
	}
	if q.room() <= 0 && !q.closed {
		given, err := q.putters.wait(t)
		if err != nil {
			if given && q.room() > 0 {
				q.putters.give()
			}
			return err
		}
	}
	return q.TryPut(item)
}

// TryPut adds an item if there is room. The error is ErrFull if there is none, ErrClosed once the queue is closed.
func (q *Queue[T]) TryPut(item T) error {
	switch {
	case q.closed:
		return fmt.Errorf("put into queue %s: %w", q.name, ErrClosed)
	case q.room() <= 0:
		return fmt.Errorf("put into queue %s: %w", q.name, ErrFull)
	}
	q.items = append(q.items, item)
	q.unfinished++
	q.getters.give()
	return nil
}

// Get takes the oldest item, and waits while there is none. A closed queue gives what is left in it; then the error is
// ErrClosed.
func (q *Queue[T]) Get(t *Task) (T, error) {
	var zero T
	if err := t.check("get from queue " + q.name); err != nil {
		return zero, err
	}
	if q.free() <= 0 && !q.closed {
		given, err := q.getters.wait(t)
		if err != nil {
			if given && q.free() > 0 {
				q.getters.give()
			}
			return zero, err
		}
	}
	return q.TryGet()
}

// TryGet takes the oldest item. The error is ErrEmpty if there is none, ErrClosed if none will come.
func (q *Queue[T]) TryGet() (item T, err error) {
	switch {
	case q.free() > 0:
	case q.closed:
		return item, fmt.Errorf("get from queue %s: %w", q.name, ErrClosed)
	default:
		return item, fmt.Errorf("get from queue %s: %w", q.name, ErrEmpty)
	}
	var zero T
	item, q.items[0] = q.items[0], zero
	q.items = q.items[1:]
	q.putters.give()
	return item, nil
}

// free is the number of items, and room that of places, that are not given to a waiting task.
func (q *Queue[T]) free() int { return len(q.items) - q.getters.owed }
func (q *Queue[T]) room() int {
	if q.capacity == 0 {
		return 1
	}
	return q.capacity - len(q.items) - q.putters.owed
}

// Len returns how many items are in the queue.
func (q *Queue[T]) Len() int { return len(q.items) }

// Close ends the queue: asyncio.Queue.shutdown. A Put that waits, and a Get that waits, return ErrClosed.
func (q *Queue[T]) Close() {
	q.closed = true
	q.getters.wake() // what was given to a task stays given
	q.putters.wake()
}

// TaskDone says that the work on one item is done. ErrTooMany if it is called more often than items were put.
func (q *Queue[T]) TaskDone() error {
	if q.unfinished == 0 {
		return fmt.Errorf("task done on queue %s: %w", q.name, ErrTooMany)
	}
	if q.unfinished--; q.unfinished == 0 {
		for q.joiners.give() != nil {
		}
	}
	return nil
}

// Join waits until TaskDone was called for every item put.
func (q *Queue[T]) Join(t *Task) error {
	if err := t.check("join queue " + q.name); err != nil {
		return err
	}
	for q.unfinished > 0 {
		if _, err := q.joiners.wait(t); err != nil {
			return err
		}
	}
	return nil
}
