package shm

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"reflect"
	"runtime"
	"time"
	"unsafe"

	"cookbook/internal/process/failure"
)

// What can go wrong with a queue, beside what can go wrong with everything that processes share.
var (
	ErrFull        = errors.New("full")
	ErrEmpty       = errors.New("empty")
	ErrTooManyDone = errors.New("marked as done more often than this process has taken items")
)

// A Queue hands items from processes to processes, first in, first out. Any number of them may put and get.
//
// An item is copied into the memory that the group shares and copied out again: numbers, bools, strings and []byte as they
// are, everything else as package wire writes it, by encoding/gob as a rule. Channels and functions cannot be put.
//
// The items of one producer are taken in the order in which it put them. A process that dies takes nothing along but
// the item that it had got, or not yet put: none is doubled, and the queue goes on.
//
// Python: multiprocessing.Queue, which has a thread that feeds a pipe, and can be left locked for ever by a process that is
// killed.
type Queue[T any] struct {
	object
	r     ring
	items *carrier[T]
}

// A queueState is a queue in memory. The records follow, if it can be joined behind its ledger.
type queueState struct {
	ring     ringState
	typ      uint64 // of the items
	joinable uint32 // 1: there is a ledger
	_        [cacheLine - 12]byte
}

// What goroutines wait for at a queue, as the race detector tells it apart. A pipe has the first two for each end.
const (
	filled uint64 = iota
	freed
	finished
	perEnd = 2
)

const (
	defaultCapacity = 1024
	defaultRoom     = 1 << 20
	roomForItem     = 256 // what is reserved for one whose size is not known
)

// A QueueOption is an option of [NewQueue], [NewJoinableQueue] and [NewPipe].
type QueueOption func(*queueOptions)

type queueOptions struct{ room int }

// WithRoom makes room for at least that many bytes. Each item takes eight beside itself. For numbers and small plain structs
// it does not matter: their room is known. The default is 256 bytes per item but not less than 1 MiB, and 256 KiB for each
// direction of a pipe. Memory that was never used is not taken from the machine.
func WithRoom(bytes int) QueueOption { return func(o *queueOptions) { o.room = bytes } }

// NewQueue returns a queue for capacity items, 1024 if that is 0; a negative one is [failure.ErrNegative]. Items whose size
// varies share the room in bytes as well, see [WithRoom]. The name appears in errors.
//
// Python: multiprocessing.Queue(capacity), where 0 means without a bound.
func NewQueue[T any](in *Space, name string, capacity int, opts ...QueueOption) (*Queue[T], error) {
	q := new(Queue[T])
	if err := q.make(in, name, capacity, 0, opts); err != nil {
		return nil, err
	}
	return q, nil
}

func (q *Queue[T]) make(in *Space, name string, capacity int, joinable uint32, opts []QueueOption) error {
	if capacity == 0 {
		capacity = defaultCapacity
	}
	if capacity < 0 || capacity > maxUnits {
		err := failure.ErrNegative
		if capacity > 0 {
			err = ErrNoRoom
		}
		return failure.Of("make", title(name, kindQueue), fmt.Errorf("%d items: %w", capacity, err))
	}
	o := queueOptions{room: max(defaultRoom, capacity*roomForItem)}
	for _, opt := range opts {
		opt(&o)
	}
	size := ringUnits(o.room)
	if formOf[T]() == formFixed {
		var t T
		size = ringUnits(capacity * int(units(int(unsafe.Sizeof(t)))) * headerUnit)
	}
	if uint64(size)*headerUnit < uint64(o.room) && formOf[T]() != formFixed {
		return failure.Of("make", title(name, kindQueue), fmt.Errorf("%d bytes: %w", o.room, ErrNoRoom))
	}
	s, err := makeLarger(&q.object, in, name, kindQueue, queueHead(joinable)+int(size)*headerUnit, func(s *queueState) {
		s.ring.capacity, s.ring.units = uint32(capacity), size
		s.typ, s.joinable = typeNumber[T](), joinable
	})
	if err != nil {
		return err
	}
	return q.use(s)
}

// queueHead returns how much lies before the records.
func queueHead(joinable uint32) int {
	return int(unsafe.Sizeof(queueState{})) + int(joinable)*int(unsafe.Sizeof(ledgerState{}))
}

// use makes the handle ready. What the memory says is not trusted.
func (q *Queue[T]) use(s *queueState) error {
	size, err := q.space.arena.object(kindQueue, q.at)
	if err == nil && s.joinable > 1 || size < queueHead(s.joinable) || size-queueHead(s.joinable) < int(min(s.ring.units, maxUnits))*headerUnit {
		err = fmt.Errorf("%d units in %d bytes: %w", s.ring.units, size, ErrNotHere)
	}
	if err == nil {
		q.r, err = useRing(&q.object, &s.ring, q.at+uint64(queueHead(s.joinable)))
	}
	if err == nil && s.typ != typeNumber[T]() {
		err = fmt.Errorf("its items are not of type %v: %w", reflect.TypeFor[T](), ErrNotHere)
	}
	if err != nil {
		return failure.Of("read", title(q.name, kindQueue), err)
	}
	q.items = newCarrier[T]()
	q.r.wakeAll = q.items.form != formFixed
	if s.joinable != 0 {
		q.r.ledger = &ledger{s: overlay[ledgerState](q.space.arena, q.at+uint64(unsafe.Sizeof(*s)))}
	}
	return nil
}

