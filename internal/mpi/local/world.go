package local

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"unsafe"

	"cookbook/internal/futex"
	"cookbook/internal/mpi/engine"
	"cookbook/internal/process"
)

// A world is the memory that the ranks of one run share: a head, the state of each rank, one ring for each ordered pair of
// them, one board for each communicator, and a stage for each rank. The process that runs the ranks looks into it as well.
//
// A rank may be killed between any two instructions. Nothing here is locked: each word has one writer, or is changed by one
// compare-and-swap.
type world struct {
	memory []byte
	owner  *process.Memory // keeps memory
	head   *worldHead
	states []rankState
	n      int
	at     struct{ rings, boards, progress, stages uintptr } // offsets

	me      int        // the rank of this process; n for the one that runs the ranks
	failing sync.Mutex // held while this process writes its fault
}

const (
	cacheLine = 64
	maxComms  = 64 // communicators at a time

	// ringBytes is the data of a ring, if memory suffices. Where ranks have a processor each it is as large as a second-level cache:
	// on AMD EPYC, to write again what the other processor has just read halves the speed of large messages, or worse. Where they
	// share processors, what is small remains in the cache.
	ringBytes    = 1 << 20
	crowdedRing  = 128 << 10
	leastRing    = 4 << 10
	ringsAtMost  = 96 << 20 // for all rings together
	publishAfter = 32 << 10 // bytes of a message, so that its receiver copies while its sender does
	callsKept    = 64
)

// A worldHead is what all ranks have in common.
type worldHead struct {
	n, ringSize, eager uint32
	piece              uint32        // bytes of a vector in a buffer of a stage
	crowded            uint32        // 1: there are more ranks than processors
	communicators      atomic.Uint32 // that were ever made
	_                  [cacheLine - 24]byte
	failed             atomic.Uint32 // whose fault counts, + 1; 0: the world is of use
	_                  [cacheLine - 4]byte
	faults             [MaxRanks + 1]fault // of each rank, and of the process that runs them
	comms              [maxComms]commState
}

// A fault is why the world is of no use any more. Each process writes its own, and then one word says whose was first. A
// process that is killed in between has said nothing, and does not keep another one from saying it.
type fault struct {
	class, rank, code int32
	length            uint32
	text              [1008]byte
}

// A rankState is what other processes know of a rank, and where they wake it.
type rankState struct {
	wakeups  atomic.Uint32 // counted up to wake the rank, which sleeps on it
	sleeping atomic.Uint32 // 1: it does, or is about to
	_        [cacheLine - 8]byte

	// What it waits for, once it has begun to sleep: see waiting.
	moves               atomic.Uint64 // the number of times that what follows has changed
	phase               atomic.Uint32
	call, sense, tag    atomic.Uint32
	comm                atomic.Uint32 // its place in comms
	_                   uint32
	target              atomic.Uint64 // of a board: how many arrivals it waits for
	peers, polls, sends [2]atomic.Uint64
	_                   [cacheLine - 24]byte
}

// The states of a rank.
const (
	running = iota // as far as is known
	blocked
	ended
)

// ringEnds is where a ring of bytes begins and ends. Both count bytes since the beginning.
type ringEnds struct {
	tail atomic.Uint64 // changed by its sender
	_    [cacheLine - 8]byte
	head atomic.Uint64 // changed by its receiver
	_    [cacheLine - 8]byte
}

// A commState is what the ranks of a communicator share, beside their cells.
type commState struct {
	id         atomic.Uint32 // 0: free
	users      atomic.Int32  // ranks that have not freed it
	size       atomic.Uint32 // once all have come to its first meeting
	_          [cacheLine - 12]byte
	arrived    atomic.Uint64 // ranks that came to its meetings, since the beginning
	_          [cacheLine - 8]byte
	signatures [callsKept]atomic.Uint64 // the last collective calls, see sign
	group      [MaxRanks]atomic.Uint32  // ranks of the world, for the detector of deadlocks
}

// A cell is what a rank brings to a meeting. There are two for each rank: one is read while the other is written.
type cell struct {
	meeting   atomic.Uint64 // written last
	calls     uint64        // collective calls that the rank has made
	signature signature     // of the last of them
	data      [cellBytes]byte
}

const cellBytes = 1024 - 24

func ringSize(n int, crowded bool) int {
	size := ringBytes
	if crowded {
		size = crowdedRing
	}
	for size > leastRing && size*n*n > ringsAtMost {
		size /= 2
	}
	return size
}

// newWorld makes the memory for n ranks.
func newWorld(g *process.Group, n, eager int, crowded bool) (*world, error) {
	m, err := process.NewMemory(g, (&world{n: n}).place(ringSize(n, crowded)))
	if err != nil {
		return nil, err
	}
	w := beginWorld(m.Bytes(), n, eager, crowded)
	w.owner = m
	return w, nil
}

// beginWorld makes a world of fresh memory.
func beginWorld(memory []byte, n, eager int, crowded bool) *world {
	w := &world{n: n, me: n}
	ring := ringSize(n, crowded)
	w.place(ring)
	w.head = (*worldHead)(unsafe.Pointer(unsafe.SliceData(memory)))
	w.head.n, w.head.ringSize, w.head.eager = uint32(n), uint32(ring), uint32(min(eager, math.MaxInt32))
	w.head.piece = uint32(bufferSize(n))
	w.head.communicators.Store(1)
	if crowded {
		w.head.crowded = 1
	}
	w.head.comms[0].id.Store(1)
	w.head.comms[0].users.Store(int32(n))
	w.head.comms[0].size.Store(uint32(n))
	for r := range n {
		w.head.comms[0].group[r].Store(uint32(r))
	}
	w.use(memory)
	return w
}

