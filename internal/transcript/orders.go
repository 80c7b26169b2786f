package transcript

import "slices"

// Orders is what many runs of one promise have shown: which of two lines ever came before the other. From it follows where the
// promise is looser than the runs. It is not safe for use by several goroutines.
type Orders struct {
	promise *Promise
	added   int

	// An element is a line that came. The = and ~ lines come first; behind them stands each time that a * line came.
	elements int
	times    []int      // of promise.stars: how many times it came in every order, -1 if not the same number
	first    []int      // of promise.stars: its first element
	before   [][]uint64 // by element: the set of those that came later in some order

	later []uint64 // used again by each Add
	came  []int
}

const (
	// mostJudged bounds the lines of a promise whose orders are kept; of a longer one they are only counted.
	mostJudged = 1_000

	// mostTimes bounds how many times a * line comes that is judged.
	mostTimes = 16
)

// Orders returns what runs of the promise have shown when none has been added.
func (p *Promise) Orders() *Orders { return &Orders{promise: p} }

// Len returns how many orders were added.
func (o *Orders) Len() int { return o.added }

// Add takes the order of a run that kept the promise: [Event].Place of each of its lines. An order in which a = or ~ line is
// missing, or is there twice, is not added. For k lines a call costs k²/64 steps.
func (o *Orders) Add(places []int) {
	lines := len(o.promise.lines)
	came := o.count(places)
	if came == nil {
		return
	}
	o.added++
	if lines > mostJudged {
		return
	}
	if o.before == nil {
		o.allot(came)
	}
	for s := range o.times {
		if o.times[s] != came[lines+s] {
			o.times[s] = -1
		}
	}
	clear(o.later)
	for _, place := range slices.Backward(places) {
		element := place - 1
		if star := element - lines; star >= 0 {
			if o.times[star] < 0 {
				continue
			}
			came[element]--
			element = o.first[star] + came[element]
		}
		row := o.before[element]
		for w, bits := range o.later {
			row[w] |= bits
		}
		o.later[element/64] |= 1 << (element % 64)
	}
}

// count returns how many times each line came, nil if the promise is not kept.
func (o *Orders) count(places []int) []int {
	lines := len(o.promise.lines)
	if o.came == nil {
		o.came = make([]int, lines+len(o.promise.stars))
	}
	clear(o.came)
	for _, place := range places {
		if place < 1 || place > len(o.came) {
			return nil
		}
		o.came[place-1]++
	}
	for _, n := range o.came[:lines] {
		if n != 1 {
			return nil
		}
	}
	return o.came
}

// allot makes the elements, when the first order is known.
func (o *Orders) allot(came []int) {
	o.elements = len(o.promise.lines)
	for _, n := range came[o.elements:] {
		if n > mostTimes || o.elements > 2*mostJudged {
			n = -1
		}
		o.times = append(o.times, n)
		o.first = append(o.first, o.elements)
		o.elements += max(n, 0)
	}
	o.rows()
}

// rows makes the sets of the elements.
func (o *Orders) rows() {
	words := (o.elements + 63) / 64
	all := make([]uint64, o.elements*words)
	for i := range o.elements {
		o.before = append(o.before, all[i*words:(i+1)*words])
	}
	o.later = make([]uint64, words)
}

// saw reports whether the first element came before the second in some order.
func (o *Orders) saw(first, second int) bool {
	return o.before[first][second/64]>>(second%64)&1 == 1
}
