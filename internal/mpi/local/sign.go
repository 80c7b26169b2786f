package local

import (
	"fmt"
	"reflect"

	"cookbook/internal/mpi/engine"
)

// A signature is a collective call in one word, so that it is noted in one step: from the highest bit on that there is one,
// its round in the table, who made it (not compared), the call, the type, the operator, the root, and how many elements.
type signature uint64

const (
	signed signature = 1 << 63

	roundBits    = 8
	makerBits    = 7
	callBits     = 5
	typeBits     = 5
	operatorBits = 4
	rootBits     = 7
	countBits    = 27

	rootAt     = countBits
	operatorAt = rootAt + rootBits
	typeAt     = operatorAt + operatorBits
	callAt     = typeAt + typeBits
	makerAt    = callAt + callBits
	roundAt    = makerAt + makerBits

	maxElements = 1<<countBits - 1
	maxLoc      = 16 // the size of the largest Loc in bytes
)

// What no longer fits its field makes one of these negative, and does not compile.
const (
	_ = uint(1<<callBits - engine.CallEnd)
	_ = uint(1<<operatorBits - engine.OpEnd)
	_ = uint(1<<typeBits - 1 - (reflect.Struct + maxLoc/8))
	_ = uint(1<<rootBits - MaxRanks)
	_ = uint(1<<makerBits - MaxRanks)
	_ = uint(63 - roundBits - roundAt)
)

// part is that many bits of a signature, from bit at upwards.
func (s signature) part(at, bits int) uint64 { return uint64(s) >> at & (1<<bits - 1) }

// round is the round of the table, counted in a circle.
func (s signature) round() uint8 { return uint8(s.part(roundAt, roundBits)) }

// compared is what has to be the same on all ranks.
func (s signature) compared() uint64 { return s.part(0, makerAt) }

// behind reports whether s stands for an earlier round than other.
func (s signature) behind(other signature) bool { return int8(s.round()-other.round()) < 0 }

// sign notes which collective call this rank makes. If another rank made a different call at this position, the run fails at
// once instead of waiting without end. Of a communicator the last 64 calls are kept, so a rank that is further behind is not
// compared; then the messages are, as far as they differ in length.
func (c *comm) sign(op engine.Call, root int, t engine.Datatype, count int, o engine.OpCode) error {
	if err := c.r.trouble(); err != nil {
		return err
	}
	c.begin(op, root, t, count, o)
	return c.note(op)
}

// begin makes a call the last one that this rank has made.
func (c *comm) begin(op engine.Call, root int, t engine.Datatype, count int, o engine.OpCode) {
	kind := uint64(t.Kind)
	if t.Kind == reflect.Struct { // a Loc, of one size or another
		kind += uint64(min(t.Size, maxLoc)) / 8
	}
	c.signature = signed | signature(c.calls/callsKept%(1<<roundBits)<<roundAt|uint64(c.me)<<makerAt|uint64(op)<<callAt|
		kind<<typeAt|uint64(o)<<operatorAt|uint64(root)<<rootAt|uint64(min(count, maxElements)))
	c.calls++
}

// note writes the last call into the table, for the ranks that have not come so far, or compares it with what one of them has
// written.
func (c *comm) note(op engine.Call) error {
	if c.signature == 0 { // a communicator that is being made
		return nil
	}
	mine, word := c.signature, &c.state.signatures[(c.calls-1)%callsKept]
	for {
		old := signature(word.Load())
		switch {
		case old&signed == 0 || old.behind(mine):
			if word.CompareAndSwap(uint64(old), uint64(mine)) {
				return nil
			}
		case old.round() == mine.round() && old.compared() != mine.compared():
			return c.fail(op, engine.ErrMismatch, "it calls %s where rank %d calls %s", mine, c.group[old.part(makerAt, makerBits)], old)
		default:
			return nil
		}
	}
}

// String is the call as its caller would write it.
func (s signature) String() string {
	op, kind, count := engine.Call(s.part(callAt, callBits)), s.part(typeAt, typeBits), s.part(0, countBits)
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
		args += ", " + engine.OpCode(s.part(operatorAt, operatorBits)).String()
	}
	if op.HasRoot() {
		args += fmt.Sprintf(", root %d", s.part(rootAt, rootBits))
	}
	return op.String() + "(" + args + ")"
}
