// Package registry keeps what a program knows by a name: tasks, functions, jobs. It is filled at package level, before main, so that every
// process of a program has the same.
package registry

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// ErrUnknown is a name under which nothing is registered.
var ErrUnknown = errors.New("not registered")

// A Registry holds things by name. Its methods may be called from any goroutine.
type Registry[T any] struct {
	kind string // what it holds, as in "task"

	mu    sync.RWMutex
	items map[string]T
}

// New makes a registry. Kind says in errors what it holds, as in "task".
func New[T any](kind string) *Registry[T] { return &Registry[T]{kind: kind, items: map[string]T{}} }

// Add makes item known under a name. It panics if the name is empty or taken, as two packages cannot both mean it.
func (r *Registry[T]) Add(name string, item T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if name == "" {
		panic(fmt.Sprintf("a %s needs a name", r.kind))
	}
	if _, taken := r.items[name]; taken {
		panic(fmt.Sprintf("there are two of the name %q: %s", name, r.kind))
	}
	r.items[name] = item
}

// Find returns what has that name. The error wraps [ErrUnknown] and lists the names that there are.
func (r *Registry[T]) Find(name string) (item T, err error) {
	r.mu.RLock()
	item, ok := r.items[name]
	r.mu.RUnlock()
	if !ok {
		return item, fmt.Errorf("%s %q: %w; there are: %s", r.kind, name, ErrUnknown, list(r.Names()))
	}
	return item, nil
}

// Names are the names of all, sorted.
func (r *Registry[T]) Names() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.items))
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
