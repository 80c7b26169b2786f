package local

import (
	"sync/atomic"

	"cookbook/internal/mpi/engine"
)

// Vectors go over stages. Each rank has one in the memory of the world: a few buffers that it alone writes and all read. A vector
// is cut into pieces, the same on all ranks. Piece by piece a rank copies its vector into its stage, and reads the others' stages
// in place, so nothing is copied from one process to another but what is needed there. What a rank has done, it counts up in words
// that the others look at: there is no message and no meeting.

const (
	buffers      = 4         // of a stage
	bufferBytes  = 256 << 10 // if memory suffices: what is smaller costs more waiting, what is larger leaves the caches
	stagesAtMost = 64 << 20  // for all stages together
)

// bufferSize is the size of each buffer of n stages.
func bufferSize(n int) int { return min(bufferBytes, stagesAtMost/(buffers*n)&^(cacheLine-1)) }

// What a rank counts, in pieces since the communicator was made.
const (
	staged = iota // its part is in its stage
	folded        // so is its part of the result
	done          // it does not read the stages any more
	counted
)

// A progress is how far a rank has come with the pieces of a communicator.
type progress struct {
	counts [counted]atomic.Uint64
	_      [cacheLine - 8*counted]byte
}

// A flow is a collective call over the stages, as one of its ranks sees it.
type flow struct {
	c     *comm
	op    engine.Call
	first uint64 // the number of its first piece
	bytes int    // of the vector
	size  int    // of its elements
	each  int    // bytes of a piece but the last
	freed uint64 // all ranks are known to be done with so many pieces
}

// flow begins to move vectors of one length over the stages. A buffer has room for a piece of so many of them.
func (c *comm) flow(op engine.Call, bytes int, t engine.Datatype, vectors int) (*flow, error) {
	if last := c.r.staging; last != nil && last != c {
		for p := range last.group { // those of the other communicator may still read this rank's stage
			if err := last.awaitCount(op, p, done, last.pieces); err != nil {
				return nil, err
			}
		}
	}
	c.r.staging = c
	if bytes/t.Size >= maxElements {
		if err := c.agree(op, bytes, t); err != nil {
			return nil, err
		}
	}
	f := &flow{c: c, op: op, first: c.pieces, bytes: bytes, size: t.Size, each: int(c.r.w.head.piece) / vectors / t.Size * t.Size}
	c.pieces += uint64(f.pieces())
	return f, nil
}

// pieces is their number.
func (f *flow) pieces() int { return (f.bytes + f.each - 1) / f.each }

// of is a piece of a vector.
func (f *flow) of(vector []byte, piece int) []byte {
	return vector[piece*f.each : min((piece+1)*f.each, f.bytes)]
}

// at is where a piece lies on a rank's stage.
func (f *flow) at(rank, piece int) []byte { return f.oneAt(rank, piece, 0) }

// oneAt is where one of several vectors' pieces lies on a rank's stage.
func (f *flow) oneAt(rank, piece, vector int) []byte {
	buffer := f.c.r.w.buffer(f.c.group[rank], int((f.first+uint64(piece))%buffers))
	return buffer[vector*f.each:][:min(f.each, f.bytes-piece*f.each)]
}

// part is a rank's part of a piece, which is that rank's to fold.
func (f *flow) part(piece []byte, rank int) []byte {
	n, count := len(f.c.group), len(piece)/f.size
	return piece[f.bound(count, rank, n):f.bound(count, rank+1, n)]
}

// bound is where the part of a rank begins: at a multiple of eight elements.
func (f *flow) bound(count, rank, n int) int {
	if rank == n {
		return count * f.size
	}
	return count * rank / n &^ 7 * f.size
}

// free waits until this rank's stage has room for a piece.
func (f *flow) free(piece int) error {
	number := f.first + uint64(piece)
	if number < buffers || number-buffers < f.freed {
		return nil
	}
	f.freed = number
	for p := range f.c.group {
		if p == f.c.me {
			continue
		}
		if err := f.c.awaitCount(f.op, p, done, number-buffers+1); err != nil {
			return err
		}
		f.freed = min(f.freed, f.c.progress[p].counts[done].Load())
	}
	return nil
}

// tell counts a piece of this rank.
func (f *flow) tell(what, piece int) {
	c := f.c
	c.progress[c.me].counts[what].Store(f.first + uint64(piece) + 1)
	for _, p := range c.group {
		c.r.w.wake(p)
	}
}

// await waits until a rank has counted a piece.
func (f *flow) await(rank, what, piece int) error {
	return f.c.awaitCount(f.op, rank, what, f.first+uint64(piece)+1)
}

// awaitCount waits until a rank of the communicator has counted so many pieces.
func (c *comm) awaitCount(op engine.Call, rank, what int, pieces uint64) error {
	word := &c.progress[rank].counts[what]
	if word.Load() >= pieces {
		return nil
	}
	c.wanted = pieces
	return c.r.await(waiting{op, atStage, c, c.group[rank], what}, func() bool { return word.Load() >= pieces })
}

// agree compares the length of a vector that is too long for a signature.
func (c *comm) agree(op engine.Call, bytes int, t engine.Datatype) error {
	mine := int64(bytes)
	if err := c.meet(op, engine.Raw([]int64{mine})); err != nil {
		return err
	}
	for p := range c.group {
		if theirs := engine.Unraw[int64](c.brought(p)[:8])[0]; theirs != mine {
			return c.fail(op, engine.ErrMismatch, "it has %d elements where rank %d has %d", bytes/t.Size, c.group[p], int(theirs)/t.Size)
		}
	}
	return nil
}
