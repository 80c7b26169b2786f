package local

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"unsafe"

	"go.uber.org/goleak"

	"cookbook/internal/mpi/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A RanksHere is a world whose ranks are goroutines of this process, so that the race detector sees what they do to their
// memory.
type RanksHere struct {
	w     *world
	ranks []*rank
}

// MaxComms is for the tests outside of the package.
const MaxComms = maxComms

// NewRanksHere makes a world of n ranks, whose calls end when ctx does.
func NewRanksHere(t testing.TB, ctx context.Context, n, eager int) *RanksHere {
	if runtime.GOOS != "linux" {
		t.Skip("ranks need Linux")
	}
	words := make([]uint64, (&world{n: n}).place(ringSize(n, true))/8+cacheLine)
	base := unsafe.Pointer(unsafe.SliceData(words))
	skip := -uintptr(base) & (cacheLine - 1)
	memory := unsafe.Slice((*byte)(unsafe.Add(base, skip)), (&world{n: n}).place(ringSize(n, true)))
	h := &RanksHere{w: beginWorld(memory, n, eager, true)}
	for r := range n {
		w := &world{n: n, me: r} // as each process has one of its own
		w.place(ringSize(n, true))
		w.use(memory)
		k := newRank(ctx, w, r)
		k.polls, k.yields = 4, 2 // goroutines that look for long keep each other from running
		h.ranks = append(h.ranks, k)
	}
	return h
}

// Direct has the ranks of the world meet as if each had a processor of its own.
func (h *RanksHere) Direct() { h.w.head.crowded = 0 }

// CutPieces makes the pieces of vectors on stages small, so that short ones have many.
func (h *RanksHere) CutPieces(bytes int) { h.w.head.piece = uint32(bytes) }

// Run runs f in all ranks, looks for deadlocks, and returns the ranks' errors.
func (h *RanksHere) Run(f func(t engine.Transport) error) []error {
	errs := make([]error, len(h.ranks))
	var all sync.WaitGroup
	for i, r := range h.ranks {
		all.Go(func() {
			err := f(worldComm(r))
			if err == nil {
				err = r.finish()
			}
			r.mine.moves.Add(1)
			r.mine.phase.Store(ended)
			if err != nil {
				r.w.fail(failure(i, err))
			}
			errs[i] = err
		})
	}
	over := make(chan struct{})
	var looking sync.WaitGroup
	looking.Go(func() { h.w.watch(context.Background(), 0, over) })
	all.Wait()
	close(over)
	looking.Wait()
	return errs
}
