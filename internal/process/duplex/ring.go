package duplex

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"unsafe"

	"cookbook/internal/wire"
)

// A ring is one direction, as one of its two processes knows it. A record is the number of its message, the length of the body,
// and the body, filled up to units; it never runs round the end: a length that no message has says that the next one is at the
// beginning. That is where a sender goes on, too, when all is taken: memory that nobody has written in is no more than an address.
type ring struct {
	*ringState
	data []byte
	head uint32 // where the next record to be taken is
	tail uint32 // where the next one is put
	seen uint32 // where the receiver's head was when its sender last looked
}

// A ringState is a ring in memory. Places count units and run round.
type ringState struct {
	moves  atomic.Uint64 // by the sender: where the records end << 32 | the number of messages, those through the pipe included
	_      [cacheLine - 8]byte
	asleep atomic.Uint32 // the receiver sleeps, or is about to: 1; whoever makes it 0 has to ring
	_      [cacheLine - 4]byte
	taken  atomic.Uint32 // by the receiver: its head
	_      [cacheLine - 4]byte
}

const (
	cacheLine = 64
	unit      = 8
	ringUnits = ringBytes / unit
	ringBytes = 512 << 10     // of which pages come when they are written
	mostBytes = ringBytes / 4 // of a message in the ring
	skip      = ^uint32(0)    // instead of a length
	page      = 4096
	stateSize = page
	totalSize = stateSize + 2*ringBytes
)

func (m *memory) ring(from int) ring {
	return ring{
		ringState: &(*[2]ringState)(unsafe.Pointer(unsafe.SliceData(m.bytes)))[from],
		data:      m.bytes[stateSize+from*ringBytes:][:ringBytes],
	}
}

// sent returns where the records end, and how many messages were sent.
func (r *ring) sent() (tail, messages uint32) {
	moves := r.moves.Load()
	return uint32(moves >> 32), uint32(moves)
}

// put sends a message through the ring, if it fits.
func (r *ring) put(body []byte) bool {
	if len(body) > mostBytes {
		return false
	}
	need := 1 + uint32(len(body)+unit-1)/unit
	at := r.tail % ringUnits
	skipped := uint32(0)
	if at+need > ringUnits || at >= max(need, page/unit) && r.taken.Load() == r.tail { // empty, so the first pages serve again
		skipped = ringUnits - at
	}
	if r.tail+skipped+need-r.seen > ringUnits {
		if r.seen = r.taken.Load(); r.tail+skipped+need-r.seen > ringUnits {
			return false
		}
	}
	_, messages := r.sent()
	if skipped > 0 {
		r.write(at, messages, skip)
		r.tail += skipped
		at = 0
	}
	r.write(at, messages, uint32(len(body)))
	copy(r.data[(at+1)*unit:], body)
	r.tail += need
	r.publish(messages + 1)
	return true
}

// announce says that a message is sent through the pipe.
func (r *ring) announce() {
	_, messages := r.sent()
	r.publish(messages + 1)
}

// publish says how many messages were sent. After it the sender reads asleep, while the receiver writes asleep and then reads
// moves: one of the two has to see what the other has written. Both write by Swap. With the race detector (Go 1.26) a Store to memory
// outside Go's heap may be seen later than that: findings/race-store-outside-heap.sh.
func (r *ring) publish(messages uint32) {
	r.moves.Swap(uint64(r.tail)<<32 | uint64(messages))
}

func (r *ring) write(at, message, length uint32) {
	binary.NativeEndian.PutUint32(r.data[at*unit:], message)
	binary.NativeEndian.PutUint32(r.data[at*unit+4:], length)
}

// next returns the number of the message whose record comes first; there is one.
func (r *ring) next() uint32 { return binary.NativeEndian.Uint32(r.data[r.head%ringUnits*unit:]) }

// take takes the first record. What the memory says is not trusted.
func (r *ring) take(buf []byte) ([]byte, error) {
	tail, _ := r.sent()
	at := r.head % ringUnits
	length := binary.NativeEndian.Uint32(r.data[at*unit+4:])
	if length == skip {
		r.head += ringUnits - at
		at = 0
		length = binary.NativeEndian.Uint32(r.data[4:])
	}
	need := 1 + (length+unit-1)/unit
	if length > mostBytes || at+need > ringUnits || tail-r.head < need || tail-r.head > ringUnits {
		return nil, fmt.Errorf("%w: a record of %d bytes in the memory between them", wire.ErrNonsense, length)
	}
	body := append(buf[:0], r.data[(at+1)*unit:][:length]...)
	r.head += need
	r.taken.Store(r.head)
	return body, nil
}