// openWorld looks, as a rank, at memory that another process has made.
func openWorld(m *process.Memory, me int) (*world, error) {
	memory := m.Bytes()
	if len(memory) < int(unsafe.Sizeof(worldHead{})) {
		return nil, fmt.Errorf("%d bytes are no world of ranks", len(memory))
	}
	h := (*worldHead)(unsafe.Pointer(unsafe.SliceData(memory)))
	w := &world{n: int(h.n), owner: m, me: me}
	if h.n < 1 || h.n > MaxRanks || int(h.ringSize) != ringSize(w.n, h.crowded != 0) || w.place(int(h.ringSize)) != len(memory) || me < 0 || me >= w.n {
		return nil, fmt.Errorf("%d bytes are no world of %d ranks with a rank %d", len(memory), h.n, me)
	}
	w.use(memory)
	return w, nil
}

// place says where everything lies and returns the size.
func (w *world) place(ring int) int {
	at := unsafe.Sizeof(worldHead{})
	at = (at+cacheLine-1)&^(cacheLine-1) + uintptr(w.n)*unsafe.Sizeof(rankState{})
	w.at.rings = at
	at += uintptr(w.n*w.n) * (unsafe.Sizeof(ringEnds{}) + uintptr(ring))
	w.at.boards = at
	at += uintptr(maxComms*2*w.n) * unsafe.Sizeof(cell{})
	w.at.progress = at
	at += uintptr(maxComms*w.n) * unsafe.Sizeof(progress{})
	w.at.stages = at
	return int(at + uintptr(w.n*buffers*bufferSize(w.n)))
}

func (w *world) use(memory []byte) {
	w.memory = memory
	base := unsafe.Pointer(unsafe.SliceData(memory))
	w.head = (*worldHead)(base)
	w.states = unsafe.Slice((*rankState)(unsafe.Add(base, (unsafe.Sizeof(worldHead{})+cacheLine-1)&^(cacheLine-1))), w.n)
}

// ring returns the ring from one rank to another.
func (w *world) ring(from, to int) (*ringEnds, []byte) {
	size := uintptr(w.head.ringSize)
	at := w.at.rings + uintptr(from*w.n+to)*(unsafe.Sizeof(ringEnds{})+size)
	base := unsafe.Add(unsafe.Pointer(unsafe.SliceData(w.memory)), at)
	return (*ringEnds)(base), unsafe.Slice((*byte)(unsafe.Add(base, unsafe.Sizeof(ringEnds{}))), size)
}

// cells returns the cells of a communicator for its meetings of odd or even number, by rank in it.
func (w *world) cells(slot int, meeting uint64) []cell {
	at := w.at.boards + uintptr((slot*2+int(meeting%2))*w.n)*unsafe.Sizeof(cell{})
	return unsafe.Slice((*cell)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(w.memory)), at)), w.n)
}

// progress returns how far the ranks of a communicator have come, by rank in it.
func (w *world) progress(slot int) []progress {
	at := w.at.progress + uintptr(slot*w.n)*unsafe.Sizeof(progress{})
	return unsafe.Slice((*progress)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(w.memory)), at)), w.n)
}

// buffer returns one of the buffers of a rank's stage.
func (w *world) buffer(rank, i int) []byte {
	size := bufferSize(w.n)
	return w.memory[int(w.at.stages)+(rank*buffers+i)*size:][:size]
}

// fail makes the world of no use, unless that has happened before, and wakes all ranks.
func (w *world) fail(e *engine.Error) {
	w.failing.Lock()
	defer w.failing.Unlock()
	if w.failed() {
		return
	}
	f := &w.head.faults[w.me]
	f.class, f.rank, f.code = int32(e.Class), int32(e.Rank), int32(e.Code)
	f.length = uint32(copy(f.text[:], e.Text))
	if !w.head.failed.CompareAndSwap(0, uint32(w.me)+1) {
		return
	}
	for r := range w.states {
		w.states[r].wakeups.Add(1)
		futex.Wake(&w.states[r].wakeups, 1)
	}
}

// failed reports whether the world is of no use any more.
func (w *world) failed() bool { return w.head.failed.Load() != 0 }

// trouble returns why the world is of no use, nil as long as it is of use.
func (w *world) trouble() *engine.Error {
	first := w.head.failed.Load()
	if first == 0 || first > MaxRanks+1 {
		return nil
	}
	f := &w.head.faults[first-1]
	return &engine.Error{
		Class: engine.ErrorClass(f.class), Rank: int(f.rank), Code: int(f.code),
		Text: string(f.text[:min(int(f.length), len(f.text))]),
	}
}

// wake wakes a rank that sleeps.
func (w *world) wake(r int) {
	d := &w.states[r]
	if d.sleeping.Load() != 0 && d.sleeping.Swap(0) != 0 {
		d.wakeups.Add(1)
		futex.Wake(&d.wakeups, 1)
	}
}

// setRanks writes a set of ranks.
func setRanks(to *[2]atomic.Uint64, ranks [2]uint64) {
	to[0].Store(ranks[0])
	to[1].Store(ranks[1])
}

// A rankSet is a set of ranks of the world.
type rankSet [2]uint64

func (s *rankSet) add(r int)     { s[r/64] |= 1 << (r % 64) }
func (s rankSet) has(r int) bool { return s[r/64]>>(r%64)&1 != 0 }
