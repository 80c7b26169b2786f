package shm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime/trace"
	"sync/atomic"

	"cookbook/internal/process/failure"
	"cookbook/internal/wire"
)

// A ring is records in shared memory, first in, first out: what queues and pipes are made of. Writers have one guard and
// readers another, so that one of each never wait for one another as long as there is room and something to read.
//
// The end of the ring that a process changes moves by one store, which comes last. A writer that dies before it has written
// nothing, and the next one overwrites its traces; a reader that dies before it has read nothing, and the next one reads the
// same.
type ring struct {
	a        *arena
	me       uint32
	s        *ringState
	at       uint64 // where the records lie
	data     []byte
	wakeAll  bool              // writers need unequal room, so it is not known which one to wake
	ledger   *ledger           // nil: the queue cannot be joined
	partners [2]*atomic.Uint32 // of a pipe: the processes that write and read; otherwise nil
}

// A ringState is a ring in memory. The two ends count bytes by eights and records: units << 32 | records. Both counts run
// round.
type ringState struct {
	capacity uint32 // records
	units    uint32 // of eight bytes; a power of two
	closed   atomic.Uint32
	_        [cacheLine - 12]byte

	// What writers change.
	put      mutex
	hungry   atomic.Uint32 // the process that waits for more room than the others leave it
	_        uint32
	tail     atomic.Uint64
	headSeen uint64 // where head was when a writer last looked: it is not looked at as long as that will do
	_        [cacheLine - 32]byte

	// What readers change.
	get      mutex
	head     atomic.Uint64
	tailSeen uint64
	_        [cacheLine - 24]byte

	filled, freed bell
}

const (
	headerUnit = 8 // a record begins with its length, and takes a multiple of this
	maxUnits   = 1 << 24
)

var (
	errNoMore  = errors.New("nobody reads or writes here any more")
	errDamaged = errors.New("its memory holds what no process of the group has written")
)

// An oversize is a record that does not fit an empty ring.
type oversize struct{ bytes, room int }

func (e *oversize) Error() string {
	return fmt.Sprintf("an item of %d bytes, and there is room for %d at most: make it with WithRoom", e.bytes, e.room)
}

func (e *oversize) Is(target error) bool { return target == wire.ErrTooLarge }

// units returns how many units a record of n bytes takes.
func units(n int) uint32 { return 1 + uint32((n+headerUnit-1)/headerUnit) }

// ringUnits returns the size of a ring with room for that many bytes.
func ringUnits(bytes int) uint32 {
	n := uint32(1)
	for uint64(n)*headerUnit < uint64(bytes) && n < maxUnits {
		n *= 2
	}
	return n
}

// useRing returns a ring whose records lie at an offset. What the ring says of itself is not trusted.
func useRing(o *object, s *ringState, at uint64) (ring, error) {
	if s.units == 0 || s.units&(s.units-1) != 0 || s.units > maxUnits || s.capacity == 0 || s.capacity > math.MaxInt32 {
		return ring{}, fmt.Errorf("%d items in %d units: %w", s.capacity, s.units, ErrNotHere)
	}
	data, err := o.space.arena.at(at, int(s.units)*headerUnit)
	return ring{a: o.space.arena, me: o.me, s: s, at: at, data: data}, err
}

// records returns how many records lie between two ends.
func records(tail, head uint64) uint32 { return uint32(tail) - uint32(head) }

func unitsUsed(tail, head uint64) uint32 { return uint32(tail>>32) - uint32(head>>32) }

// advance moves an end by one record.
func advance(end uint64, units uint32) uint64 {
	return uint64(uint32(end>>32)+units)<<32 | uint64(uint32(end)+1)
}

func (s *ringState) fits(tail, head uint64, need uint32) bool {
	return records(tail, head) < s.capacity && need <= s.units-unitsUsed(tail, head)
}

// len returns how many records there are at this moment.
func (r *ring) len() int {
	head := r.s.head.Load() // first: the tail may move on meanwhile, and then there are more
	return int(min(records(r.s.tail.Load(), head), r.s.capacity))
}

// write appends a record. If there is no room it waits; with try, it is ErrFull.
func (r *ring) write(w *wait, record []byte, try bool) error {
	s := r.s
	if room := len(r.data) - headerUnit; len(record) > room {
		return &oversize{len(record), room}
	}
	need := units(len(record))
	hungry, spun := false, false
	for {
		rung := s.freed.rung.Load()
		if _, err := s.put.guard(r.me, w); err != nil { // if its owner died there is nothing to put right
			r.sated(hungry)
			return err
		}
		tail, head := s.tail.Load(), s.headSeen
		if !s.fits(tail, head, need) {
			head = s.head.Load()
			s.headSeen = head
		}
		switch {
		case r.a.closed.Load():
			s.put.done(r.me)
			return failure.ErrClosed
		case s.closed.Load() != 0, r.deserted(1):
			s.put.done(r.me)
			r.sated(hungry)
			return errNoMore
		case s.fits(tail, head, need) && (hungry || s.hungry.Load() == 0 || !holds(r.a, s.hungry.Load())):
			r.copyIn(tail, record)
			if trace.IsEnabled() {
				r.sends(tail, w.item)
			}
			s.tail.Store(advance(tail, need))
			s.put.done(r.me)
			s.filled.ring(1)
			r.sated(hungry)
			return nil
		}
		if !hungry && w.hungry() {
			hungry = claim(r.a, &s.hungry, r.me)
		}
		s.put.done(r.me)
		if try {
			return ErrFull
		}
		if err := await(w, &s.freed, rung, &s.head, head, &spun); err != nil {
			r.sated(hungry)
			return err
		}
	}
}

