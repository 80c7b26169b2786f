package mapreduce

import (
	"encoding/binary"
	"math/bits"
)

// A table holds a value for each key that was added, in the order of their first coming. A key that comes again costs no
// memory: keys lie one behind the other in one slice of bytes.
type table[A any] struct {
	merge   func(a, b A) A
	slots   []uint32 // a power of two, at most three quarters full: number of an entry + 1, or 0
	entries []entry
	keys    []byte
	values  []A // of the entry of the same number
}

type entry struct {
	hash  uint64
	start int // of the key in keys
	size  uint32
}

const minSlots = 1 << 8

func newTable[A any](merge func(a, b A) A) *table[A] {
	return &table[A]{merge: merge, slots: make([]uint32, minSlots)}
}

func (t *table[A]) len() int { return len(t.entries) }

// key is the key of an entry, inside the table's memory.
func (t *table[A]) key(i int) []byte {
	e := &t.entries[i]
	return t.keys[e.start : e.start+int(e.size)]
}

// add merges a value into that of key. The key is copied.
func (t *table[A]) add(key []byte, value A) {
	h := hash(key)
	mask := uint64(len(t.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		at := t.slots[i]
		if at == 0 {
			t.slots[i] = uint32(len(t.entries) + 1)
			break
		}
		e := &t.entries[at-1]
		if e.hash == h && string(t.keys[e.start:e.start+int(e.size)]) == string(key) {
			t.values[at-1] = t.merge(t.values[at-1], value)
			return
		}
	}
	t.entries = append(t.entries, entry{h, len(t.keys), uint32(len(key))})
	t.keys = append(t.keys, key...)
	t.values = append(t.values, value)
	if 4*len(t.entries) > 3*len(t.slots) {
		t.grow()
	}
}

func (t *table[A]) grow() {
	t.slots = make([]uint32, 2*len(t.slots))
	mask := uint64(len(t.slots) - 1)
	for n := range t.entries {
		i := t.entries[n].hash & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = uint32(n + 1)
	}
}

// clear removes all entries and keeps the memory.
func (t *table[A]) clear() {
	clear(t.slots)
	clear(t.values)
	t.entries, t.keys, t.values = t.entries[:0], t.keys[:0], t.values[:0]
}

// hash is the same in all processes and on all machines, because it says to which partition a key belongs.
func hash(key []byte) uint64 {
	const a, b = 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93
	h := uint64(len(key)) * a
	for ; len(key) >= 8; key = key[8:] {
		h = mix(h^binary.LittleEndian.Uint64(key), b)
	}
	switch n := len(key); {
	case n >= 4:
		h ^= uint64(binary.LittleEndian.Uint32(key)) | uint64(binary.LittleEndian.Uint32(key[n-4:]))<<32
	case n > 0:
		h ^= uint64(key[0]) | uint64(key[n/2])<<8 | uint64(key[n-1])<<16
	}
	return mix(h^b, a)
}

func mix(x, y uint64) uint64 {
	high, low := bits.Mul64(x, y)
	return high ^ low
}
