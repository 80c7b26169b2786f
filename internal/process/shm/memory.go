package shm

import "cookbook/internal/process/failure"

// Memory is bytes that all processes of a group share, for what has an order of its own in them: nothing here keeps two
// processes from writing at once, and nothing is given back when one dies.
//
// Python: multiprocessing.shared_memory.SharedMemory.
type Memory struct {
	object
	bytes []byte
}

// NewMemory returns that many bytes, which are zero. They begin at a cache line and belong to the group until it is closed.
func NewMemory(in *Space, size int) (*Memory, error) {
	m := new(Memory)
	if in == nil {
		return nil, failure.Of("make", title("", kindMemory), ErrUnsupported)
	}
	at, err := in.arena.alloc(kindMemory, size)
	if err != nil {
		return nil, failure.Of("make", title("", kindMemory), err)
	}
	m.object = object{space: in, at: at, me: uint32(in.self) + 1}
	m.bytes, err = in.arena.at(at, size)
	return m, err
}

// Bytes returns the memory. It must not be used after the last use of m: keep m.
func (m *Memory) Bytes() []byte { return m.bytes }

// MarshalBinary says which memory of which group it is.
func (m *Memory) MarshalBinary() ([]byte, error) { return m.marshal(kindMemory) }

// UnmarshalBinary finds the memory that another process of this group has sent; otherwise the error wraps [ErrNotHere].
func (m *Memory) UnmarshalBinary(data []byte) error {
	if _, err := findObject[struct{}](&m.object, data, kindMemory); err != nil {
		return err
	}
	size, err := m.space.arena.object(kindMemory, m.at)
	if err == nil {
		m.bytes, err = m.space.arena.at(m.at, size)
	}
	return err
}
