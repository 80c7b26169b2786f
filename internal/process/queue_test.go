//go:build linux

package process

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// A mixed is an item that needs everything gob has.
type mixed struct {
	Name  string
	Any   any
	Deep  *mixed
	Parts []float64
	Queue *Queue[int]
}

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

func TestAQueueCarriesAnyKindOfItemToAnotherProcessAndBack(t *testing.T) {
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

func TestAQueueIsFirstInFirstOutWhateverTheSizes(t *testing.T) {
	q := must[*Queue[[]byte]](t)(NewQueue[[]byte](group(t), "queue", 20, WithRoom(512)))
	random := rand.New(rand.NewPCG(1, 2))
	var model [][]byte
	room := 512
	need := func(b []byte) int { return 8 * int(units(len(b))) }
	for i := range 20_000 {
		if random.IntN(2) == 0 {
			v := bytes.Repeat([]byte{byte(i)}, random.IntN(120))
			err := q.TryPut(v)
			if fits := len(model) < 20 && need(v) <= room; fits != (err == nil) || err != nil && !errors.Is(err, ErrFull) {
				t.Fatalf("%d bytes into %d items with %d bytes left: %v", len(v), len(model), room, err)
			}
			if err == nil {
				model, room = append(model, v), room-need(v)
			}
		} else {
			v, err := q.TryGet()
			if len(model) == 0 {
				is(t, err, ErrEmpty)
				continue
			}
			if err != nil || !bytes.Equal(v, model[0]) {
				t.Fatalf("got %v, %v, want %v", v, err, model[0])
			}
			model, room = model[1:], room+need(v)
		}
		if q.Len() != len(model) {
			t.Fatalf("it says it has %d items, want %d", q.Len(), len(model))
		}
	}
}

func TestAFullOrEmptyQueueSaysSoOrWaits(t *testing.T) {
	q := must[*Queue[int]](t)(NewQueue[int](group(t), "queue", 2))
	ended, end := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	end(why)
	_, err := q.TryGet()
	is(t, err, ErrEmpty)
	_, err = q.GetTimeout(t.Context(), 0)
	is(t, err, ErrTimeout)
	_, err = q.GetTimeout(t.Context(), time.Millisecond)
	is(t, err, ErrTimeout)
	_, err = q.Get(ended)
	is(t, err, why)
	is(t, q.Put(ended, 1), nil) // there is room: it does not wait
	is(t, q.PutTimeout(t.Context(), 2, 0), nil)
	is(t, q.TryPut(3), ErrFull)
	is(t, q.PutTimeout(t.Context(), 3, 0), ErrTimeout)
	is(t, q.PutTimeout(t.Context(), 3, time.Millisecond), ErrTimeout)
	is(t, q.Put(ended, 3), why)
	if text := q.String(); text != "queue (2 of 2)" {
		t.Errorf("it calls itself %q", text)
	}
	mentions(t, q.TryPut(3), "put into queue: full")
	is(t, q.Close(), nil)
	is(t, q.Close(), nil)
	is(t, q.Put(t.Context(), 3), ErrClosed)
	for want := 1; want <= 2; want++ {
		if got, err := q.Get(t.Context()); got != want || err != nil {
			t.Errorf("after Close: %d, %v, want %d", got, err, want)
		}
	}
	_, err = q.Get(t.Context())
	is(t, err, ErrClosed)
	_, err = q.TryGet()
	is(t, err, ErrClosed)
}

func TestAnItemThatWouldNeverFitIsAnError(t *testing.T) {
	g := group(t)
	q := must[*Queue[string]](t)(NewQueue[string](g, "queue", 1, WithRoom(64)))
	is(t, q.Put(t.Context(), strings.Repeat("x", 56)), nil)
	err := q.Put(t.Context(), strings.Repeat("x", 57))
	is(t, err, ErrTooLarge)
	mentions(t, err, "57 bytes", "56 at most")
	c := must[*Queue[any]](t)(NewQueue[any](g, "queue", 1))
	mentions(t, c.Put(t.Context(), make(chan int)), "cannot be sent")
	is(t, c.Put(t.Context(), "x"), nil)
	for capacity, want := range map[int]error{-1: ErrNegative, math.MaxInt: ErrNoRoom} {
		_, err := NewQueue[int](g, "queue", capacity)
		is(t, err, want)
	}
	_, err = NewQueue[string](g, "queue", 1, WithRoom(math.MaxInt))
	is(t, err, ErrNoRoom)
	_, err = NewQueue[string](g, "queue", 1, WithRoom(128<<20))
	is(t, err, nil)
	_, err = NewQueue[string](g, "queue", 1, WithRoom(128<<20))
	is(t, err, ErrNoRoom)
}

func TestWhoWaitsForAQueueIsWoken(t *testing.T) {
	q := must[*Queue[int]](t)(NewQueue[int](group(t), "queue", 1))
	for i := range 20 {
		got := make(chan error)
		go func() {
			_, err := q.Get(t.Context())
			got <- err
		}()
		if i%2 == 0 {
			eventually(t, "it sleeps", func() bool { return q.r.s.filled.sleeps.Load() > uint32(i/2) })
		}
		is(t, q.Put(t.Context(), i), nil)
		is(t, <-got, nil)
	}
	closed := make(chan error)
	go func() {
		_, err := q.Get(t.Context())
		closed <- err
	}()
	q.Close()
	is(t, <-closed, ErrClosed)
}

func TestALargeItemIsNotKeptOutBySmallOnes(t *testing.T) {
	q := must[*Queue[string]](t)(NewQueue[string](group(t), "queue", 0, WithRoom(1024)))
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for q.Put(ctx, "small") == nil {
			}
		})
	}
	large := strings.Repeat("x", 1000)
	all.Go(func() {
		for {
			if v, err := q.Get(t.Context()); err != nil || v == large {
				stop()
				return
			}
		}
	})
	if err := q.Put(t.Context(), large); err != nil {
		t.Error(err)
	}
	all.Wait()
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

