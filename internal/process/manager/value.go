package manager

import "context"

// A Value is one value that a manager holds: manager.Value().
type Value[T any] struct{ proxy }

// NewValue has the manager hold v.
func NewValue[T any](ctx context.Context, m *Manager, v T) (*Value[T], error) {
	p, err := newProxy(ctx, m, ofDict, title[Value[T]]())
	if err != nil {
		return nil, err
	}
	held := &Value[T]{p}
	return held, held.Set(ctx, v)
}

// GobEncode and GobDecode let the proxy travel.
func (v *Value[T]) GobEncode() ([]byte, error) { return v.encode() }

// GobDecode reads what GobEncode wrote.
func (v *Value[T]) GobDecode(from []byte) error {
	return v.decode(from, title[Value[T]]())
}

// Get returns the value.
func (v *Value[T]) Get(ctx context.Context) (T, error) {
	answer, err := v.do(ctx, "value", doGet, "")
	if err != nil {
		var none T
		return none, err
	}
	return first[T](answer)
}

// Set replaces the value.
func (v *Value[T]) Set(ctx context.Context, to T) error {
	text, err := write(to)
	if err == nil {
		_, err = v.do(ctx, "set the value", doSet, "", text)
	}
	return err
}
