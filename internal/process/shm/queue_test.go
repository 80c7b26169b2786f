//go:build linux

package shm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/proctest"
	"cookbook/internal/wire"
)

// A mixed is an item that needs everything gob has.
type mixed struct {
	Name  string
	Any   any
	Deep  *mixed
	Parts []float64
	Queue *Queue[int]
}

func TestAQueueIsFirstInFirstOutWhateverTheSizes(t *testing.T) {
	q := must[*Queue[[]byte]](t)(NewQueue[[]byte](space(t), "queue", 20, WithRoom(512)))
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
	q := must[*Queue[int]](t)(NewQueue[int](space(t), "queue", 2))
	ended, end := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	end(why)
	_, err := q.TryGet()
	is(t, err, ErrEmpty)
	_, err = q.GetTimeout(t.Context(), 0)
	is(t, err, failure.ErrTimeout)
	_, err = q.GetTimeout(t.Context(), time.Millisecond)
	is(t, err, failure.ErrTimeout)
	_, err = q.Get(ended)
	is(t, err, why)
	is(t, q.Put(ended, 1), nil) // there is room: it does not wait
	is(t, q.PutTimeout(t.Context(), 2, 0), nil)
	is(t, q.TryPut(3), ErrFull)
	is(t, q.PutTimeout(t.Context(), 3, 0), failure.ErrTimeout)
	is(t, q.PutTimeout(t.Context(), 3, time.Millisecond), failure.ErrTimeout)
	is(t, q.Put(ended, 3), why)
	if text := q.String(); text != "queue (2 of 2)" {
		t.Errorf("it calls itself %q", text)
	}
	proctest.Mentions(t, q.TryPut(3), "put into queue: full")
	is(t, q.Close(), nil)
	is(t, q.Close(), nil)
	is(t, q.Put(t.Context(), 3), failure.ErrClosed)
	for want := 1; want <= 2; want++ {
		if got, err := q.Get(t.Context()); got != want || err != nil {
			t.Errorf("after Close: %d, %v, want %d", got, err, want)
		}
	}
	_, err = q.Get(t.Context())
	is(t, err, failure.ErrClosed)
	_, err = q.TryGet()
	is(t, err, failure.ErrClosed)
}

func TestAnItemThatWouldNeverFitIsAnError(t *testing.T) {
	g := space(t)
	q := must[*Queue[string]](t)(NewQueue[string](g, "queue", 1, WithRoom(64)))
	is(t, q.Put(t.Context(), strings.Repeat("x", 56)), nil)
	err := q.Put(t.Context(), strings.Repeat("x", 57))
	is(t, err, wire.ErrTooLarge)
	proctest.Mentions(t, err, "57 bytes", "56 at most")
	c := must[*Queue[any]](t)(NewQueue[any](g, "queue", 1))
	proctest.Mentions(t, c.Put(t.Context(), make(chan int)), "cannot be sent")
	is(t, c.Put(t.Context(), "x"), nil)
	for capacity, want := range map[int]error{-1: failure.ErrNegative, math.MaxInt: ErrNoRoom} {
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
	q := must[*Queue[int]](t)(NewQueue[int](space(t), "queue", 1))
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
	is(t, <-closed, failure.ErrClosed)
}

func TestALargeItemIsNotKeptOutBySmallOnes(t *testing.T) {
	q := must[*Queue[string]](t)(NewQueue[string](space(t), "queue", 0, WithRoom(1024)))
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

func TestAHandleMayBeUsedByManyGoroutines(t *testing.T) {
	q := must[*Queue[point]](t)(NewQueue[point](space(t), "queue", 4))
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
				if errors.Is(err, failure.ErrClosed) {
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
	g := space(t)
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

	strange := bytes.Clone(data)
	strange[0]++ // of another group
	is(t, new(Queue[int]).UnmarshalBinary(strange), ErrNotHere)
	_, err := new(Queue[int]).MarshalBinary()
	is(t, err, ErrNotHere)
}

func TestAQueueWhoseMemoryIsSpoiltSaysSo(t *testing.T) {
	g := space(t)
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
	g := must[*Space](t)(NewSpace(t.Context()))
	q := must[*Queue[int]](t)(NewQueue[int](g, "queue", 4))
	waiting := make(chan error)
	go func() {
		_, err := q.Get(context.Background())
		waiting <- err
	}()
	eventually(t, "it sleeps", func() bool { return q.r.s.filled.sleeps.Load() > 0 })
	g.Close()
	is(t, <-waiting, failure.ErrClosed)
	is(t, q.Put(t.Context(), 1), failure.ErrClosed)
	is(t, q.TryPut(1), failure.ErrClosed)
	_, err := q.TryGet()
	is(t, err, failure.ErrClosed)
}

func FuzzQueueUnmarshal(f *testing.F) {
	g := space(f)
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
	g := space(f)
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
