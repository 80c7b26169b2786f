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

func (h *heap[T]) before(i, j int) bool {
	a, b := &h.items[i], &h.items[j]
	if h.less(a.v, b.v) {
		return true
	}
	return a.came < b.came && !h.less(b.v, a.v)
}

func (h *heap[T]) push(v T) {
	h.came++
	h.items = append(h.items, ranked[T]{v, h.came})
	for i := len(h.items) - 1; i > 0; {
		parent := (i - 1) / 2
		if !h.before(i, parent) {
			break
		}
		h.items[i], h.items[parent] = h.items[parent], h.items[i]
		i = parent
	}
}

func (h *heap[T]) pop() T {
	last := len(h.items) - 1
	v := h.items[0].v
	h.items[0] = h.items[last]
	h.items[last] = ranked[T]{}
	h.items = h.items[:last]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if h.before(child, least) {
				least = child
			}
		}
		if least == i {
			return v
		}
		h.items[i], h.items[least] = h.items[least], h.items[i]
		i = least
	}
}
