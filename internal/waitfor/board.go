package waitfor

import (
	"context"
	"slices"
	"sync"
)

// A Board is where everything that knows about waits — a group of threads, a
// process pool, a communicator — puts itself down, and where the one who wants
// to know looks. It is safe for concurrent use. A nil *Board takes sources and
// has no waits, so nobody needs to ask whether there is one.
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

// Register adds a source of waits; the function it returns takes it away
// again (calling that twice does no harm). Source is called from any
// goroutine, without any lock of the board, and must not block.
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
