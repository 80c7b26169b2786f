package threading

// A store is the order in which a Queue gives out its items.
type store[T any] interface {
	push(T)
	pop() T // the store is not empty
	len() int
}

// ring is first in, first out. Its capacity is a power of two.
type ring[T any] struct {
	items []T
	first int
	count int
}

func (r *ring[T]) len() int { return r.count }

func (r *ring[T]) push(v T) {
	if r.count == len(r.items) {
		r.grow()
	}
	r.items[(r.first+r.count)&(len(r.items)-1)] = v
	r.count++
}

func (r *ring[T]) pop() T {
	var zero T
	v := r.items[r.first]
	r.items[r.first] = zero // do not keep alive what was given away
	r.first = (r.first + 1) & (len(r.items) - 1)
	r.count--
	return v
}

func (r *ring[T]) grow() {
	items := make([]T, max(8, 2*len(r.items)))
	n := copy(items, r.items[r.first:])
	copy(items[n:], r.items[:r.first])
	r.items, r.first = items, 0
}

// stack is last in, first out.
type stack[T any] []T

func (s *stack[T]) len() int { return len(*s) }

func (s *stack[T]) push(v T) { *s = append(*s, v) }

func (s *stack[T]) pop() T {
	var zero T
	last := len(*s) - 1
	v := (*s)[last]
	(*s)[last] = zero
	*s = (*s)[:last]
	return v
}

// heap gives the least first, and among equals the one that came first.
type heap[T any] struct {
	less  func(a, b T) bool
	items []ranked[T]
	came  uint64
}

type ranked[T any] struct {
	v    T
	came uint64
}

func (h *heap[T]) len() int { return len(h.items) }

// before reports whether a comes out before b. It calls the user's less, which may panic: push and pop ask all they have to
// know before they change anything.
func (h *heap[T]) before(a, b *ranked[T]) bool {
	if h.less(a.v, b.v) {
		return true
	}
	return a.came < b.came && !h.less(b.v, a.v)
}

func (h *heap[T]) push(v T) {
	item := ranked[T]{v, h.came + 1}
	at := len(h.items)
	for at > 0 && h.before(&item, &h.items[(at-1)/2]) {
		at = (at - 1) / 2
	}
	h.came++
	h.items = append(h.items, item)
	h.shift(len(h.items)-1, at)
	h.items[at] = item
}

// shift moves the items above from, up to the one at to, one step down the tree; the one at from is overwritten.
func (h *heap[T]) shift(from, to int) {
	for from > to {
		h.items[from] = h.items[(from-1)/2]
		from = (from - 1) / 2
	}
}

func (h *heap[T]) pop() T {
	last := len(h.items) - 1
	item := h.items[last]
	at := 0 // where item will be; what is on the way there moves one step up
	for {
		next, least := at, &item
		for child := 2*at + 1; child <= 2*at+2 && child < last; child++ {
			if h.before(&h.items[child], least) {
				next, least = child, &h.items[child]
			}
		}
		if next == at {
			break
		}
		at = next
	}
	if last > 0 {
		for i := at; ; i = (i - 1) / 2 {
			item, h.items[i] = h.items[i], item
			if i == 0 {
				break
			}
		}
	}
	h.items[last] = ranked[T]{}
	h.items = h.items[:last]
	return item.v
}
