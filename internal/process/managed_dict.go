package process

import (
	"context"
	"cookbook/internal/wire"
	"fmt"
	"reflect"
)

// A ManagedKey is what may be the key of a [ManagedDict]: what is equal is written equally in every process.
type ManagedKey interface {
	string | bool | int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64
}

// A ManagedDict is a dict that a manager holds: manager.dict().
type ManagedDict[K ManagedKey, V any] struct{ proxy }

// NewManagedDict has the manager make an empty dict.
func NewManagedDict[K ManagedKey, V any](ctx context.Context, m *Manager) (*ManagedDict[K, V], error) {
	p, err := newProxy(ctx, m, ofDict, reflect.TypeFor[ManagedDict[K, V]]().String())
	if err != nil {
		return nil, err
	}
	return &ManagedDict[K, V]{p}, nil
}

// GobEncode and GobDecode let the proxy travel.
func (d *ManagedDict[K, V]) GobEncode() ([]byte, error) { return d.encode() }

// GobDecode reads what GobEncode wrote.
func (d *ManagedDict[K, V]) GobDecode(from []byte) error {
	return d.decode(from, reflect.TypeFor[ManagedDict[K, V]]().String())
}

// Get returns the value of a key: d[key]. The error wraps [ErrNoKey] if there is none.
func (d *ManagedDict[K, V]) Get(ctx context.Context, key K) (V, error) {
	return d.at(ctx, "key", doGet, key)
}

// Pop removes a key and returns its value. The error wraps [ErrNoKey] if there is none.
func (d *ManagedDict[K, V]) Pop(ctx context.Context, key K) (V, error) {
	return d.at(ctx, "pop key", doDelete, key)
}

func (d *ManagedDict[K, V]) at(ctx context.Context, doing string, what byte, key K) (v V, err error) {
	answer, err := d.on(ctx, doing, what, key)
	if err != nil {
		return v, err
	}
	return first[V](answer)
}

// on has the manager do something with a key, and with what fields are beside it.
func (d *ManagedDict[K, V]) on(ctx context.Context, doing string, what byte, key K, fields ...string) ([]string, error) {
	text, err := write(key)
	if err != nil {
		return nil, err
	}
	return d.do(ctx, fmt.Sprintf("%s %#v", doing, key), what, append([]string{text}, fields...)...)
}

// Set gives a key a value: d[key] = v.
func (d *ManagedDict[K, V]) Set(ctx context.Context, key K, v V) error {
	text, err := write(v)
	if err == nil {
		_, err = d.on(ctx, "set key", doSet, key, text)
	}
	return err
}

// SetDefault gives a key a value if it has none, and returns the one it has then. Of several processes that call it, one sets
// the value and all see it.
func (d *ManagedDict[K, V]) SetDefault(ctx context.Context, key K, v V) (V, error) {
	text, err := write(v)
	if err != nil {
		return v, err
	}
	answer, err := d.on(ctx, "set the default of key", doDefault, key, text)
	if err != nil {
		return v, err
	}
	return first[V](answer)
}

// Update sets all that a map holds, at once.
func (d *ManagedDict[K, V]) Update(ctx context.Context, from map[K]V) error {
	var fields []string
	for key, v := range from {
		var err error
		if fields, err = writeAll(fields, key); err != nil {
			return err
		}
		if fields, err = writeAll(fields, v); err != nil {
			return err
		}
	}
	_, err := d.do(ctx, "update", doSet, fields...)
	return err
}

// Delete removes a key: del d[key]. The error wraps [ErrNoKey] if there is none.
func (d *ManagedDict[K, V]) Delete(ctx context.Context, key K) error {
	_, err := d.on(ctx, "delete key", doDelete, key)
	return err
}

// Has reports whether there is a key: key in d.
func (d *ManagedDict[K, V]) Has(ctx context.Context, key K) (bool, error) {
	answer, err := d.on(ctx, "look for key", doHas, key)
	return err == nil && len(answer) == 1 && answer[0] != "", err
}

// Len returns the number of keys.
func (d *ManagedDict[K, V]) Len(ctx context.Context) (int, error) { return d.len(ctx) }