func TestTwoProducersAndTwoConsumersLoseNothingAndDoubleNothing(t *testing.T) {
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

func TestAHandleMayBeUsedByManyGoroutines(t *testing.T) {
	q := must[*Queue[point]](t)(NewQueue[point](group(t), "queue", 4))
	var putting, getting sync.WaitGroup
	sums := make(chan int, 4)
	for i := range 4 {
		putting.Go(func() {
			for n := range 200 {
				if err := q.Put(t.Context(), point{X: n, Label: fmt.Sprint(i)}); err != nil {
					t.Error(err)
				}
			}
		})
		getting.Go(func() {
			sum := 0
			for {
				p, err := q.Get(t.Context())
				if errors.Is(err, ErrClosed) {
					sums <- sum
					return
				} else if err != nil {
					t.Error(err)
				}
				sum += p.X
			}
		})
	}
	putting.Wait()
	q.Close()
	getting.Wait()
	if sum := <-sums + <-sums + <-sums + <-sums; sum != 4*199*200/2 {
		t.Errorf("the sum of all items is %d", sum)
	}
}

func TestAQueueIsFoundOnlyByThoseItIsFor(t *testing.T) {
	g := group(t)
	q := must[*Queue[int]](t)(NewQueue[int](g, "queue", 4))
	data := must[[]byte](t)(q.MarshalBinary())
	is(t, new(Queue[int]).UnmarshalBinary(data), nil)
	is(t, new(Queue[int64]).UnmarshalBinary(data), ErrNotHere)
	is(t, new(JoinableQueue[int]).UnmarshalBinary(data), ErrNotHere)
	is(t, new(Lock).UnmarshalBinary(data), ErrNotHere)
	lock := must[[]byte](t)(must[*Lock](t)(NewLock(g, "lock")).MarshalBinary())
	is(t, new(Queue[int]).UnmarshalBinary(lock), ErrNotHere)
	j := must[*JoinableQueue[int]](t)(NewJoinableQueue[int](g, "queue", 4))
	is(t, new(Queue[int]).UnmarshalBinary(must[[]byte](t)(j.MarshalBinary())), nil)

	stranger := must[*Group](t)(NewGroup(t.Context()))
	defer stranger.Close()
	foreign := must[*Queue[int]](t)(NewQueue[int](stranger, "queue", 4))
	here.Store(g)
	is(t, new(Queue[int]).UnmarshalBinary(must[[]byte](t)(foreign.MarshalBinary())), ErrNotHere)
	_, err := new(Queue[int]).MarshalBinary()
	is(t, err, ErrNotHere)
}

func TestAQueueWhoseMemoryIsSpoiltSaysSo(t *testing.T) {
	g := group(t)
	q := must[*Queue[int]](t)(NewQueue[int](g, "queue", 4))
	is(t, q.Put(t.Context(), 1), nil)
	q.r.data[0] = 99 // of its length
	_, err := q.Get(t.Context())
	is(t, err, errDamaged)
	for _, spoil := range []func(s *queueState){
		func(s *queueState) { s.ring.units = 3 },
		func(s *queueState) { s.ring.units = 0 },
		func(s *queueState) { s.ring.units = 1 << 31 },
		func(s *queueState) { s.ring.capacity = 0 },
		func(s *queueState) { s.joinable = 7 },
		func(s *queueState) { s.joinable = 1 },
	} {
		q := must[*Queue[int]](t)(NewQueue[int](g, "queue", 4))
		data := must[[]byte](t)(q.MarshalBinary())
		spoil(overlay[queueState](g.arena, q.at))
		is(t, new(Queue[int]).UnmarshalBinary(data), ErrNotHere)
	}
}

func TestWhenTheGroupIsClosedAQueueIs(t *testing.T) {
	g := must[*Group](t)(NewGroup(t.Context()))
	q := must[*Queue[int]](t)(NewQueue[int](g, "queue", 4))
	waiting := make(chan error)
	go func() {
		_, err := q.Get(context.Background())
		waiting <- err
	}()
	eventually(t, "it sleeps", func() bool { return q.r.s.filled.sleeps.Load() > 0 })
	g.Close()
	is(t, <-waiting, ErrClosed)
	is(t, q.Put(t.Context(), 1), ErrClosed)
	is(t, q.TryPut(1), ErrClosed)
	_, err := q.TryGet()
	is(t, err, ErrClosed)
}

func FuzzQueueUnmarshal(f *testing.F) {
	g := group(f)
	q := must[*JoinableQueue[string]](f)(NewJoinableQueue[string](g, "queue", 4))
	a, _, err := NewPipe[string, int](g, "pipe")
	f.Add(must[[]byte](f)(q.MarshalBinary()))
	f.Add(must[[]byte](f)(a.MarshalBinary()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		new(Queue[string]).UnmarshalBinary(data)
		new(JoinableQueue[string]).UnmarshalBinary(data)
		new(End[string, int]).UnmarshalBinary(data)
		new(End[int, string]).UnmarshalBinary(data)
	})
}

// FuzzRing lets a reader look at memory that holds anything.
func FuzzRing(f *testing.F) {
	g := group(f)
	q := must[*Queue[*mixed]](f)(NewQueue[*mixed](g, "queue", 4, WithRoom(256)))
	f.Add(uint64(0), uint64(0), []byte{})
	f.Add(uint64(0), uint64(3)<<32|1, []byte{16, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add(uint64(math.MaxUint64), uint64(1), []byte{255, 255, 255, 255, 255, 255, 255, 255, 0})
	f.Fuzz(func(t *testing.T, head, tail uint64, data []byte) {
		copy(q.r.data, data)
		q.r.s.head.Store(head)
		q.r.s.tail.Store(tail)
		q.r.s.tailSeen, q.r.s.headSeen = head, head
		q.TryGet()
		q.TryPut(nil)
		q.Len()
	})
}

// registerOnce makes known to gob what the tests put into interfaces.
var registerOnce = sync.OnceFunc(func() {
	gob.Register(point{})
	gob.Register([]any{})
	gob.Register([]int{})
	gob.Register(map[string]int{})
})

// endsWell waits until a process has ended and checks that it has ended well.
func endsWell(t *testing.T, p *Process) {
	t.Helper()
	is(t, p.Join(t.Context()), nil)
	is(t, p.Err(), nil)
}
