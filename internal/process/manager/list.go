package manager

import (
	"context"
	"fmt"
	"strconv"
)

// A List is a list that a manager holds: manager.list(). An index below 0 counts from the end, as in Python.
type List[T any] struct{ proxy }

// NewList has the manager make a list of these items.
func NewList[T any](ctx context.Context, m *Manager, items ...T) (*List[T], error) {
	p, err := newProxy(ctx, m, ofList, title[List[T]]())
	if err != nil {
		return nil, err
	}
	l := &List[T]{p}
	if len(items) > 0 {
		err = l.Append(ctx, items...)
	}
	return l, err
}

// GobEncode and GobDecode let the proxy travel.
func (l *List[T]) GobEncode() ([]byte, error) { return l.encode() }

// GobDecode reads what GobEncode wrote.
func (l *List[T]) GobDecode(from []byte) error {
	return l.decode(from, title[List[T]]())
}

// Append appends items, all at once: append and extend.
func (l *List[T]) Append(ctx context.Context, items ...T) error {
	fields, err := writeAll(nil, items...)
	if err == nil {
		_, err = l.do(ctx, "append to the end", doAppend, fields...)
	}
	return err
}

// Get returns the item at an index; the error wraps [ErrNoIndex] if there is none.
func (l *List[T]) Get(ctx context.Context, i int) (T, error) {
	return l.at(ctx, "item", doGet, i)
}

// Pop removes the item at an index and returns it; −1 is the last one.
func (l *List[T]) Pop(ctx context.Context, i int) (T, error) {
	return l.at(ctx, "pop item", doDelete, i)
}

func (l *List[T]) at(ctx context.Context, doing string, what byte, i int) (v T, err error) {
	answer, err := l.ask(ctx, what, strconv.Itoa(i))
	if err != nil {
		return v, l.failed(fmt.Sprintf("%s %d", doing, i), err)
	}
	return first[T](answer)
}

// Set replaces the item at an index; the error wraps [ErrNoIndex] if there is none.
func (l *List[T]) Set(ctx context.Context, i int, v T) error {
	return l.put(ctx, "set item", doSet, i, v)
}

// Insert inserts an item before an index, at one of the ends if there is no such index.
func (l *List[T]) Insert(ctx context.Context, i int, v T) error {
	return l.put(ctx, "insert item", doInsert, i, v)
}

func (l *List[T]) put(ctx context.Context, doing string, what byte, i int, v T) error {
	fields, err := writeAll([]string{strconv.Itoa(i)}, v)
	if err != nil {
		return err
	}
	if _, err = l.ask(ctx, what, fields...); err != nil {
		return l.failed(fmt.Sprintf("%s %d", doing, i), err)
	}
	return nil
}

// Len returns the number of items.
func (l *List[T]) Len(ctx context.Context) (int, error) { return l.len(ctx) }

// Clear removes all items.
func (l *List[T]) Clear(ctx context.Context) error {
	_, err := l.do(ctx, "clear the items", doClear)
	return err
}

// Copy returns all items, as they are at one time.
func (l *List[T]) Copy(ctx context.Context) ([]T, error) {
	answer, err := l.do(ctx, "copy", doAll)
	if err != nil {
		return nil, err
	}
	items := make([]T, len(answer))
	for i, text := range answer {
		if items[i], err = read[T](text); err != nil {
			return nil, err
		}
	}
	return items, nil
}