// Clear removes all keys.
func (d *ManagedDict[K, V]) Clear(ctx context.Context) error {
	_, err := d.do(ctx, "clear the keys", doClear)
	return err
}

// Keys returns all keys, in the order in which they came.
func (d *ManagedDict[K, V]) Keys(ctx context.Context) ([]K, error) {
	keys, _, err := d.all(ctx)
	return keys, err
}

// Copy returns all that it holds, as it is at one time.
func (d *ManagedDict[K, V]) Copy(ctx context.Context) (map[K]V, error) {
	_, all, err := d.all(ctx)
	return all, err
}

func (d *ManagedDict[K, V]) all(ctx context.Context) (keys []K, all map[K]V, err error) {
	answer, err := d.do(ctx, "copy", doAll)
	if err != nil {
		return nil, nil, err
	}
	if len(answer)%2 != 0 {
		return nil, nil, wire.ErrNonsense
	}
	all = make(map[K]V, len(answer)/2)
	for i := 0; i < len(answer); i += 2 {
		key, err := read[K](answer[i])
		if err != nil {
			return nil, nil, err
		}
		if all[key], err = read[V](answer[i+1]); err != nil {
			return nil, nil, err
		}
		keys = append(keys, key)
	}
	return keys, all, nil
}

// A ManagedNamespace is a handful of named values of any types that a manager holds: manager.Namespace(). [SetAttr] and
// [GetAttr] reach them.
type ManagedNamespace struct{ proxy }

const namespaceType = "process.ManagedNamespace"

// NewManagedNamespace has the manager make an empty namespace.
func NewManagedNamespace(ctx context.Context, m *Manager) (*ManagedNamespace, error) {
	p, err := newProxy(ctx, m, ofDict, namespaceType)
	if err != nil {
		return nil, err
	}
	return &ManagedNamespace{p}, nil
}

// GobEncode and GobDecode let the proxy travel.
func (n *ManagedNamespace) GobEncode() ([]byte, error) { return n.encode() }

// GobDecode reads what GobEncode wrote.
func (n *ManagedNamespace) GobDecode(from []byte) error { return n.decode(from, namespaceType) }

// SetAttr gives a name a value, which may be of another type than the last one: n.name = v.
func SetAttr[T any](ctx context.Context, n *ManagedNamespace, name string, v T) error {
	text, err := write(v)
	if err == nil {
		text = string(wire.AppendField(nil, reflect.TypeFor[T]().String())) + text
		_, err = n.do(ctx, fmt.Sprintf("set attribute %q", name), doSet, name, text)
	}
	return err
}

// GetAttr returns the value of a name: n.name. The error wraps [ErrNoKey] if there is none, and [ErrWrongType] if it is no T.
func GetAttr[T any](ctx context.Context, n *ManagedNamespace, name string) (v T, err error) {
	answer, err := n.do(ctx, fmt.Sprintf("attribute %q", name), doGet, name)
	if err != nil {
		return v, err
	}
	if len(answer) != 1 {
		return v, wire.ErrNonsense
	}
	typ, rest, err := wire.CutField[string]([]byte(answer[0]))
	if err != nil {
		return v, err
	}
	if want := reflect.TypeFor[T]().String(); typ != want {
		return v, fmt.Errorf("attribute %q of %s is a %s, and a %s is %w", name, n, typ, want, ErrWrongType)
	}
	return read[T](string(rest))
}

// DelAttr removes a name: del n.name. The error wraps [ErrNoKey] if there is none.
func (n *ManagedNamespace) DelAttr(ctx context.Context, name string) error {
	_, err := n.do(ctx, fmt.Sprintf("delete attribute %q", name), doDelete, name)
	return err
}

// Names returns all names, in the order in which they came.
func (n *ManagedNamespace) Names(ctx context.Context) ([]string, error) {
	answer, err := n.do(ctx, "names", doAll)
	var names []string
	for i := 0; i < len(answer); i += 2 {
		names = append(names, answer[i])
	}
	return names, err
}
