package process

import (
	"context"
	"os"
	"sync/atomic"
)

// A Group is processes that share memory.
type Group struct {
	ctx   context.Context
	arena *arena
	self  int // the slot of this process
}

// here is the group of this process.
var here atomic.Pointer[Group]

// NewGroup makes a group of which this process is the first.
func NewGroup(ctx context.Context) (*Group, error) {
	a, err := newArena()
	if err != nil {
		return nil, err
	}
	self, err := a.reserve()
	if err == nil {
		err = a.join(self, os.Getpid())
	}
	if err != nil {
		a.close()
		return nil, err
	}
	g := &Group{ctx, a, self}
	here.Store(g)
	return g, nil
}

// Close frees the memory.
func (g *Group) Close() error { return g.arena.close() }
