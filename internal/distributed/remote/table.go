package remote

import (
	"fmt"
	"sync"
)

// maxObjects is how many objects of one side the other one may hold.
const maxObjects = 1 << 20

// A table has the objects of this side that the other side holds. An object that is sent twice is there twice, under two ids, so
// that one release cannot take what another message has just brought.
type table struct {
	mu   sync.Mutex
	last uint64
	of   map[uint64]any
}

func newTable() *table { return &table{of: map[uint64]any{}} }

// add holds an object for the other side.
func (t *table) add(object any, kind string) (mine, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.of) == maxObjects {
		return mine{}, fmt.Errorf("%d objects are held for the other side: %w: release some", maxObjects, ErrTooMany)
	}
	t.last++
	t.of[t.last] = object
	return mine{t.last, kind}, nil
}

func (t *table) get(id uint64) (any, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o, ok := t.of[id]; ok {
		return o, nil
	}
	return nil, ErrReleased
}

func (t *table) drop(ids ...uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range ids {
		delete(t.of, id)
	}
}

func (t *table) len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.of)
}
