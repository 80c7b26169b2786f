package local

import (
	"unsafe"

	"cookbook/internal/mpi/engine"
)

// A packet is how everything in a ring begins. What follows is filled up to units, so no packet's head ever runs round the
// end. A message of up to inHead bytes has nothing that follows: it lies in the packet itself.
type packet struct {
	kind  uint32
	comm  uint32 // id << 1, | 1 for what collective calls send
	tag   int32
	typ   uint32
	bytes uint64
	id    uint64 // of the request: of the sender, or in data of the receiver; or the message
}

const (
	unit   = 32 // unsafe.Sizeof(packet{})
	inHead = 8  // bytes of an eager message for which there is room in its packet
)

// hold puts a message into its packet if there is room, and returns what has to follow the packet.
func (p *packet) hold(data []byte) []byte {
	if len(data) > inHead {
		return data
	}
	copy((*[inHead]byte)(unsafe.Pointer(&p.id))[:], data)
	return nil
}

// follows is how many bytes follow the packet in its ring.
func (p *packet) follows() int {
	switch n := int(p.bytes); {
	case p.kind == packetData || p.kind == packetEager && n > inHead:
		return n + padding(n)
	default:
		return 0
	}
}

const (
	packetEager = iota + 1
	packetRTS
	packetCTS // bytes is the id of the receiver
	packetData
)

// An outgoing is what waits for room in a ring.
type outgoing struct {
	p    packet
	rest []byte // of the message, once the head is written
	head bool   // it is
	fill int
	q    *request // done when all is in the ring; nil: no request is
}

// An unexpected message has come before anybody asked for it.
type unexpected struct {
	source   int
	p        packet
	data     []byte
	complete bool
	packet   uint64
	taken    *request // waits for the rest
}

// A request is a send or a receive that goes on.
type request struct {
	c      *comm
	call   engine.Call
	source int    // of a receive, in the world, or AnySource; of a send, its receiver
	number uint64 // of a receive that is posted, by their order
	tag    int
	comm   uint32
	typ    engine.Datatype
	buf    *[]byte // of a receive
	exact  bool    // the message must fill buf
	send   []byte  // of a send that waits to be asked for
	e      engine.Envelope
	given  bool // the receive has its message, which may be still to come
	done   bool
	packet uint64   // of a receive: number of its message, if messages are traced
	next   *request // in rank.free
}
