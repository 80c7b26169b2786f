package local

import "slices"

// A fifo is what waits, in the order in which it came. To put in at the end and to take out at the front cost the same however much
// waits; to take out of the middle moves what is behind.
type fifo[T any] struct {
	all   []T
	first int // those before were taken out
}

// waiting is what waits. It may be used until the next change.
func (f *fifo[T]) waiting() []T { return f.all[f.first:] }

func (f *fifo[T]) len() int { return len(f.all) - f.first }

func (f *fifo[T]) push(v T) {
	if len(f.all) == cap(f.all) && f.first > len(f.all)/2 {
		f.all = slices.Delete(f.all, 0, f.first)
		f.first = 0
	}
	f.all = append(f.all, v)
}

// remove takes out what is number k of those that wait.
func (f *fifo[T]) remove(k int) T {
	v := f.all[f.first+k]
	if k > 0 {
		f.all = slices.Delete(f.all, f.first+k, f.first+k+1)
		return v
	}
	var none T
	f.all[f.first] = none
	if f.first++; f.first == len(f.all) {
		f.all, f.first = f.all[:0], 0
	}
	return v
}

// removeAll takes out what is dead.
func (f *fifo[T]) removeAll(dead func(T) bool) {
	f.all = slices.DeleteFunc(slices.Delete(f.all, 0, f.first), dead)
	f.first = 0
}
