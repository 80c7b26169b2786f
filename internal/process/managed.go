package process

import (
	"context"

	"cookbook/internal/process/manager"
)

// The types below are those of package manager, where their methods are documented: go doc ./internal/process/manager Dict.

type (
	// A Manager is a process that holds what other processes share. It must be closed.
	Manager = manager.Manager
	// A ManagedKey is what may be the key of a [ManagedDict].
	ManagedKey = manager.Key
	// A ManagedDict is a dict that a manager holds.
	ManagedDict[K ManagedKey, V any] = manager.Dict[K, V]
	// A ManagedList is a list that a manager holds.
	ManagedList[T any] = manager.List[T]
	// A ManagedNamespace is a handful of named values of any types that a manager holds: see [SetAttr] and [GetAttr].
	ManagedNamespace = manager.Namespace
	// A ManagedValue is one value that a manager holds.
	ManagedValue[T any] = manager.Value[T]
	// A ManagedLock is a lock that a manager holds. When the process that has acquired it dies, the next one gets it and is
	// told.
	ManagedLock = manager.Lock
)

// NewManager starts a manager's process. When ctx ends, it is killed.
//
// Python: multiprocessing.Manager().
func NewManager(ctx context.Context) (*Manager, error) { return manager.New(ctx) }

// NewManagedDict has the manager make an empty dict: manager.dict().
func NewManagedDict[K ManagedKey, V any](ctx context.Context, m *Manager) (*ManagedDict[K, V], error) {
	return manager.NewDict[K, V](ctx, m)
}

// NewManagedList has the manager make a list of these items: manager.list().
func NewManagedList[T any](ctx context.Context, m *Manager, items ...T) (*ManagedList[T], error) {
	return manager.NewList(ctx, m, items...)
}

// NewManagedNamespace has the manager make an empty namespace: manager.Namespace().
func NewManagedNamespace(ctx context.Context, m *Manager) (*ManagedNamespace, error) {
	return manager.NewNamespace(ctx, m)
}

// NewManagedValue has the manager hold v: manager.Value().
func NewManagedValue[T any](ctx context.Context, m *Manager, v T) (*ManagedValue[T], error) {
	return manager.NewValue(ctx, m, v)
}

// NewManagedLock has the manager make a lock: manager.Lock().
func NewManagedLock(ctx context.Context, m *Manager) (*ManagedLock, error) {
	return manager.NewLock(ctx, m)
}

// SetAttr gives a name of a namespace a value, which may be of another type than the last one: n.name = v.
func SetAttr[T any](ctx context.Context, n *ManagedNamespace, name string, v T) error {
	return manager.SetAttr(ctx, n, name, v)
}

// GetAttr returns the value of a name: n.name. The error wraps [ErrNoKey] if there is none, and [ErrWrongType] if it is not
// a T.
func GetAttr[T any](ctx context.Context, n *ManagedNamespace, name string) (T, error) {
	return manager.GetAttr[T](ctx, n, name)
}
