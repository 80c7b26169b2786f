package csp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"cookbook/internal/distributed/engine"
)

// A Handle is how an end in another process finds its channel.
type Handle struct {
	Channel string // its name
	Kind    Kind
	Subject string // of the home, in the engine
	End     uint32
	Lease   time.Duration
}

// A RemoteReader is a reading end on its way to another process of the same program: plain data, which can be the argument
// of a registered function. There [RemoteReader.Open] makes an end of it.
type RemoteReader[T any] struct{ Handle }

// A RemoteWriter is a writing end on its way to another process, as [RemoteReader] is a reading one.
type RemoteWriter[T any] struct{ Handle }

// Open opens the end, for this process alone. The error wraps [ErrLost] if the channel's home is gone, and [ErrRefused] if
// the end is open already. The end has to be retired or poisoned before conn is closed.
func (r RemoteReader[T]) Open(ctx context.Context, conn *engine.Conn) (In[T], error) {
	e, err := open(ctx, conn, r.Handle)
	if err != nil {
		return nil, err
	}
	return &remoteReader[T]{e}, nil
}

// Open opens the end, as [RemoteReader.Open] does.
func (w RemoteWriter[T]) Open(ctx context.Context, conn *engine.Conn) (Out[T], error) {
	e, err := open(ctx, conn, w.Handle)
	if err != nil {
		return nil, err
	}
	return &remoteWriter[T]{e}, nil
}

type remoteReader[T any] struct{ *remoteEnd }

// Read implements [In].
func (r *remoteReader[T]) Read(ctx context.Context) (v T, err error) {
	payload, err := r.do(ctx, "read from", opRead, r.Kind.oneReader(), nil)
	if err != nil {
		return v, err
	}
	i, err := parseItem[T](payload)
	if err != nil {
		return v, fmt.Errorf("read from channel %s: %w", r.Channel, err)
	}
	return i.received(), nil
}

type remoteWriter[T any] struct{ *remoteEnd }

// Write implements [Out].
func (w *remoteWriter[T]) Write(ctx context.Context, v T) error {
	i := sending(w.Channel, v)
	payload, err := encode(w.Channel, w.nc.MaxPayload(), &i)
	if err != nil {
		return err
	}
	_, err = w.do(ctx, "write to", opWrite, w.Kind.oneWriter(), payload)
	return err
}

// remoteEnd is an open end whose channel is in another process.
type remoteEnd struct {
	Handle
	nc      *nats.Conn
	session uint64
	life    context.Context // ends, with its cause, when the home is lost, or when the end has left
	end     context.CancelCauseFunc
	all     sync.WaitGroup
	once    sync.Once

	busy chan struct{} // holds one token: operations come one after another
	seq  uint64        // of the last operation; guarded by busy
}

func open(ctx context.Context, conn *engine.Conn, h Handle) (*remoteEnd, error) {
	e := &remoteEnd{Handle: h, nc: conn.NC, session: rand.Uint64() | 1, busy: make(chan struct{}, 1)}
	ctx, stop := context.WithTimeoutCause(ctx, h.Lease, e.homeLost())
	defer stop()
	a, err := e.ask(ctx, request{op: opOpen})
	if err == nil {
		err = a.err()
	}
	if err != nil {
		return nil, fmt.Errorf("open an end of channel %s: %w", h.Channel, err)
	}
	e.life, e.end = context.WithCancelCause(context.Background())
	e.all.Go(e.beat)
	return e, nil
}

func (e *remoteEnd) homeLost() error {
	return lost(fmt.Sprintf("the one that has made channel %s has given no sign for %v", e.Channel, e.Lease))
}

// ask sends a request, again until it is answered or ctx ends.
func (e *remoteEnd) ask(ctx context.Context, q request) (answer, error) {
	q.end, q.session = e.End, e.session
	limit := e.Lease / ticksOfLease
	if q.seq > 0 {
		limit = e.Lease // the home takes its time to answer, but no more than half of it
	}
	for {
		one, stop := context.WithTimeout(ctx, limit)
		m, err := e.nc.RequestWithContext(one, e.Subject, q.append(nil))
		stop()
		if err == nil {
			return parseAnswer(m.Data)
		}
		if errors.Is(err, nats.ErrConnectionClosed) {
			return answer{}, lost("this process has closed its connection to the engine")
		}
		select { // the home, or the engine, is gone, or for a moment
		case <-ctx.Done():
			return answer{}, context.Cause(ctx)
		case <-time.After(e.Lease / 40):
		}
	}
}

// beat gives signs of life, and hears those of the home.
func (e *remoteEnd) beat() {
	tick := time.NewTicker(e.Lease / ticksOfLease)
	defer tick.Stop()
	for {
		select {
		case <-e.life.Done():
			return
		case <-tick.C:
		}
		ctx, stop := context.WithTimeoutCause(e.life, e.Lease, e.homeLost())
		_, err := e.ask(ctx, request{op: opBeat})
		stop()
		if err != nil {
			e.end(err)
			return
		}
	}
}

// do does one operation. If ctx ends it is given up, unless it is done by then: so no value is lost.
func (e *remoteEnd) do(ctx context.Context, doing string, op opcode, only bool, payload []byte) ([]byte, error) {
	if err := e.enter(ctx, only); err != nil {
		return nil, fmt.Errorf("%s channel %s: %w", doing, e.Channel, err)
	}
	defer func() { <-e.busy }()
	e.seq++
	q := request{op: op, seq: e.seq, payload: payload}
	asking, stop := context.WithCancelCause(e.life)
	defer stop(nil)
	defer context.AfterFunc(ctx, func() { stop(context.Cause(ctx)) })()
	for {
		a, err := e.ask(asking, q)
		switch {
		case err != nil && e.life.Err() == nil && asking.Err() != nil && q.op != opCancel: // ctx has ended
			asking, q = e.life, request{op: opCancel, seq: q.seq}
			continue
		case err != nil && e.life.Err() != nil:
			err = context.Cause(e.life)
		case err != nil: // it is what ask says
		case a.status == stPending:
			if q.op != opCancel {
				q.op, q.payload = opWait, nil
			}
			continue
		case a.status == stCancelled && ctx.Err() != nil:
			err = context.Cause(ctx)
		default:
			err = a.err()
		}
		if err != nil {
			return nil, fmt.Errorf("%s channel %s: %w", doing, e.Channel, err)
		}
		return a.payload, nil
	}
}

// enter waits until the end is free. The only end of its side is for one process at a time.
func (e *remoteEnd) enter(ctx context.Context, only bool) error {
	select {
	case e.busy <- struct{}{}:
		return nil
	default:
	}
	if only {
		panic(fmt.Sprintf("csp: channel %s is of kind %s, but two processes use its only end of this side at once; make a channel of another kind for several",
			e.Channel, e.Kind))
	}
	select {
	case e.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-e.life.Done():
		return context.Cause(e.life)
	}
}

// Poison implements [End]. It waits until the home knows, or is lost.
func (e *remoteEnd) Poison() { e.depart(opPoison, ErrPoisoned) }

// Retire implements [End]. It waits until the home knows, or is lost.
func (e *remoteEnd) Retire() { e.depart(opRetire, ErrRetired) }

func (e *remoteEnd) depart(op opcode, err error) {
	e.once.Do(func() {
		_, _ = e.ask(e.life, request{op: op}) // an error is that the home is lost
		e.end(err)
		e.all.Wait()
	})
}
