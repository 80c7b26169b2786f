//go:build linux

package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"
)

// A passage is where a process takes items and puts them again.
type passage[T any] struct{ From, To *Queue[T] }

func (p passage[T]) run(ctx context.Context) (n int, err error) {
	for ; ; n++ {
		v, err := p.From.Get(ctx)
		if errors.Is(err, ErrClosed) {
			return n, p.To.Close()
		} else if err != nil {
			return n, err
		}
		if err := p.To.Put(ctx, v); err != nil {
			return n, err
		}
	}
}

var (
	passBools   = Register("test.passBools", func(ctx context.Context, p passage[bool]) (int, error) { return p.run(ctx) })
	passBytes   = Register("test.passBytes", func(ctx context.Context, p passage[[]byte]) (int, error) { return p.run(ctx) })
	passFloats  = Register("test.passFloats", func(ctx context.Context, p passage[float64]) (int, error) { return p.run(ctx) })
	passMixed   = Register("test.passMixed", func(ctx context.Context, p passage[*mixed]) (int, error) { return p.run(ctx) })
	passStrings = Register("test.passStrings", func(ctx context.Context, p passage[string]) (int, error) { return p.run(ctx) })
	passTimes   = Register("test.passTimes", func(ctx context.Context, p passage[time.Duration]) (int, error) { return p.run(ctx) })
)

// passes sends items through another process and checks what comes back.
func passes[T any](t *testing.T, f func(context.Context, passage[T]) (int, error), items ...T) {
	t.Helper()
	g := group(t)
	p := passage[T]{must[*Queue[T]](t)(NewQueue[T](g, "there", 2)), must[*Queue[T]](t)(NewQueue[T](g, "back", 2))}
	child := New(g, f, p)
	started(t, child)
	var putting sync.WaitGroup
	putting.Go(func() {
		for _, v := range items {
			if err := p.From.Put(t.Context(), v); err != nil {
				t.Error(err)
			}
		}
		if err := p.From.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, want := range items {
		if got, err := p.To.Get(t.Context()); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	putting.Wait()
	_, err := p.To.Get(t.Context())
	is(t, err, ErrClosed)
	if err := child.Join(t.Context()); err != nil || child.Err() != nil {
		t.Error(err, child.Err())
	}
}

func TestAQueueCarriesAnyKindOfItemThereAndBack(t *testing.T) {
	passes(t, passBools, true, false, true)
	passes(t, passFloats, 0, 1.5, math.Inf(-1), math.MaxFloat64)
	passes(t, passTimes, time.Second, -time.Hour)
	passes(t, passStrings, "", "a", "Grüße", strings.Repeat("long ", 100_000))
	passes(t, passBytes, []byte{}, []byte{0}, bytes.Repeat([]byte{7}, 1<<20-8))
}

func TestAQueueCarriesItemsWhoseTypesChange(t *testing.T) {
	passes(t, passMixed,
		&mixed{Name: "a", Parts: []float64{1, 2}}, &mixed{Any: 1}, &mixed{Any: "b"}, nil, &mixed{Name: "d"})
	g := group(t)
	q := must[*Queue[*mixed]](t)(NewQueue[*mixed](g, "queue", 0))
	inner := must[*Queue[int]](t)(NewQueue[int](g, "inner", 0))
	if err := errors.Join(inner.Put(t.Context(), 5), q.Put(t.Context(), &mixed{Queue: inner})); err != nil {
		t.Fatal(err)
	}
	m, err := q.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if v, err := m.Queue.Get(t.Context()); v != 5 || err != nil {
		t.Errorf("the queue that came through a queue has %d, %v", v, err)
	}
}

// A traffic is what producers and consumers share. An item says who put it, and as the how manieth.
type traffic struct {
	Queue    *Queue[uint64]
	Seen     *Array[int32] // how often each item was taken: producer · Each + number
	Progress *Array[int32] // how many each producer has put
	Producer int
	Each     int
}

var (
	produces = Register("test.produces", func(ctx context.Context, x traffic) (int, error) {
		for i := range x.Each {
			if err := x.Queue.Put(ctx, uint64(x.Producer)<<32|uint64(i)); err != nil {
				return i, err
			}
			x.Progress.Add(x.Producer, 1)
		}
		return x.Each, nil
	})
	consumes = Register("test.consumes", func(ctx context.Context, x traffic) (n int, err error) {
		for last := map[uint64]uint64{}; ; n++ {
			v, err := x.Queue.Get(ctx)
			if errors.Is(err, ErrClosed) {
				return n, nil
			} else if err != nil {
				return n, err
			}
			who, number := v>>32, v&math.MaxUint32+1
			if x.Seen.Add(int(who)*x.Each+int(number)-1, 1); number <= last[who] {
				return n, fmt.Errorf("of producer %d number %d came after %d", who, number, last[who])
			}
			last[who] = number
		}
	})
)

func TestNoItemOfManyProcessesIsLostOrDoubled(t *testing.T) {
	const each = 50_000
	g := group(t)
	for _, capacity := range []int{1, 3, 1000} {
		x := traffic{
			Queue: must[*Queue[uint64]](t)(NewQueue[uint64](g, "queue", capacity)), Each: each,
			Seen: must[*Array[int32]](t)(NewArray[int32](g, 2*each)), Progress: must[*Array[int32]](t)(NewArray[int32](g, 2)),
		}
		if capacity < 10 {
			x.Each = each / 50
		}
		first, second := x, x
		second.Producer = 1
		producers := []*Process{New(g, produces, first), New(g, produces, second)}
		consumers := []*Process{New(g, consumes, x), New(g, consumes, x)}
		started(t, append(producers, consumers...)...)
		for _, p := range producers {
			endsWell(t, p)
		}
		is(t, x.Queue.Close(), nil)
		sum := 0
		for _, p := range consumers {
			endsWell(t, p)
			n, err := Result[int](p)
			is(t, err, nil)
			sum += n
		}
		if sum != 2*x.Each {
			t.Errorf("%d items were taken, want %d", sum, 2*x.Each)
		}
		for i := range 2 * x.Each {
			if n := x.Seen.Load(i); n != 1 {
				t.Fatalf("item %d was taken %d times", i, n)
			}
		}
	}
}

// endsWell waits until a process has ended and checks that it has ended well.
func endsWell(t *testing.T, p *Process) {
	t.Helper()
	is(t, p.Join(t.Context()), nil)
	is(t, p.Err(), nil)
}

// A mixed is an item that needs everything gob has.
type mixed struct {
	Name  string
	Any   any
	Deep  *mixed
	Parts []float64
	Queue *Queue[int]
}
