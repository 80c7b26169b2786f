package engine

// A Layout says which part of a buffer belongs to which rank: parts of one size, one after the other, or parts of sizes of
// their own.
type Layout struct {
	Each           int
	Counts, Displs []int // nil: all parts have the size Each
}

// Of returns the part of rank r.
func (l Layout) Of(buf []byte, r int) []byte {
	if l.Counts == nil {
		return buf[r*l.Each : (r+1)*l.Each]
	}
	return buf[l.Displs[r] : l.Displs[r]+l.Counts[r]]
}

// LayoutOf puts blocks of those sizes one behind the other.
func LayoutOf(sizes []int64) Layout {
	l := Layout{Counts: make([]int, len(sizes)), Displs: make([]int, len(sizes))}
	at := 0
	for r, n := range sizes {
		l.Counts[r], l.Displs[r] = int(n), at
		at += int(n)
	}
	return l
}

// PartsOf cuts a buffer of elements of that size into parts, one for each of n ranks, as equal as they can be.
func PartsOf(buf []byte, size, n int) Layout {
	sizes := make([]int64, n)
	count := len(buf) / size
	for r := range n {
		sizes[r] = int64((count*(r+1)/n - count*r/n) * size)
	}
	return LayoutOf(sizes)
}

// Equal is n parts of one size. Unlike Layout{Each: size} it may meet a layout of parts of different sizes.
func Equal(size, n int) Layout {
	l := Layout{Counts: make([]int, n), Displs: make([]int, n)}
	for r := range n {
		l.Counts[r], l.Displs[r] = size, r*size
	}
	return l
}

// End is the length of all blocks that LayoutOf has placed.
func (l Layout) End() int {
	last := len(l.Counts) - 1
	return l.Displs[last] + l.Counts[last]
}