// sated ends being the hungry one: the others were not served meanwhile.
func (r *ring) sated(hungry bool) {
	if hungry {
		r.s.hungry.CompareAndSwap(r.me, 0)
		r.s.freed.shake()
	}
}

// read returns the next record, and keeps the readers' guard: readTo has to follow. The record lies in the ring if it lies
// there in one piece.
func (r *ring) read(w *wait, try bool) (record []byte, next uint64, err error) {
	s, spun := r.s, false
	for {
		rung := s.filled.rung.Load()
		died, err := s.get.guard(r.me, w)
		if err != nil {
			return nil, 0, err
		}
		head, tail := s.head.Load(), s.tailSeen
		if died && r.ledger != nil {
			r.ledger.repair(head)
		}
		over := false
		if head == tail {
			over = s.closed.Load() != 0 || r.deserted(0) // before the tail: after that it does not move
			tail = s.tail.Load()
			s.tailSeen = tail
		}
		if head != tail {
			if record, next, err = r.record(head, tail); err != nil {
				s.get.done(r.me)
			}
			return record, next, err
		}
		s.get.done(r.me)
		switch {
		case r.a.closed.Load():
			return nil, 0, failure.ErrClosed
		case over:
			return nil, 0, errNoMore
		case try:
			return nil, 0, ErrEmpty
		}
		if err := await(w, &s.filled, rung, &s.tail, tail, &spun); err != nil {
			return nil, 0, err
		}
	}
}

// readTo ends a read: what lies before next is taken.
func (r *ring) readTo(next uint64) {
	s := r.s
	if r.ledger != nil {
		r.ledger.take(r.me, s.head.Load())
	}
	if trace.IsEnabled() {
		r.receives(s.head.Load())
	}
	s.head.Store(next)
	s.get.done(r.me)
	n := 1
	if r.wakeAll || s.hungry.Load() != 0 {
		n = math.MaxInt32
	}
	s.freed.ring(n)
}

// ready waits until read would not.
func (r *ring) ready(w *wait) error {
	for spun := false; ; {
		rung, head := r.s.filled.rung.Load(), r.s.head.Load()
		over := r.s.closed.Load() != 0 || r.deserted(0)
		tail := r.s.tail.Load()
		if tail != head || over {
			return nil
		}
		if err := await(w, &r.s.filled, rung, &r.s.tail, tail, &spun); err != nil {
			return err
		}
	}
}

// deserted reports whether a pipe's writer (0) or reader (1) has ended.
func (r *ring) deserted(who int) bool {
	return r.partners[who] != nil && !holds(r.a, r.partners[who].Load())
}

// close lets no more records in. After it the tail does not move.
func (r *ring) close(w *wait) error {
	if _, err := r.s.put.guard(r.me, w); err != nil {
		return err
	}
	r.s.closed.Store(1)
	r.s.put.done(r.me)
	r.s.filled.shake()
	r.s.freed.shake()
	return nil
}

// copyIn writes a record behind the tail.
func (r *ring) copyIn(tail uint64, record []byte) {
	at := r.offset(tail)
	binary.NativeEndian.PutUint64(r.data[at:], uint64(len(record)))
	at = (at + headerUnit) & (len(r.data) - 1)
	n := copy(r.data[at:], record)
	copy(r.data, record[n:])
}

func (r *ring) offset(end uint64) int { return int(end>>32) * headerUnit & (len(r.data) - 1) }

// record returns the first record between two ends, and where the next one begins.
func (r *ring) record(head, tail uint64) (record []byte, next uint64, err error) {
	at := r.offset(head)
	n := binary.NativeEndian.Uint64(r.data[at:])
	used := unitsUsed(tail, head)
	if used == 0 || used > uint32(len(r.data)/headerUnit) || n > uint64(used-1)*headerUnit {
		return nil, 0, errDamaged
	}
	next = advance(head, units(int(n)))
	at = (at + headerUnit) & (len(r.data) - 1)
	if end := at + int(n); end <= len(r.data) {
		return r.data[at:end:end], next, nil
	}
	record = make([]byte, n)
	copy(record[copy(record, r.data[at:]):], r.data)
	return record, next, nil
}

// bereave gives back what the process dead, which has ended, held of a ring.
func (s *ringState) bereave(dead uint32) {
	s.put.bereave(dead)
	s.get.bereave(dead)
	s.hungry.CompareAndSwap(dead, 0)
	s.filled.shake()
	s.freed.shake()
}
