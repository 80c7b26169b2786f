package shm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"cookbook/internal/process/failure"
)

// An End is one of the two ends of a pipe: it sends Ss, which the other end receives, and receives Rs, which the other one
// sends. What is sent is copied as the items of a [Queue] are.
//
// An end belongs to one process, the last one to which it came: as an argument, through a queue or another pipe. It is
// [failure.ErrNotOwner] for those it belonged to before. So there is nothing to close after an end was given away. In
// Python a process that forgets to close it waits for an end of file that never comes.
//
// When an end is closed, or the process that it belongs to has ended in whatever way, the other one receives what was sent,
// and then [io.EOF].
//
// Python: multiprocessing.connection.Connection.
type End[S, R any] struct {
	object
	which   uint32 // 0 or 1
	s       *pipeState
	out, in ring
	sent    *carrier[S]
	got     *carrier[R]
}

// A pipeState is a pipe in memory. The records of ring 0, which end 0 writes, follow, and then those of ring 1.
type pipeState struct {
	ends [2]struct {
		owner  atomic.Uint32 // a slot + 1
		closed atomic.Uint32
	}
	typ   [2]uint64 // of what each ring carries
	_     [cacheLine - 32]byte
	rings [2]ringState
}

const roomOfPipe = 256 << 10

// NewPipe returns the two ends of a pipe. As carry what the first sends and Bs what the second does. Both belong to this
// process until they come to another. The name appears in errors. Sending blocks while the pipe is full, see [WithRoom].
//
// Python: multiprocessing.Pipe().
func NewPipe[A, B any](in *Space, name string, opts ...QueueOption) (*End[A, B], *End[B, A], error) {
	o := queueOptions{room: roomOfPipe}
	for _, opt := range opts {
		opt(&o)
	}
	size := ringUnits(o.room)
	if uint64(size)*headerUnit < uint64(max(o.room, 0)) {
		return nil, nil, failure.Of("make", title(name, kindPipe), fmt.Errorf("%d bytes: %w", o.room, ErrNoRoom))
	}
	first, second := &End[A, B]{which: 0}, &End[B, A]{which: 1}
	room := int(unsafe.Sizeof(pipeState{})) + 2*int(size)*headerUnit
	s, err := makeLarger(&first.object, in, name, kindPipe, room, func(s *pipeState) {
		for i := range s.ends {
			s.ends[i].owner.Store(uint32(in.self) + 1)
			s.rings[i].capacity, s.rings[i].units = maxUnits, size
		}
		s.typ = [2]uint64{typeNumber[A](), typeNumber[B]()}
	})
	if err == nil {
		second.object = first.object
		err = errors.Join(first.use(s), second.use(s))
	}
	if err != nil {
		return nil, nil, err
	}
	return first, second, nil
}

// use makes the handle ready. What the memory says is not trusted.
func (e *End[S, R]) use(s *pipeState) error {
	size, err := e.space.arena.object(kindPipe, e.at)
	head, room := int(unsafe.Sizeof(*s)), [2]int{}
	for i := range room {
		room[i] = int(min(s.rings[i].units, maxUnits)) * headerUnit
	}
	if err == nil && size < head+room[0]+room[1] {
		err = fmt.Errorf("%d bytes: %w", size, ErrNotHere)
	}
	var rings [2]ring
	for i, at := 0, e.at+uint64(head); err == nil && i < 2; i++ {
		rings[i], err = useRing(&e.object, &s.rings[i], at)
		rings[i].wakeAll = true
		rings[i].partners = [2]*atomic.Uint32{&s.ends[i].owner, &s.ends[1-i].owner}
		at += uint64(room[i])
	}
	if err == nil && (s.typ[e.which] != typeNumber[S]() || s.typ[1-e.which] != typeNumber[R]()) {
		err = fmt.Errorf("it is not a %T: %w", e, ErrNotHere)
	}
	if err != nil {
		return failure.Of("read", title(e.name, kindPipe), err)
	}
	e.s, e.out, e.in = s, rings[e.which], rings[1-e.which]
	e.sent, e.got = newCarrier[S](), newCarrier[R]()
	return nil
}

// race is the number of what is waited for in one direction, for the race detector.
func (e *End[S, R]) race(which uint32, what uint64) uint64 { return uint64(which)*perEnd + what }

func (e *End[S, R]) title() string { return title(e.name, kindPipe) }

// mine returns why this process may not use the end.
func (e *End[S, R]) mine() error {
	switch end := &e.s.ends[e.which]; {
	case e.space.arena.closed.Load(), end.closed.Load() != 0:
		return failure.ErrClosed
	case end.owner.Load() != e.me:
		return failure.ErrNotOwner
	}
	return nil
}

// Send sends v. It blocks while the pipe is full, or until ctx ends; then the error wraps its cause and v was not sent. If the
// other end is closed, or its process has ended, it is [io.ErrClosedPipe]. It is [wire.ErrTooLarge] if v would not even fit an
// empty pipe.
//
// Python: connection.send(v).
func (e *End[S, R]) Send(ctx context.Context, v S) error {
	return e.send(e.wait(ctx, noLimit), v)
}

