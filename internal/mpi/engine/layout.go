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

// End is the length of all blocks that LayoutOf has placed.
func (l Layout) End() int {
	last := len(l.Counts) - 1
	return l.Displs[last] + l.Counts[last]
}
