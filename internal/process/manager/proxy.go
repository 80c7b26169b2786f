package manager

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"cookbook/internal/wire"
)

// errNoManager is a proxy that no manager has made.
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
	answer, err := p.ask(ctx, what, fields...)
	if err != nil {
		return nil, p.failed(doing, err)
	}
	return answer, nil
}

// ask is do for those that say what failed only when it has: the words cost as much as the request.
func (p *proxy) ask(ctx context.Context, what byte, fields ...string) ([]string, error) {
	if p.client == nil {
		return nil, errNoManager
	}
	return p.client.do(ctx, what, p.id, fields...)
}

func (p *proxy) failed(doing string, err error) error {
	if p.client == nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return fmt.Errorf("%s of %s: %w", doing, p, err)
}

func (p *proxy) encode() ([]byte, error) {
	if p.client == nil {
		return nil, fmt.Errorf("a proxy cannot be sent: %w", errNoManager)
	}
	return wire.AppendFields(binary.AppendUvarint(nil, p.id), p.typ, p.client.address.where, p.client.address.secret), nil
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
	*p = proxy{clientOf(address{fields[1], fields[2]}), id, typ}
	return nil
}

// write turns a value into bytes that can be read alone.
func write[T any](v T) (string, error) {
	b, err := wire.Append(make([]byte, 0, 64), &v)
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

// title is what errors call a proxy of type P, which users know by its name in package process.
func title[P any]() string {
	return "process.Managed" + strings.TrimPrefix(reflect.TypeFor[P]().String(), "manager.")
}
