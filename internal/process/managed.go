package process

import (
	"context"
	"cookbook/internal/wire"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"strconv"
)

// errNoManager is a proxy that nobody made.
var errNoManager = errors.New("it belongs to no manager")

// A proxy says where the manager is and which of its objects is meant.
type proxy struct {
	client *client
	id     uint64
	typ    string
}

// newProxy has the manager make an object.
func newProxy(ctx context.Context, m *Manager, kind, typ string) (proxy, error) {
	p := proxy{client: m.client, typ: typ}
	answer, err := m.client.do(ctx, doMake, 0, kind)
	if err == nil {
		p.id, err = countOf(answer)
	}
	if err != nil {
		return proxy{}, fmt.Errorf("make a %s: %w", typ, err)
	}
	return p, nil
}

// String says what it is, and not its secret.
func (p *proxy) String() string { return fmt.Sprintf("%s %d", p.typ, p.id) }

// do has the manager do something with the object.
func (p *proxy) do(ctx context.Context, doing string, what byte, fields ...string) ([]string, error) {
	if p.client == nil {
		return nil, fmt.Errorf("%s: %w", doing, errNoManager)
	}
	answer, err := p.client.do(ctx, what, p.id, fields...)
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w", doing, p, err)
	}
	return answer, nil
}

func (p *proxy) encode() ([]byte, error) {
	if p.client == nil {
		return nil, fmt.Errorf("a proxy cannot be sent: %w", errNoManager)
	}
	return wire.AppendFields(binary.AppendUvarint(nil, p.id), p.typ, p.client.place.address, p.client.place.secret), nil
}

func (p *proxy) decode(from []byte, typ string) error {
	id, size := binary.Uvarint(from)
	if size <= 0 {
		return wire.ErrNonsense
	}
	fields, err := wire.CutFields[string](from[size:])
	if err != nil || len(fields) != 3 || len(fields[2]) != wire.SecretSize {
		return wire.ErrNonsense
	}
	if fields[0] != typ {
		return fmt.Errorf("a %s is %w than the %s that was sent", typ, ErrWrongType, fields[0])
	}
	*p = proxy{clientOf(place{fields[1], fields[2]}), id, typ}
	return nil
}

// write turns a value into bytes that stand for themselves.
func write[T any](v T) (string, error) {
	b, err := wire.Append(nil, &v)
	return string(b), err
}

func read[T any](from string) (v T, err error) {
	err = wire.Read([]byte(from), &v)
	return v, err
}

// writeAll writes one after another.
func writeAll[T any](to []string, values ...T) ([]string, error) {
	for _, v := range values {
		text, err := write(v)
		if err != nil {
			return nil, err
		}
		to = append(to, text)
	}
	return to, nil
}

// first reads the one field of an answer.
func first[T any](answer []string) (v T, err error) {
	if len(answer) != 1 {
		return v, wire.ErrNonsense
	}
	return read[T](answer[0])
}

// countOf reads the one field of an answer that is a number of the manager's own.
func countOf(answer []string) (uint64, error) {
	if len(answer) != 1 {
		return 0, wire.ErrNonsense
	}
	n, err := strconv.ParseUint(answer[0], 10, 63)
	if err != nil {
		return 0, wire.ErrNonsense
	}
	return n, nil
}

func (p *proxy) len(ctx context.Context) (int, error) {
	answer, err := p.do(ctx, "length", doLen)
	if err != nil {
		return 0, err
	}
	n, err := countOf(answer)
	return int(n), err
}

// A ManagedList is a list that a manager holds: manager.list(). An index below 0 counts from the end, as in Python.
type ManagedList[T any] struct{ proxy }

// NewManagedList has the manager make a list of these items.
func NewManagedList[T any](ctx context.Context, m *Manager, items ...T) (*ManagedList[T], error) {
	p, err := newProxy(ctx, m, ofList, reflect.TypeFor[ManagedList[T]]().String())
	if err != nil {
		return nil, err
	}
	l := &ManagedList[T]{p}
	if len(items) > 0 {
		err = l.Append(ctx, items...)
	}
	return l, err
}

