package gputest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"cookbook/internal/gpu"
)

func times(s *suite) {
	k, out := s.kernel(add), buffer(s, make([]int32, 1000))
	var events []*gpu.Event
	for range 5 {
		e, err := k.Launch(s.Context(), gpu.Shape{}, out)
		s.fatal(err)
		events = append(events, e)
	}
	e, err := out.CopyTo(s.device.Queue(), buffer(s, make([]int32, 1000)), 0, 0, 1000)
	s.fatal(err)
	events = append(events, e)
	var last time.Duration
	for i, e := range events {
		t, err := e.Times(s.Context())
		s.fatal(err)
		if t.Queued > t.Start || t.Start > t.End || t.End < last {
			s.Errorf("command %d: %+v, the one before ended at %v", i, t, last)
		}
		last = t.End
	}
	e, err = out.Write(s.device.Queue(), 0, nil)
	s.fatal(err)
	_, err = e.Times(s.Context())
	s.fatal(err)
}

func contexts(s *suite) {
	k, out := s.kernel(work), buffer(s, make([]uint32, 256))
	if _, err := k.Launch(ended(s), gpu.Shape{}, 1, out); !errors.Is(err, errEnded) {
		s.Errorf("a launch after the context's end: %v", err)
	}
	ctx, cancel := context.WithCancelCause(s.Context())
	shape := gpu.Shape{Grid: gpu.Dim{X: 64}}
	if s.device.Info().Language == "Go" {
		shape.Grid.X = 1<<31 - 1 // it would take minutes, so its end shows that it was stopped
	}
	e, err := k.Launch(ctx, shape, s.rounds(1000), out)
	s.fatal(err)
	if err := e.Wait(ended(s)); s.device.Info().Language == "Go" && !errors.Is(err, errEnded) || err != nil && !errors.Is(err, errEnded) {
		s.Errorf("Wait with a context that has ended: %v", err)
	}
	if err := s.device.Queue().Sync(ended(s)); !errors.Is(err, errEnded) {
		s.Errorf("Sync with a context that has ended: %v", err)
	}
	cancel(errEnded)
	err = e.Wait(context.Background())
	if s.device.Info().Language == "Go" && !errors.Is(err, errEnded) || err != nil && !errors.Is(err, errEnded) {
		s.Errorf("a launch whose context ends: %v", err)
	}
	if err := s.device.Sync(s.Context()); err != nil && !errors.Is(err, errEnded) {
		s.Errorf("Sync: %v", err)
	}
	s.launch(k, gpu.Shape{}, 0, out)
	holds(s, "after that", out, counting[uint32](256, 0))
}

func manyGoroutines(s *suite) {
	const goroutines, rounds, n = 8, 6, 301
	k := s.kernel(add)
	var all sync.WaitGroup
	defer all.Wait()
	for g := range goroutines {
		all.Go(func() {
			if err := serve(s, k, g, rounds, n); err != nil {
				s.Errorf("goroutine %d: %v", g, err)
			}
		})
	}
}

// serve launches a kernel rounds times and looks at the result. Half of the goroutines share a queue.
func serve(s *suite, k *gpu.Kernel, g, rounds, n int) (err error) {
	q := s.device.Queue()
	if g%2 == 0 {
		if q, err = s.device.NewQueue(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, q.Close()) }()
	}
	b, err := gpu.Alloc[int32](s.device, n)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Free()) }()
	for i := range rounds {
		e, err := k.LaunchOn(s.Context(), q, gpu.Shape{}, b)
		if err != nil {
			return err
		}
		if i%2 == 0 {
			if err := e.Wait(s.Context()); err != nil {
				return err
			}
		}
	}
	if g%4 == 1 {
		if err := q.Sync(s.Context()); err != nil {
			return err
		}
	}
	got := make([]int32, n)
	if _, err := b.Read(q, 0, got); err != nil {
		return err
	}
	for i, v := range got {
		if v != int32(rounds) {
			return fmt.Errorf("element %d is %d, want %d", i, v, rounds)
		}
	}
	return nil
}

