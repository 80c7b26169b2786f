package manager

import (
	"context"
	"fmt"
	"reflect"

	"cookbook/internal/wire"
)

// A Namespace is a handful of named values of any types that a manager holds: manager.Namespace(). [SetAttr] and
// [GetAttr] reach them.
type Namespace struct{ proxy }

const namespaceType = "process.ManagedNamespace"

// NewNamespace has the manager make an empty namespace.
func NewNamespace(ctx context.Context, m *Manager) (*Namespace, error) {
	p, err := newProxy(ctx, m, ofDict, namespaceType)
	if err != nil {
		return nil, err
	}
	return &Namespace{p}, nil
}

// GobEncode and GobDecode let the proxy travel.
func (n *Namespace) GobEncode() ([]byte, error) { return n.encode() }

// GobDecode reads what GobEncode wrote.
func (n *Namespace) GobDecode(from []byte) error { return n.decode(from, namespaceType) }

// SetAttr gives a name a value, which may be of another type than the last one: n.name = v.
func SetAttr[T any](ctx context.Context, n *Namespace, name string, v T) error {
	text, err := write(v)
	if err != nil {
		return err
	}
	text = string(wire.AppendField(nil, reflect.TypeFor[T]().String())) + text
	if _, err = n.ask(ctx, doSet, name, text); err != nil {
		return n.failed(fmt.Sprintf("set attribute %q", name), err)
	}
	return nil
}

// GetAttr returns the value of a name: n.name. The error wraps [ErrNoKey] if there is none, and [ErrWrongType] if it is not
// a T.
func GetAttr[T any](ctx context.Context, n *Namespace, name string) (v T, err error) {
	answer, err := n.ask(ctx, doGet, name)
	if err != nil {
		return v, n.failed(fmt.Sprintf("attribute %q", name), err)
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
func (n *Namespace) DelAttr(ctx context.Context, name string) error {
	if _, err := n.ask(ctx, doDelete, name); err != nil {
		return n.failed(fmt.Sprintf("delete attribute %q", name), err)
	}
	return nil
}

// Names returns all names, in the order in which they came.
func (n *Namespace) Names(ctx context.Context) ([]string, error) {
	answer, err := n.do(ctx, "names", doAll)
	var names []string
	for i := 0; i < len(answer); i += 2 {
		names = append(names, answer[i])
	}
	return names, err
}