// typeNumber tells types apart; it is the same in all processes of a program.
func typeNumber[T any]() uint64 {
	h := fnv.New64a()
	t := reflect.TypeFor[T]()
	fmt.Fprintf(h, "%v %s", t, t.PkgPath())
	return h.Sum64()
}

func (q *Queue[T]) title() string { return title(q.name, kindQueue) }

// Put appends v. It blocks while the queue is full, or until ctx ends; then the error wraps its cause and v is not in the
// queue. It is [failure.ErrClosed] after Close, and [wire.ErrTooLarge] if v would not even fit an empty queue.
//
// Python: queue.put(v).
func (q *Queue[T]) Put(ctx context.Context, v T) error { return q.put(q.wait(ctx, noLimit), v, false) }

// PutTimeout is Put, but [failure.ErrTimeout] if there is no room within d. It tries before it waits, so d ≤ 0 is a try.
//
// Python: queue.put(v, timeout=d), which raises Full.
func (q *Queue[T]) PutTimeout(ctx context.Context, v T, d time.Duration) error {
	return q.put(q.wait(ctx, max(d, 0)), v, false)
}

// TryPut is Put, but [ErrFull] if that would block.
//
// Python: queue.put_nowait(v).
func (q *Queue[T]) TryPut(v T) error { return q.put(q.tryWait(), v, true) }

func (q *Queue[T]) put(w wait, v T, try bool) error {
	q.raceRelease(filled)
	err := q.items.send(&q.r, &w, &v, try)
	q.raceAcquire(freed)
	runtime.KeepAlive(q)
	if err != nil {
		return failure.Of("put into", q.title(), closedFor(err))
	}
	return nil
}

// Get takes the item that has been in the queue for longest. It blocks while there is none, or until ctx ends; then the
// error wraps its cause. After Close it takes what is left, and then it is [failure.ErrClosed]. An item that cannot be read
// is taken, too.
//
// Python: queue.get().
func (q *Queue[T]) Get(ctx context.Context) (T, error) { return q.get(q.wait(ctx, noLimit), false) }

// GetTimeout is Get, but [failure.ErrTimeout] if there is no item within d. It tries before it waits, so d ≤ 0 is a try.
//
// Python: queue.get(timeout=d), which raises Empty.
func (q *Queue[T]) GetTimeout(ctx context.Context, d time.Duration) (T, error) {
	return q.get(q.wait(ctx, max(d, 0)), false)
}

// TryGet is Get, but [ErrEmpty] if that would block.
//
// Python: queue.get_nowait().
func (q *Queue[T]) TryGet() (T, error) { return q.get(q.tryWait(), true) }

func (q *Queue[T]) get(w wait, try bool) (v T, err error) {
	q.raceRelease(freed)
	if (try || w.d == 0) && q.r.len() == 0 && q.r.s.closed.Load() == 0 && !q.r.a.closed.Load() {
		if err = ErrEmpty; !try { // without disturbing the other readers
			err = w.begin()
		}
	} else {
		err = q.items.receive(&q.r, &w, &v, try)
	}
	q.raceAcquire(filled)
	runtime.KeepAlive(q)
	if err != nil {
		return v, failure.Of("get from", q.title(), closedFor(err))
	}
	return v, nil
}

// closedFor says in the words of a queue that its other end is gone.
func closedFor(err error) error {
	if err == errNoMore {
		return failure.ErrClosed
	}
	return err
}

// Len returns how many items there are at this moment; it may be another number when it is read. An end by "empty" is
// wrong as long as somebody may still put.
//
// Python: queue.qsize(), which raises NotImplementedError on macOS.
func (q *Queue[T]) Len() int {
	n := q.r.len()
	runtime.KeepAlive(q)
	return n
}

// Cap returns how many items there can be.
func (q *Queue[T]) Cap() int { return int(q.r.s.capacity) }

// Close lets nothing more in, from no process: Put is [failure.ErrClosed] now, and so is Get when the queue is empty. It may
// be called any number of times.
//
// Python's close concerns the process that calls it alone; the way to end consumers there is to put a None for each.
func (q *Queue[T]) Close() error {
	w := q.tryWait()
	q.raceRelease(filled)
	err := q.r.close(&w)
	runtime.KeepAlive(q)
	if err != nil {
		return failure.Of("close", q.title(), err)
	}
	return nil
}

// String says the name, how many items there are and how many there can be.
func (q *Queue[T]) String() string { return fmt.Sprintf("%s (%d of %d)", q.title(), q.Len(), q.Cap()) }

// MarshalBinary says which queue of which group it is.
func (q *Queue[T]) MarshalBinary() ([]byte, error) { return q.marshal(kindQueue) }

// UnmarshalBinary finds the queue that another process of this group has sent; otherwise, or if its items are of another type, the
// error wraps [ErrNotHere].
func (q *Queue[T]) UnmarshalBinary(data []byte) error {
	found := new(Queue[T])
	s, err := findObject[queueState](&found.object, data, kindQueue)
	if err == nil {
		err = found.use(s)
	}
	if err == nil {
		*q = *found
	}
	return err
}

// bereave gives back what the process of a slot, which has ended, held of the queue.
func (s *queueState) bereave(a *arena, at uint64, size, slot int) {
	s.ring.bereave(uint32(slot) + 1)
	if s.joinable == 1 && size >= queueHead(1) {
		overlay[ledgerState](a, at+uint64(unsafe.Sizeof(*s))).idle.shake()
	}
}
