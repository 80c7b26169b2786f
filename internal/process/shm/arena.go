// Package shm is memory that processes share, and what stands in it: [Lock], [RLock], [Semaphore], [Event], [Condition],
// [Barrier], [Value], [Array], [Memory], [Queue], [JoinableQueue] and the two [End]s of a pipe. It knows nothing of how the
// processes are started; package process puts it into its groups. It needs Linux.
//
// A [Space] is the memory as one process knows it. Every process has a slot in it, which names it in all words of the memory,
// so that what a process held can be given back when it dies, at whatever instruction that is.
//
// To follow a Lock: lock.go, mutex.go (the word), wait.go (how a wait spins and sleeps), slots.go (who is alive),
// recover.go (what the dead held), arena.go (the memory). A Queue is queue.go, carrier.go (items as records), ring.go.
//
// The race detector does not look at shared memory. With -race it is told how what stands there orders the goroutines of a
// process (race.go), so memory of the process may be guarded by it.
package shm

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"cookbook/internal/process/failure"
)

// An arena is memory that all processes of a group share. It begins with a header, the table of the processes (slots.go)
// and the directory of what has been made in it; the rest is handed out from front to back and is never taken back.
//
// Every process may be killed between any two instructions, so nothing here needs a second step to become whole: memory is
// taken by moving one word, and what lies there is found when one word of the directory says so. A process that dies in
// between leaves a gap.
type arena struct {
	mem    []byte
	head   *header
	f      *os.File
	owner  bool          // this process has made it and gives the memory back
	me     atomic.Uint32 // this process as a holder: its slot + 1
	closed atomic.Bool
}

const (
	arenaSize    = 256 << 20 // what was never touched takes no memory
	arenaMagic   = 0x314e45524b4f4f43
	arenaVersion = 1
	maxObjects   = 1 << 16
	cacheLine    = 64 // of the cache: two objects share none
)

// A header is how an arena begins, in memory.
type header struct {
	magic   uint64
	version uint64
	id      [16]byte // random, so that nothing is looked for in the wrong arena
	size    uint64
	used    atomic.Uint64 // where free memory begins
	objects atomic.Uint32 // entries of the directory in use
	highest atomic.Uint32 // slots that were ever in use
	swept   atomic.Uint64 // when a process last looked for dead ones, in ns
	slots   [maxSlots]slotState
	entries [maxObjects]entry
}

// An entry is one object in the directory.
type entry struct {
	size  atomic.Uint64
	where atomic.Uint64 // kind << 56 | offset; 0: not there yet
}

// The kinds of objects.
const (
	kindLock uint32 = iota + 1
	kindRLock
	kindSemaphore
	kindEvent
	kindCondition
	kindBarrier
	kindValue
	kindArray
	kindQueue
	kindPipe
	kindMemory
)

var errNoArena = errors.New("that is not the shared memory of a group")

// useArena looks at memory before it is trusted.
func useArena(mem []byte) (*arena, error) {
	if uint64(len(mem)) < uint64(unsafe.Sizeof(header{})) {
		return nil, fmt.Errorf("%w: %d bytes", errNoArena, len(mem))
	}
	h := (*header)(unsafe.Pointer(&mem[0]))
	switch {
	case h.magic != arenaMagic:
		return nil, fmt.Errorf("%w: it begins with %#x", errNoArena, h.magic)
	case h.version != arenaVersion:
		return nil, fmt.Errorf("%w: its version is %d, and that of this program %d", errNoArena, h.version, arenaVersion)
	case h.size != uint64(len(mem)):
		return nil, fmt.Errorf("%w: it says it has %d bytes, and has %d", errNoArena, h.size, len(mem))
	}
	return &arena{mem: mem, head: h}, nil
}

// begin makes an arena of fresh memory.
func begin(mem []byte, id [16]byte) *arena {
	h := (*header)(unsafe.Pointer(&mem[0]))
	h.version, h.size, h.id = arenaVersion, uint64(len(mem)), id
	h.used.Store(roundUp(uint64(unsafe.Sizeof(header{}))))
	h.magic = arenaMagic
	return &arena{mem: mem, head: h, owner: true}
}

func roundUp(n uint64) uint64 { return (n + cacheLine - 1) &^ (cacheLine - 1) }

