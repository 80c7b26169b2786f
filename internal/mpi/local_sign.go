package mpi

import (
	"fmt"
	"reflect"

	"cookbook/internal/mpi/engine"
)

// A signature is a collective call in one word, so that it is noted in one step: from the highest bit on that there is one, its
// round in the table (8 bits), who made it (7, not compared), the call (5), the type (5), the operator (4), the root (7) and how
// many elements (27).
type signature uint64

const (
	signed      signature = 1 << 63
	roundAt               = 55
	makerAt               = 48
	callAt                = 43
	typeAt                = 38
	operatorAt            = 34
	rootAt                = 27
	maxElements           = 1<<rootAt - 1
)

// part is so many bits of a signature from the lowest one at on.
func (s signature) part(at, bits int) uint64 { return uint64(s) >> at & (1<<bits - 1) }

// call is what has to be the same on all ranks.
func (s signature) call() uint64 { return s.part(0, makerAt) }

// behind reports whether s stands for an earlier round than other. The rounds are counted in a circle.
func (s signature) behind(other signature) bool {
	return int8(uint8(s.part(roundAt, 8))-uint8(other.part(roundAt, 8))) < 0
}

// sign notes which collective call this rank makes. If another one has made a different one in its place, the world has failed:
// nobody has to wait for that. Of a communicator the last 64 calls are kept, so a rank that is further behind is not compared;
// then the messages are, as far as they differ in length.
func (c *localComm) sign(op engine.Call, root int, t engine.Datatype, count int, o engine.OpCode) error {
	if err := c.r.trouble(); err != nil {
		return err
	}
	n := c.calls
	c.calls++
	kind := uint64(t.Kind)
	if t.Kind == reflect.Struct { // a Loc, of one size or another
		kind += uint64(t.Size) / 8
	}
	mine := signed | signature(n/callsKept%256<<roundAt|uint64(c.me)<<makerAt|uint64(op)<<callAt|kind<<typeAt|
		uint64(o)<<operatorAt|uint64(root)<<rootAt|uint64(min(count, maxElements)))
	word := &c.state.calls[n%callsKept]
	for {
		old := signature(word.Load())
		switch {
		case old&signed == 0 || old.behind(mine):
			if word.CompareAndSwap(uint64(old), uint64(mine)) {
				return nil
			}
		case old.part(roundAt, 8) == mine.part(roundAt, 8) && old.call() != mine.call():
			return c.fail(op, engine.ErrMismatch, "it calls %s where rank %d calls %s", mine, c.group[old.part(makerAt, 7)], old)
		default:
			return nil
		}
	}
}

// String is the call as its caller would write it.
func (s signature) String() string {
	op, kind, count := engine.Call(s.part(callAt, 5)), s.part(typeAt, 5), s.part(0, rootAt)
	var args string
	switch {
	case !op.HasData():
		return op.String() + "()"
	case kind == 0:
		args = "values"
	case kind > uint64(reflect.Struct):
		args = fmt.Sprintf("%d × Loc", count)
	default:
		args = fmt.Sprintf("%d × %s", count, engine.DescribeType(uint32(kind)<<8))
	}
	if op.HasOperator() {
		args += ", " + engine.OpCode(s.part(operatorAt, 4)).String()
	}
	if op.HasRoot() {
		args += fmt.Sprintf(", root %d", s.part(rootAt, 7))
	}
	return op.String() + "(" + args + ")"
}
