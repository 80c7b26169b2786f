package shm

import (
	"context"
	"errors"
	"os"
	"sync"
)

// A Space is the memory that the processes of a group share, as one of them knows it. A nil *Space shares nothing: what
// makes something in it returns [ErrUnsupported].
type Space struct {
	arena *arena
	self  int             // the slot of this process
	ctx   context.Context // when it ends, so does every wait of this process
	notes sync.Map        // the names of locks, as this process knows them: offset → string; and the words of race.go
}

// NewSpace makes memory of which this process is the first. It has to be closed. The error wraps [ErrUnsupported] where the
// system cannot share memory.
func NewSpace(ctx context.Context) (*Space, error) {
	memory, err := newArena()
	if err != nil {
		return nil, err
	}
	s := &Space{arena: memory, ctx: ctx}
	if s.self, err = memory.reserve(); err == nil {
		err = memory.join(s.self, os.Getpid())
	}
	if err != nil {
		return nil, errors.Join(err, memory.close())
	}
	s.enter()
	return s, nil
}

// Open opens the memory that this process has inherited as f, where it has that slot. The file is the Space's from then on,
// if there is no error.
func Open(ctx context.Context, f *os.File, slot int) (*Space, error) {
	memory, err := openArena(f)
	if err != nil {
		return nil, err
	}
	if err := memory.join(slot, os.Getpid()); err != nil {
		return nil, err
	}
	s := &Space{arena: memory, self: slot, ctx: ctx}
	s.enter()
	return s, nil
}

// spaces is all memory that this process shares and has not closed, by its number: [16]byte → *Space. A handle says in which
// memory its object lies, so it is found there, whatever other memory the process has.
var spaces sync.Map

func (s *Space) enter() { spaces.Store(s.arena.head.id, s) }

func (s *Space) leave() { spaces.CompareAndDelete(s.arena.head.id, s) }

// spaceOf returns the Space whose memory has that number, nil if this process does not share it.
func spaceOf(id [16]byte) *Space {
	s, _ := spaces.Load(id)
	space, _ := s.(*Space)
	return space
}

// File returns the file that a child has to inherit in order to [Open] the memory.
func (s *Space) File() *os.File { return s.arena.f }

// Slot returns the slot of this process.
func (s *Space) Slot() int { return s.self }

// Pid returns the number of the process that has the slot, 0 if it has ended.
func (s *Space) Pid(slot int) int {
	if place, _, ok := s.arena.place(slot); ok && s.arena.alive(slot) {
		return int(place.pid.Load())
	}
	return 0
}

// Alive reports whether the process of the slot is not known to have ended.
func (s *Space) Alive(slot int) bool { return s.arena.alive(slot) }

// Reserve returns a slot for a process that is about to be started: a number that stands for it in the memory and is never
// given again. [Space.Join] or [Space.Died] has to follow. The error wraps [ErrNoRoom] if there are too many processes.
func (s *Space) Reserve() (slot int, err error) { return s.arena.reserve() }

// Join says which process has the slot.
func (s *Space) Join(slot, pid int) error { return s.arena.join(slot, pid) }

// Died says that the process of the slot has ended, in whatever way, or was not started. What it held is given back, and
// the processes that wait for it are woken. Any process may say so, and several may.
func (s *Space) Died(slot int) { s.arena.died(slot) }

// Close ends all waits of this process. In the process that made the memory it gives the memory back: what stands there
// must not be used any more, by any process. The second time it does nothing.
func (s *Space) Close() error {
	s.leave() // as long as its number can be read
	s.arena.died(s.self)
	return s.arena.close()
}