// alloc makes room for an object and enters it in the directory. The memory is zero and begins at a line of the cache.
// Before it lies the object's number in the directory.
func (a *arena) alloc(kind uint32, size int) (offset uint64, err error) {
	offset, publish, err := a.reserveObject(kind, size)
	if err == nil {
		publish()
	}
	return offset, err
}

// reserveObject is alloc in two steps, for an object that has to be filled before others may find it.
func (a *arena) reserveObject(kind uint32, size int) (offset uint64, publish func(), err error) {
	if a.closed.Load() {
		return 0, nil, failure.ErrClosed
	}
	if size < 0 || uint64(size) > uint64(len(a.mem)) {
		return 0, nil, fmt.Errorf("%d bytes: %w", size, ErrNoRoom)
	}
	if a.head.objects.Load() >= maxObjects {
		return 0, nil, errManyObjects()
	}
	length := cacheLine + roundUp(uint64(size))
	var begin uint64
	for {
		begin = a.head.used.Load()
		if begin%cacheLine != 0 || begin > uint64(len(a.mem)) || length > uint64(len(a.mem))-begin {
			return 0, nil, fmt.Errorf("%d bytes, of %d MiB for all objects: %w", size, len(a.mem)>>20, ErrNoRoom)
		}
		if a.head.used.CompareAndSwap(begin, begin+length) {
			break
		}
	}
	var n uint32
	for {
		if n = a.head.objects.Load(); n >= maxObjects {
			return 0, nil, errManyObjects()
		}
		if a.head.objects.CompareAndSwap(n, n+1) {
			break
		}
	}
	offset = begin + cacheLine
	a.word32(begin).Store(n)
	a.head.entries[n].size.Store(uint64(size))
	return offset, func() { a.head.entries[n].where.Store(uint64(kind)<<56 | offset) }, nil
}

// errManyObjects is that the directory is full.
func errManyObjects() error {
	return fmt.Errorf("there are %d objects, which last as long as the group: make them once, or a group for some of them: %w", maxObjects, ErrNoRoom)
}

// object returns the size of the object of that kind at offset. The error wraps ErrNotHere if there is none.
func (a *arena) object(kind uint32, offset uint64) (size int, err error) {
	if offset < cacheLine || offset%cacheLine != 0 || offset >= uint64(len(a.mem)) {
		return 0, fmt.Errorf("offset %d: %w", offset, ErrNotHere)
	}
	n := a.word32(offset - cacheLine).Load()
	if n < maxObjects {
		if k, at, size := a.entry(n); k == kind && at == offset {
			return size, nil
		}
	}
	return 0, fmt.Errorf("offset %d: %w", offset, ErrNotHere)
}

// entry returns what the directory says of an object, kind 0 if it says nothing or nonsense.
func (a *arena) entry(n uint32) (kind uint32, offset uint64, size int) {
	e := &a.head.entries[n]
	where, length := e.where.Load(), e.size.Load()
	kind, offset = uint32(where>>56), where&(1<<56-1)
	if offset%cacheLine != 0 || offset > uint64(len(a.mem)) || length > uint64(len(a.mem))-offset {
		return 0, 0, 0
	}
	return kind, offset, int(length)
}

// at returns memory of the arena.
func (a *arena) at(offset uint64, size int) ([]byte, error) {
	if size < 0 || offset > uint64(len(a.mem)) || uint64(size) > uint64(len(a.mem))-offset {
		return nil, fmt.Errorf("%d bytes at offset %d: %w", size, offset, ErrNotHere)
	}
	return a.mem[offset : offset+uint64(size) : offset+uint64(size)], nil
}

// word32 returns a word of the arena. It panics if the offset is outside, or is not a multiple of 4.
func (a *arena) word32(offset uint64) *atomic.Uint32 { return overlay[atomic.Uint32](a, offset) }

// overlay returns memory of the arena as a T, which must hold no pointers. It panics if T does not lie inside, aligned.
func overlay[T any](a *arena, offset uint64) *T {
	var t T
	mem, err := a.at(offset, int(unsafe.Sizeof(t)))
	if err != nil || offset%uint64(unsafe.Alignof(t)) != 0 {
		panic(fmt.Sprintf("process: a %T at offset %d of an arena of %d bytes", t, offset, len(a.mem)))
	}
	return (*T)(unsafe.Pointer(unsafe.SliceData(mem)))
}