// manyCommands queues more commands than may be under way.
func manyCommands(s *suite) {
	k, b := s.kernel(add), buffer(s, make([]int32, 7))
	const n = 600
	for range n {
		if _, err := k.Launch(s.Context(), gpu.Shape{Grid: gpu.Dim{X: 1}, Block: gpu.Dim{X: 8}}, b); err != nil {
			s.Fatal(err)
		}
	}
	holds(s, "counts", b, []int32{n, n, n, n, n, n, n})
}

func closeWhileRunning(s *suite) {
	k, out := s.kernel(work), buffer(s, make([]uint32, 256))
	var events []*gpu.Event
	for range 8 {
		e, err := k.Launch(s.Context(), gpu.Shape{}, s.rounds(20_000), out)
		s.fatal(err)
		events = append(events, e)
	}
	ready, done := make(chan struct{}), make(chan error)
	go func() {
		close(ready)
		done <- s.device.Sync(s.Context())
	}()
	waited := make(chan error)
	go func() { waited <- events[7].Wait(s.Context()) }()
	freed := make(chan error)
	go func() { freed <- out.Free() }()
	<-ready
	if err := s.device.Close(); err != nil {
		s.Errorf("Close: %v", err)
	}
	if err := <-done; err != nil && !errors.Is(err, gpu.ErrClosed) {
		s.Errorf("Sync beside Close: %v", err)
	}
	for _, c := range []chan error{waited, freed} {
		if err := <-c; err != nil {
			s.Errorf("beside Close: %v", err)
		}
	}
	for _, e := range events {
		if err := e.Wait(s.Context()); err != nil {
			s.Errorf("an event after Close: %v", err)
		}
	}
}

func afterFree(s *suite) {
	k, b, to := s.kernel(work), buffer(s, make([]uint32, 64)), buffer(s, make([]uint32, 64))
	_, err := k.Launch(s.Context(), gpu.Shape{}, 1000, b)
	s.fatal(err)
	s.fatal(b.Free()) // while the kernel runs
	s.fatal(b.Free())
	q := s.device.Queue()
	_, err = b.Download()
	s.refused("Download", err, gpu.ErrClosed, "buffer: closed already")
	_, err = b.Write(q, 0, []uint32{1})
	s.refused("Write", err, gpu.ErrClosed, "buffer: closed already")
	_, err = b.CopyTo(q, to, 0, 0, 1)
	s.refused("CopyTo", err, gpu.ErrClosed, "buffer: closed already")
	_, err = to.CopyTo(q, b, 0, 0, 1)
	s.refused("CopyTo a freed one", err, gpu.ErrClosed, "buffer: closed already")

	q, err = s.device.NewQueue()
	s.fatal(err)
	_, err = k.LaunchOn(s.Context(), q, gpu.Shape{}, 1000, to)
	s.fatal(err)
	s.fatal(q.Close()) // while the kernel runs
	s.fatal(q.Close())
	_, err = k.LaunchOn(s.Context(), q, gpu.Shape{}, 1, to)
	s.refused("LaunchOn", err, gpu.ErrClosed, "queue of DEVICE: closed already")
	_, err = to.Read(q, 0, make([]uint32, 1))
	s.refused("Read", err, gpu.ErrClosed, "queue of DEVICE: closed already")
	s.refused("Sync", q.Sync(s.Context()), gpu.ErrClosed, "queue of DEVICE: closed already")
	s.launch(k, gpu.Shape{}, 0, to)
	holds(s, "the other queue", to, counting[uint32](64, 0))
}