// GobEncode and GobDecode let the proxy travel.
func (l *ManagedList[T]) GobEncode() ([]byte, error) { return l.encode() }

// GobDecode reads what GobEncode wrote.
func (l *ManagedList[T]) GobDecode(from []byte) error {
	return l.decode(from, reflect.TypeFor[ManagedList[T]]().String())
}

// Append appends items, all at once: append and extend.
func (l *ManagedList[T]) Append(ctx context.Context, items ...T) error {
	fields, err := writeAll(nil, items...)
	if err == nil {
		_, err = l.do(ctx, "append to the end", doAppend, fields...)
	}
	return err
}

// Get returns the item at an index; the error wraps [ErrNoIndex] if there is none.
func (l *ManagedList[T]) Get(ctx context.Context, i int) (T, error) {
	return l.at(ctx, "item", doGet, i)
}

// Pop removes the item at an index and returns it; −1 is the last one.
func (l *ManagedList[T]) Pop(ctx context.Context, i int) (T, error) {
	return l.at(ctx, "pop item", doDelete, i)
}

func (l *ManagedList[T]) at(ctx context.Context, doing string, what byte, i int) (v T, err error) {
	answer, err := l.do(ctx, fmt.Sprintf("%s %d", doing, i), what, strconv.Itoa(i))
	if err != nil {
		return v, err
	}
	return first[T](answer)
}

// Set replaces the item at an index; the error wraps [ErrNoIndex] if there is none.
func (l *ManagedList[T]) Set(ctx context.Context, i int, v T) error {
	return l.put(ctx, "set item", doSet, i, v)
}

// Insert inserts an item before an index, at one of the ends if there is no such index.
func (l *ManagedList[T]) Insert(ctx context.Context, i int, v T) error {
	return l.put(ctx, "insert item", doInsert, i, v)
}

func (l *ManagedList[T]) put(ctx context.Context, doing string, what byte, i int, v T) error {
	fields, err := writeAll([]string{strconv.Itoa(i)}, v)
	if err == nil {
		_, err = l.do(ctx, fmt.Sprintf("%s %d", doing, i), what, fields...)
	}
	return err
}

// Len returns the number of items.
func (l *ManagedList[T]) Len(ctx context.Context) (int, error) { return l.len(ctx) }

// Clear removes all items.
func (l *ManagedList[T]) Clear(ctx context.Context) error {
	_, err := l.do(ctx, "clear the items", doClear)
	return err
}

// Copy returns all items, as they are at one time.
func (l *ManagedList[T]) Copy(ctx context.Context) ([]T, error) {
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

// A ManagedValue is one value that a manager holds: manager.Value().
type ManagedValue[T any] struct{ proxy }

// NewManagedValue has the manager hold v.
func NewManagedValue[T any](ctx context.Context, m *Manager, v T) (*ManagedValue[T], error) {
	p, err := newProxy(ctx, m, ofDict, reflect.TypeFor[ManagedValue[T]]().String())
	if err != nil {
		return nil, err
	}
	held := &ManagedValue[T]{p}
	return held, held.Set(ctx, v)
}

// GobEncode and GobDecode let the proxy travel.
func (v *ManagedValue[T]) GobEncode() ([]byte, error) { return v.encode() }

// GobDecode reads what GobEncode wrote.
func (v *ManagedValue[T]) GobDecode(from []byte) error {
	return v.decode(from, reflect.TypeFor[ManagedValue[T]]().String())
}

// Get returns the value.
func (v *ManagedValue[T]) Get(ctx context.Context) (T, error) {
	answer, err := v.do(ctx, "value", doGet, "")
	if err != nil {
		var none T
		return none, err
	}
	return first[T](answer)
}

// Set replaces the value.
func (v *ManagedValue[T]) Set(ctx context.Context, to T) error {
	text, err := write(to)
	if err == nil {
		_, err = v.do(ctx, "set the value", doSet, "", text)
	}
	return err
}
