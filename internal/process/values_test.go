package process

import (
	"context"
	"errors"
	"testing"
)

var (
	circle = Register("test.circle", func(context.Context, struct{}) (*point, error) { return ring(), nil })
	isNil  = Register("test.isNil", func(_ context.Context, p *int) (bool, error) { return p == nil, nil })
)

// ring returns a value that contains itself.
func ring() *point {
	p := &point{X: 1}
	p.Next = p
	return p
}

func TestAValueThatContainsItselfIsSentNowhere(t *testing.T) {
	ctx := t.Context()
	refused := func(where string, err error) {
		t.Helper()
		if !errors.Is(err, ErrCycle) {
			t.Errorf("%s: %v", where, err)
		}
	}
	_, err := Call(ctx, move, *ring())
	refused("a call", err)
	_, err = Call(ctx, circle, struct{}{})
	if remote := (*RemoteError)(nil); !errors.As(err, &remote) {
		t.Error("a result:", err)
	}
	p, err := NewPool(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Terminate()
	_, err = Apply(ctx, p, move, *ring())
	refused("a call of a pool", err)
	_, err = Map(ctx, p, move, []point{{}, *ring()})
	refused("a map", err)

	m, err := NewManager(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	d, err := NewManagedDict[string, *point](ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	refused("a dict", d.Set(ctx, "a", ring()))
	refused("a dict", d.Update(ctx, map[string]*point{"a": ring()}))
	l, err := NewManagedList[*point](ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	refused("a list", l.Append(ctx, &point{}, ring()))
	_, err = NewManagedValue(ctx, m, *ring())
	refused("a value", err)
	n, err := NewManagedNamespace(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	refused("a namespace", SetAttr(ctx, n, "a", ring()))

	g, err := NewGroup(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	refused("an argument", New(g, move, *ring()).Start())
	q, err := NewQueue[*point](g, "", 1)
	if errors.Is(err, ErrUnsupported) {
		return
	} else if err != nil {
		t.Fatal(err)
	}
	refused("a queue", q.Put(ctx, ring()))
	refused("a queue", q.TryPut(ring()))
	near, _, err := NewPipe[*point, int](g, "")
	if err != nil {
		t.Fatal(err)
	}
	refused("a pipe", near.Send(ctx, ring()))
	if err := q.Put(ctx, &point{X: 2}); err != nil {
		t.Error(err)
	}
	if v, err := q.Get(ctx); err != nil || v.X != 2 {
		t.Errorf("the next item is %v, %v", v, err)
	}
}

func TestAPointerToZeroArrivesAsOne(t *testing.T) {
	ctx := t.Context()
	for _, p := range []*int{new(int), nil} {
		if got, err := Call(ctx, isNil, p); err != nil || got != (p == nil) {
			t.Errorf("%v arrives as nil: %t, %v", p, got, err)
		}
	}
	p, err := NewPool(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Terminate()
	if got, err := Map(ctx, p, isNil, []*int{new(int), nil}); err != nil || got[0] || !got[1] {
		t.Errorf("in a map: %v, %v", got, err)
	}
}
