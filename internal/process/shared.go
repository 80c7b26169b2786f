package process

import (
	"context"

	"cookbook/internal/process/shm"
)

// The types below are those of package shm, where their methods are documented: go doc ./internal/process/shm Lock. What is
// made here stands in the memory of a group. Where the system has none to share, the error wraps [ErrUnsupported].

type (
	// A Lock is held by one process of a group at a time. When its holder dies, the next one gets it and is told.
	Lock = shm.Lock
	// An RLock is a lock that its holder, a process, may acquire again.
	RLock = shm.RLock
	// A Semaphore is a counter that cannot fall below zero. What a process has acquired comes back when it ends.
	Semaphore = shm.Semaphore
	// An Event is a flag that processes can wait for.
	Event = shm.Event
	// A Condition is a place to wait, without its lock, until another process says that something has changed.
	Condition = shm.Condition
	// A Locker is what a Condition can stand on: a *[Lock] or an *[RLock].
	Locker = shm.Locker
	// A Barrier is a place where a number of processes wait until all of them have come. It breaks when one of them dies.
	Barrier = shm.Barrier
	// Memory is bytes that all processes of a group share. Nothing keeps two of them from writing at once.
	Memory = shm.Memory
	// Number is what a [Value] or an [Array] can hold.
	Number = shm.Number
	// A Value is a number that all processes of a group share, with atomic methods.
	Value[T Number] = shm.Value[T]
	// An Array is numbers that all processes of a group share, as a C array has them.
	Array[T Number] = shm.Array[T]
	// A Queue hands copies of items from processes to processes, first in, first out.
	Queue[T any] = shm.Queue[T]
	// A JoinableQueue is a [Queue] that knows which of its items are still being worked on.
	JoinableQueue[T any] = shm.JoinableQueue[T]
	// An End is one of the two ends of a pipe: it sends Ss and receives Rs.
	End[S, R any] = shm.End[S, R]
	// A QueueOption is an option of [NewQueue], [NewJoinableQueue] and [NewPipe].
	QueueOption = shm.QueueOption
)

// NewLock returns a free lock. The name appears in errors.
//
// Python: multiprocessing.Lock.
func NewLock(g *Group, name string) (*Lock, error) { return shm.NewLock(g.space, name) }

// NewRLock returns a free re-entrant lock. The name appears in errors.
//
// Python: multiprocessing.RLock.
func NewRLock(g *Group, name string) (*RLock, error) { return shm.NewRLock(g.space, name) }

// NewSemaphore returns a semaphore of value n, which may be 0; a negative one is [ErrNegative]. The name appears in errors.
//
// Python: multiprocessing.Semaphore(n).
func NewSemaphore(g *Group, name string, n int) (*Semaphore, error) {
	return shm.NewSemaphore(g.space, name, n)
}

// NewBoundedSemaphore returns a semaphore whose value cannot rise above n: the Release that would raise it is
// [ErrTooManyReleases].
//
// Python: multiprocessing.BoundedSemaphore(n).
func NewBoundedSemaphore(g *Group, name string, n int) (*Semaphore, error) {
	return shm.NewBoundedSemaphore(g.space, name, n)
}

// NewEvent returns a cleared event. The name appears in errors.
//
// Python: multiprocessing.Event.
func NewEvent(g *Group, name string) (*Event, error) { return shm.NewEvent(g.space, name) }

// NewCondition returns a condition on l, which must be of the same group; nil stands for a new RLock, as in Python.
//
// Python: multiprocessing.Condition(l).
func NewCondition(g *Group, name string, l Locker) (*Condition, error) {
	return shm.NewCondition(g.space, name, l)
}

// NewBarrier returns a barrier for that many processes; fewer than one is [ErrNoParties].
//
// Python: multiprocessing.Barrier(parties).
func NewBarrier(g *Group, name string, parties int) (*Barrier, error) {
	return shm.NewBarrier(g.space, name, parties)
}

// NewValue returns a shared number that is v.
//
// Python: multiprocessing.Value(typecode, v).
func NewValue[T Number](g *Group, v T) (*Value[T], error) { return shm.NewValue(g.space, v) }

// NewArray returns n shared numbers that are zero; a negative n is [ErrNegative].
//
// Python: multiprocessing.Array(typecode, n).
func NewArray[T Number](g *Group, n int) (*Array[T], error) { return shm.NewArray[T](g.space, n) }

// NewMemory returns that many bytes, which are zero. They begin at a cache line.
//
// Python: multiprocessing.shared_memory.SharedMemory.
func NewMemory(g *Group, size int) (*Memory, error) { return shm.NewMemory(g.space, size) }

// NewQueue returns a queue for capacity items, 1024 if that is 0; a negative one is [ErrNegative]. Items whose size varies
// share the room in bytes as well, see [WithRoom].
//
// Python: multiprocessing.Queue(capacity), where 0 means without a bound.
func NewQueue[T any](g *Group, name string, capacity int, opts ...QueueOption) (*Queue[T], error) {
	return shm.NewQueue[T](g.space, name, capacity, opts...)
}

// NewJoinableQueue is [NewQueue] for a queue that can be joined.
//
// Python: multiprocessing.JoinableQueue(capacity).
func NewJoinableQueue[T any](g *Group, name string, capacity int, opts ...QueueOption) (*JoinableQueue[T], error) {
	return shm.NewJoinableQueue[T](g.space, name, capacity, opts...)
}

// NewPipe returns the two ends of a pipe: As travel from the first to the second, Bs the other way. Both ends belong to this
// process until they come to another one.
//
// Python: multiprocessing.Pipe().
func NewPipe[A, B any](g *Group, name string, opts ...QueueOption) (*End[A, B], *End[B, A], error) {
	return shm.NewPipe[A, B](g.space, name, opts...)
}

// WithRoom makes room for at least that many bytes. Each item takes eight beside itself. For numbers and small plain structs
// it does not matter: their room is known. The default is 256 bytes per item but not less than 1 MiB, and 256 KiB for each
// direction of a pipe. Memory that was never used is not taken from the machine.
func WithRoom(bytes int) QueueOption { return shm.WithRoom(bytes) }

// With acquires l, runs f and releases l, also if f panics. If l cannot be acquired, or its holder has died, f does not run.
//
// Python: with l: f().
func With(ctx context.Context, l interface {
	Acquire(ctx context.Context) error
	Release() error
}, f func() error) error {
	return shm.With(ctx, l, f)
}