// SendTimeout is Send, but [failure.ErrTimeout] if there is no room within d. It tries before it waits, so d ≤ 0 is a try.
func (e *End[S, R]) SendTimeout(ctx context.Context, v S, d time.Duration) error {
	return e.send(e.wait(ctx, max(d, 0)), v)
}

func (e *End[S, R]) send(w wait, v S) error {
	e.raceRelease(e.race(e.which, filled))
	err := e.mine()
	if err == nil {
		err = e.sent.send(&e.out, &w, &v, false)
	}
	e.raceAcquire(e.race(e.which, freed))
	if err == errNoMore {
		if err = e.mine(); err == nil {
			err = io.ErrClosedPipe
		}
	}
	runtime.KeepAlive(e)
	if err != nil {
		return failure.Of("send into", e.title(), err)
	}
	return nil
}

// Recv returns what was sent first of what was not yet received. It blocks while there is nothing, or until ctx ends; then the
// error wraps its cause. If there is nothing and nothing will come, because the other end is closed or its process has
// ended, it is [io.EOF] alone.
//
// Python: connection.recv(), which raises EOFError.
func (e *End[S, R]) Recv(ctx context.Context) (R, error) { return e.recv(e.wait(ctx, noLimit)) }

// RecvTimeout is Recv, but [failure.ErrTimeout] if nothing comes within d. It tries before it waits, so d ≤ 0 is a try.
func (e *End[S, R]) RecvTimeout(ctx context.Context, d time.Duration) (R, error) {
	return e.recv(e.wait(ctx, max(d, 0)))
}

func (e *End[S, R]) recv(w wait) (v R, err error) {
	e.raceRelease(e.race(1-e.which, freed))
	if err = e.mine(); err == nil {
		err = e.got.receive(&e.in, &w, &v, false)
	}
	e.raceAcquire(e.race(1-e.which, filled))
	if err == errNoMore {
		if err = e.mine(); err == nil {
			return v, io.EOF
		}
	}
	runtime.KeepAlive(e)
	if err != nil {
		return v, failure.Of("receive from", e.title(), err)
	}
	return v, nil
}

// Poll reports whether Recv would return at once, be it with [io.EOF]. If it would not, Poll waits for that for d, or until
// ctx ends; then the error wraps its cause.
//
// Python: connection.poll(d).
func (e *End[S, R]) Poll(ctx context.Context, d time.Duration) (bool, error) {
	w := e.wait(ctx, max(d, 0))
	err := e.mine()
	if err == nil {
		err = e.in.ready(&w)
	}
	e.raceAcquire(e.race(1-e.which, filled))
	runtime.KeepAlive(e)
	switch {
	case err == failure.ErrTimeout:
		return false, nil
	case err != nil:
		return false, failure.Of("poll", e.title(), err)
	}
	return true, nil
}

// Close closes this end: the other one receives what was sent and then [io.EOF], and can send no more. What was not
// received at this end is gone. The second time it does nothing. An end that was given away cannot be closed here.
//
// Python: connection.close(), which every process has to call that has a copy of the end.
func (e *End[S, R]) Close() error {
	e.raceRelease(e.race(e.which, filled))
	err := e.mine()
	if e.s.ends[e.which].closed.Load() == 0 && err == nil {
		w := e.tryWait()
		if err = e.out.close(&w); err == nil {
			e.s.ends[e.which].closed.Store(1)
			w = e.tryWait()
			err = e.in.close(&w)
		}
	} else if err == failure.ErrClosed {
		err = nil
	}
	runtime.KeepAlive(e)
	if err != nil {
		return failure.Of("close", e.title(), err)
	}
	return nil
}

// String returns the name.
func (e *End[S, R]) String() string { return e.title() }

// MarshalBinary says which end of which pipe of which group it is.
func (e *End[S, R]) MarshalBinary() ([]byte, error) {
	data, err := e.marshal(kindPipe)
	return append(data, byte(e.which)), err
}

// UnmarshalBinary finds the end that another process of this group has sent; it belongs to this process now. Else, or if other
// types travel through that pipe, the error wraps [ErrNotHere].
func (e *End[S, R]) UnmarshalBinary(data []byte) error {
	n := len(data) - 1
	if n < 0 || data[n] > 1 {
		return failure.Of("read", title("", kindPipe), fmt.Errorf("no end of one: %w", ErrNotHere))
	}
	found := &End[S, R]{which: uint32(data[n])}
	s, err := findObject[pipeState](&found.object, data[:n], kindPipe)
	if err == nil {
		err = found.use(s)
	}
	if err == nil {
		*e = *found
		s.ends[e.which].owner.Store(e.me)
	}
	return err
}

// bereave wakes the waits at the other end of the process of a slot, which has ended.
func (s *pipeState) bereave(slot int) {
	for i := range s.rings {
		s.rings[i].bereave(uint32(slot) + 1)
	}
}
