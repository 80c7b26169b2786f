package driver

import "unsafe"

// Block is what a kernel knows about the block of threads for which it runs. On the cpu device a kernel is called once for each
// block, by one goroutine; it goes through the block's threads in loops, each of which ends before the next begins:
//
//	for x := range b.Dim.X { … }       // one round is one thread
//	for y := range b.Y(8) { for x := range b.X(32) { … } }
//	part := Part(b, s)
//	for i := range part { … }          // the elements are spread over the threads
//
// On other devices, package gpu/jit makes threads of the rounds and puts a barrier behind each such loop where one is needed.
type Block struct {
	Idx  Dim // the block's place in the grid, from 0
	Dim  Dim // threads in a block
	Grid Dim // blocks in the grid

	// Memory is what [Shared] hands out, cleared for each block by the device. It is not for kernels.
	Memory []byte
}

// X returns n, and says that a loop over range b.X(n) is one over the block's threads in dimension X. n is a constant; the kernel
// can be launched only with blocks of that size. The compiler knows the bound, so it need not check indices of arrays.
func (b *Block) X(n int) int { return n }

// Y is [Block.X] for dimension Y.
func (b *Block) Y(n int) int { return n }

// Z is [Block.X] for dimension Z.
func (b *Block) Z(n int) int { return n }

// Range returns which of n items are the block's: those from lo up to, and without, hi. The blocks of a grid share them in equal
// parts, of which the last ones may be shorter or empty. The grid has one dimension.
func (b *Block) Range(n int) (lo, hi int) {
	part := (n + b.Grid.X - 1) / b.Grid.X
	lo = min(b.Idx.X*part, n)
	return lo, min(lo+part, n)
}

// Part returns the block's part of s: s[lo:hi] with [Block.Range] of its length. A loop over it is one over the block's threads:
// these take its elements in turn, and each loop variable counts from 0 in the part.
func Part[T any](b *Block, s []T) []T {
	lo, hi := b.Range(len(s))
	return s[lo:hi]
}

// Shared returns the shared memory that the launch chose ([Shape].Shared, in bytes), as a slice. A kernel has one such slice at
// most; arrays whose size is known stand in the kernel as variables, outside of its loops over threads, and are shared as well.
func Shared[T any](b *Block) []T {
	var zero T
	if len(b.Memory) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b.Memory))), len(b.Memory)/int(unsafe.Sizeof(zero)))
}
