package waitfor

import (
	"context"
	"slices"
	"sync"
)

// A Board collects the sources of waits, such as a group of threads, a process pool or a communicator, and asks all of them
// for a report. It is safe for concurrent use. A nil *Board takes sources and has no waits, so a caller need not look
// whether there is a board.
type Board struct {
	mu      sync.Mutex
	sources []*source
}

type source struct{ waits func() []Wait }

type boardKey struct{}

// NewContext puts a new, empty board into a context made from ctx.
func NewContext(ctx context.Context) (context.Context, *Board) {
	b := new(Board)
	return context.WithValue(ctx, boardKey{}, b), b
}

// FromContext returns the board of ctx, nil if it has none.
func FromContext(ctx context.Context) *Board {
	b, _ := ctx.Value(boardKey{}).(*Board)
	return b
}

// Register adds a source of waits. The function it returns removes the source; to call it twice does no harm. The board
// calls waits from any goroutine and holds no lock meanwhile. Waits must not block.
func (b *Board) Register(waits func() []Wait) (remove func()) {
	if b == nil {
		return func() {}
	}
	s := &source{waits}
	b.mu.Lock()
	b.sources = append(b.sources, s)
	b.mu.Unlock()
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if i := slices.Index(b.sources, s); i >= 0 {
			b.sources = slices.Delete(b.sources, i, i+1)
		}
	}
}

// Waits asks every source, in the order in which they registered.
func (b *Board) Waits() []Wait {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	sources := slices.Clone(b.sources)
	b.mu.Unlock()
	var waits []Wait
	for _, s := range sources {
		waits = append(waits, s.waits()...)
	}
	return waits
}
