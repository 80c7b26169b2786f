package shm

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"
	"unsafe"

	"cookbook/internal/process/failure"
	"cookbook/internal/turn"
)

// An object is what a handle to something in shared memory has: the group, and where the thing lies.
type object struct {
	space *Space
	at    uint64
	name  string
	me    uint32 // this process as an owner
}

// make makes an object of the size of S and fills it before anyone may find it.
func makeObject[S any](o *object, in *Space, name string, kind uint32, fill func(*S)) (*S, error) {
	var s S
	return makeLarger(o, in, name, kind, int(unsafe.Sizeof(s)), fill)
}

// makeLarger is makeObject with more memory behind S.
func makeLarger[S any](o *object, in *Space, name string, kind uint32, size int, fill func(*S)) (*S, error) {
	if in == nil {
		return nil, failure.Of("make", title(name, kind), ErrUnsupported)
	}
	at, publish, err := in.arena.reserveObject(kind, size)
	if err != nil {
		return nil, failure.Of("make", title(name, kind), err)
	}
	*o = object{in, at, name, uint32(in.self) + 1}
	s := overlay[S](in.arena, at)
	if fill != nil {
		fill(s)
	}
	publish()
	return s, nil
}

// findObject finds the object that marshal described, in the memory of its own group.
func findObject[S any](o *object, data []byte, kind uint32) (*S, error) {
	if len(data) < 24 {
		return nil, failure.Of("read", title("", kind), fmt.Errorf("%d bytes: %w", len(data), ErrNotHere))
	}
	name := string(data[24:])
	in := spaceOf([16]byte(data[:16]))
	if in == nil {
		return nil, failure.Of("read", title(name, kind), ErrNotHere)
	}
	at := binary.LittleEndian.Uint64(data[16:])
	size, err := in.arena.object(kind, at)
	var s S
	if err == nil && size < int(unsafe.Sizeof(s)) {
		err = fmt.Errorf("%d bytes: %w", size, ErrNotHere)
	}
	if err != nil {
		return nil, failure.Of("read", title(name, kind), err)
	}
	*o = object{in, at, name, uint32(in.self) + 1}
	return overlay[S](in.arena, at), nil
}

// marshal says which object of which memory it is. When the group is closed nobody could find it any more.
func (o *object) marshal(kind uint32) ([]byte, error) {
	switch {
	case o.space == nil:
		return nil, failure.Of("send", title(o.name, kind), ErrNotHere)
	case o.space.arena.closed.Load():
		return nil, failure.Of("send", title(o.name, kind), fmt.Errorf("its group %w", failure.ErrClosed))
	}
	data := append(make([]byte, 0, 24+len(o.name)), o.space.arena.head.id[:]...)
	return append(binary.LittleEndian.AppendUint64(data, o.at), o.name...), nil
}

func (o *object) wait(ctx context.Context, d time.Duration) wait {
	return wait{a: o.space.arena, ctx: ctx, group: o.space.ctx, turns: turn.ChooserOf(ctx), d: d, of: o}
}

// called is the title of an object whose kind is not known.
func (o *object) called() string {
	n := o.space.arena.word32(o.at - cacheLine).Load()
	kind := uint32(0)
	if n < maxObjects {
		kind, _, _ = o.space.arena.entry(n)
	}
	return title(o.name, kind)
}

// title is what errors call an object.
func title(name string, kind uint32) string {
	if name != "" {
		return name
	}
	return "a " + kindName(kind)
}

func kindName(kind uint32) string {
	switch kind {
	case kindLock:
		return "lock"
	case kindRLock:
		return "re-entrant lock"
	case kindSemaphore:
		return "semaphore"
	case kindEvent:
		return "event"
	case kindCondition:
		return "condition"
	case kindBarrier:
		return "barrier"
	case kindValue:
		return "value"
	case kindArray:
		return "array"
	case kindQueue:
		return "queue"
	case kindPipe:
		return "pipe"
	case kindMemory:
		return "memory"
	}
	return "thing of an unknown kind"
}
