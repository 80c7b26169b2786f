package tasks

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
)

const (
	aheadTime = 20 * time.Millisecond // of work that a worker fetches ahead
	maxAhead  = 512                   // messages
)

// A source is where calls of one queue and priority come from.
type source struct {
	consumer jetstream.Consumer
	priority Priority
	waiting  bool // there is a request that waits for one message; only the fetcher's goroutine uses it
}

// A fetcher gets calls for the slots of a worker. It never holds more than what the slots work on and what they do in
// aheadTime, so that slow calls do not wait here while another worker is free, and quick ones do not wait for the network.
//
// When the slots have room it asks each source what there is, the highest priority first. When there is nothing, a request for
// one message waits at each source.
type fetcher struct {
	w       *worker
	sources []*source
	ready   ready

	fetched atomic.Int64 // messages that have been fetched and whose run has not ended
	ahead   atomic.Int64
	mean    atomic.Int64  // of a run, ns
	room    chan struct{} // a run has ended
	arrived chan arrival
}

// An arrival is what has come of a request that waited.
type arrival struct {
	s   *source
	m   jetstream.Msg // nil: nothing came
	err error
}

func newFetcher(w *worker, sources []*source) *fetcher {
	f := &fetcher{w: w, sources: sources, room: make(chan struct{}, 1), arrived: make(chan arrival)}
	f.ready.some.L = &f.ready.mu
	return f
}

// ran notes that a slot has ended a run, which took so long.
func (f *fetcher) ran(took time.Duration) {
	mean := (7*f.mean.Load() + int64(took)) / 8
	f.mean.Store(mean)
	f.ahead.Store(min(maxAhead, int64(f.w.slots)*int64(aheadTime)/max(mean, 1)))
	f.gone(1)
}

// gone notes that messages are not held for the slots any more.
func (f *fetcher) gone(n int) {
	f.fetched.Add(-int64(n))
	select {
	case f.room <- struct{}{}:
	default:
	}
}

// capacity is how many messages may be fetched now.
func (f *fetcher) capacity() int { return f.w.slots + int(f.ahead.Load()-f.fetched.Load()) }

// run fetches until ctx ends or a source is gone, and then hands back what has not begun.
func (f *fetcher) run(ctx context.Context) error {
	var requests sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	err := f.fetch(ctx, &requests)
	cancel()
	go func() {
		requests.Wait()
		close(f.arrived)
	}()
	for a := range f.arrived {
		if a.m != nil {
			a.m.Nak()
		}
	}
	f.handBack(f.ready.close())
	return err
}

func (f *fetcher) fetch(ctx context.Context, requests *sync.WaitGroup) error {
	for ctx.Err() == nil {
		n := f.capacity()
		if n < max(1, int(f.ahead.Load()/2)) { // not a request for each message
			select {
			case <-f.room:
			case a := <-f.arrived:
				f.take(a)
			case <-ctx.Done():
			}
			continue
		}
		got := 0
		for _, s := range f.sources {
			if got >= n {
				break
			}
			if s.waiting { // what is there has been sent already, and comes first
				continue
			}
			came, err := f.ask(ctx, s, n-got)
			if err != nil {
				return err
			}
			got += came
		}
		if got > 0 {
			continue
		}
		for _, s := range f.sources {
			if !s.waiting {
				s.waiting = true
				requests.Go(func() { f.arrived <- await(ctx, s) })
			}
		}
		select {
		case a := <-f.arrived:
			f.take(a)
			if a.err != nil {
				if err := engine.RetryFetch(ctx, a.s.consumer); err != nil {
					return err
				}
			}
		case <-ctx.Done():
		}
	}
	return nil
}

// take takes what a waiting request has got, or hands it back if it came too late.
func (f *fetcher) take(a arrival) {
	a.s.waiting = false
	switch {
	case a.m == nil:
	case f.capacity() > 0:
		f.hold(a.s, a.m)
	default:
		a.m.Nak()
	}
}

func (f *fetcher) hold(s *source, m jetstream.Msg) {
	f.fetched.Add(1)
	f.w.held.Add(m)
	f.ready.put(s.priority, m)
}

// ask fetches up to n messages that a source has now.
func (f *fetcher) ask(ctx context.Context, s *source, n int) (came int, err error) {
	batch, err := s.consumer.FetchNoWait(n)
	if err == nil {
		for m := range batch.Messages() {
			f.hold(s, m)
			came++
		}
		err = batch.Error()
	}
	if err != nil && came == 0 {
		return 0, engine.RetryFetch(ctx, s.consumer)
	}
	return came, nil
}

// await waits for one message of a source, for a while.
func await(ctx context.Context, s *source) arrival {
	a := arrival{s: s}
	_, a.err = engine.Fetch(ctx, s.consumer, 1, func(m jetstream.Msg) { a.m = m })
	return a
}

// giveBack hands back what was fetched ahead if no slot has begun anything of late: the slots turned out to be slow.
func (f *fetcher) giveBack() {
	if left := f.ready.stale(); len(left) > 0 {
		f.ahead.Store(0)
		f.mean.Store(int64(aheadTime) * int64(f.w.slots))
		f.handBack(left)
	}
}

func (f *fetcher) handBack(left []jetstream.Msg) {
	for _, m := range left {
		m.Nak()
		f.w.held.Remove(m)
	}
	f.gone(len(left))
}
