package manager

import (
	"context"
	"fmt"

	"cookbook/internal/wire"
)

// A Key is what may be the key of a [Dict]: what is equal is written equally in every process.
type Key interface {
	string | bool | int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64
}

// A Dict is a dict that a manager holds: manager.dict().
type Dict[K Key, V any] struct{ proxy }

// NewDict has the manager make an empty dict.
func NewDict[K Key, V any](ctx context.Context, m *Manager) (*Dict[K, V], error) {
	p, err := newProxy(ctx, m, ofDict, title[Dict[K, V]]())
	if err != nil {
		return nil, err
	}
	return &Dict[K, V]{p}, nil
}

// GobEncode and GobDecode let the proxy travel.
func (d *Dict[K, V]) GobEncode() ([]byte, error) { return d.encode() }

// GobDecode reads what GobEncode wrote.
func (d *Dict[K, V]) GobDecode(from []byte) error {
	return d.decode(from, title[Dict[K, V]]())
}

// Get returns the value of a key: d[key]. The error wraps [ErrNoKey] if there is none.
func (d *Dict[K, V]) Get(ctx context.Context, key K) (V, error) {
	return d.at(ctx, "key", doGet, key)
}

// Pop removes a key and returns its value. The error wraps [ErrNoKey] if there is none.
func (d *Dict[K, V]) Pop(ctx context.Context, key K) (V, error) {
	return d.at(ctx, "pop key", doDelete, key)
}

func (d *Dict[K, V]) at(ctx context.Context, doing string, what byte, key K) (v V, err error) {
	answer, err := d.on(ctx, doing, what, key)
	if err != nil {
		return v, err
	}
	return first[V](answer)
}

// on has the manager do something with a key, and with what fields are beside it.
func (d *Dict[K, V]) on(ctx context.Context, doing string, what byte, key K, fields ...string) ([]string, error) {
	text, err := write(key)
	if err != nil {
		return nil, err
	}
	answer, err := d.ask(ctx, what, append([]string{text}, fields...)...)
	if err != nil {
		return nil, d.failed(fmt.Sprintf("%s %#v", doing, key), err)
	}
	return answer, nil
}

// Set gives a key a value: d[key] = v.
func (d *Dict[K, V]) Set(ctx context.Context, key K, v V) error {
	text, err := write(v)
	if err == nil {
		_, err = d.on(ctx, "set key", doSet, key, text)
	}
	return err
}

// SetDefault gives a key a value if it has none, and returns the one it has then. Of several processes that call it, one sets
// the value and all see it.
func (d *Dict[K, V]) SetDefault(ctx context.Context, key K, v V) (V, error) {
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
func (d *Dict[K, V]) Update(ctx context.Context, from map[K]V) error {
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
func (d *Dict[K, V]) Delete(ctx context.Context, key K) error {
	_, err := d.on(ctx, "delete key", doDelete, key)
	return err
}

// Has reports whether there is a key: key in d.
func (d *Dict[K, V]) Has(ctx context.Context, key K) (bool, error) {
	answer, err := d.on(ctx, "look for key", doHas, key)
	return err == nil && len(answer) == 1 && answer[0] != "", err
}

// Len returns the number of keys.
func (d *Dict[K, V]) Len(ctx context.Context) (int, error) { return d.len(ctx) }

// Clear removes all keys.
func (d *Dict[K, V]) Clear(ctx context.Context) error {
	_, err := d.do(ctx, "clear the keys", doClear)
	return err
}

// Keys returns all keys, in the order in which they came.
func (d *Dict[K, V]) Keys(ctx context.Context) ([]K, error) {
	keys, _, err := d.all(ctx)
	return keys, err
}

// Copy returns all that it holds, as it is at one time.
func (d *Dict[K, V]) Copy(ctx context.Context) (map[K]V, error) {
	_, all, err := d.all(ctx)
	return all, err
}

func (d *Dict[K, V]) all(ctx context.Context) (keys []K, all map[K]V, err error) {
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