func afterClose(s *suite) {
	d := s.device
	k, b, none := s.kernel(work), buffer(s, make([]uint32, 64)), buffer(s, []uint32{})
	q, err := d.NewQueue()
	s.fatal(err)
	e, err := k.Launch(s.Context(), gpu.Shape{}, 1000, b)
	s.fatal(err)
	a, err := gpu.ArrayOf(d, []uint32{1})
	s.fatal(err)
	info, name := d.Info(), d.String()
	s.fatal(d.Close())
	s.fatal(d.Close())
	ctx := s.Context()
	second := func(_ any, err error) error { return err }
	const device, queue = "device DEVICE: closed already", "queue of DEVICE: closed already"
	for _, c := range []struct {
		what, words string
		err         error
	}{
		{"Alloc", device, second(gpu.Alloc[int](d, 1))},
		{"Alloc of nothing", device, second(gpu.Alloc[int](d, 0))},
		{"Upload", device, second(gpu.Upload(d, []int{1}))},
		{"NewQueue", device, second(d.NewQueue())},
		{"Kernel", device, second(d.Kernel(files, add))},
		{"Elementwise", device, second(d.Elementwise("one", "x []int32", "x[i] = 1"))},
		{"NewArray", device, second(gpu.NewArray[int](d, 1))},
		{"Sync of the device", device, d.Sync(ctx)},
		{"Launch", queue, second(k.Launch(ctx, gpu.Shape{}, 1, b))},
		{"LaunchOn", queue, second(k.LaunchOn(ctx, q, gpu.Shape{}, 1, b))},
		{"Download", queue, second(b.Download())},
		{"Download of nothing", queue, second(none.Download())},
		{"Read", queue, second(b.Read(q, 0, make([]uint32, 1)))},
		{"Write", queue, second(b.Write(q, 0, make([]uint32, 1)))},
		{"CopyTo", queue, second(b.CopyTo(q, b, 1, 0, 1))},
		{"Sync of a queue", queue, q.Sync(ctx)},
		{"Sync of the device's queue", queue, d.Queue().Sync(context.Background())},
		{"Get of an array", queue, second(a.Get())},
	} {
		s.refused(c.what, c.err, gpu.ErrClosed, c.words)
	}
	if _, err := a.SumAll(ctx); !errors.Is(err, gpu.ErrClosed) {
		s.Errorf("the sum of an array: %v, want %q", err, gpu.ErrClosed)
	}
	s.fatal(q.Close())
	s.fatal(b.Free())
	s.fatal(none.Free())
	s.fatal(a.Free())
	s.fatal(e.Wait(ctx))
	t, err := e.Times(ctx)
	s.fatal(err)
	if t.Queued > t.End || d.Info().Name != info.Name || d.String() != name {
		s.Errorf("after Close: times %+v, name %s", t, d)
	}
}

// RunPair tests that two devices, which may be the same one opened twice, do not disturb each other.
func RunPair(t *testing.T, open1, open2 func(testing.TB) *gpu.Device) {
	a, b := newSuite(t, open1), newSuite(t, open2)
	both := []*suite{a, b}
	var kernels []*gpu.Kernel
	var buffers []*gpu.Buffer[int32]
	for _, s := range both {
		kernels = append(kernels, s.kernel(add))
		buffers = append(buffers, buffer(s, make([]int32, 1001)))
	}
	const rounds = 10
	for range rounds {
		for i := range both {
			if _, err := kernels[i].Launch(t.Context(), gpu.Shape{}, buffers[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := make([]int32, 1001)
	for i := range want {
		want[i] = rounds
	}
	for i, s := range both {
		holds(s, "counts of "+s.device.String(), buffers[i], want)
		if _, err := kernels[i].Launch(t.Context(), gpu.Shape{}, buffers[1-i]); !errors.Is(err, gpu.ErrArgument) {
			t.Errorf("a buffer of the other device: %v, want %q", err, gpu.ErrArgument)
		}
		if _, err := buffers[i].CopyTo(s.device.Queue(), buffers[1-i], 0, 0, 1); !errors.Is(err, gpu.ErrArgument) {
			t.Errorf("a copy to the other device: %v, want %q", err, gpu.ErrArgument)
		}
	}
	a.fatal(a.device.Close())
	b.launch(kernels[1], gpu.Shape{}, buffers[1]) // the other one goes on
}
