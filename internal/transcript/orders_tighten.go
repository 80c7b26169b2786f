package transcript

import (
	"maps"
	"slices"
)

// tightener finds the changes of a promise file that forbid orders which never came, and can be made together.
type tightener struct {
	*Orders
	*layout
	fixed func(at int) bool // this line of the file is not to be changed

	moves map[int]move     // * lines that could be = or ~ lines
	marks map[int]bool     // lines that could be = lines
	cuts  map[int]boundary // lines above which a -- could stand
}

// move is what a * line could be instead.
type move struct {
	times int // how many = or ~ lines at each visit
	above int // they would stand above this line of the file; 0: where the * line stands
}

// boundary lists the items below each visit of a line, by index.
type boundary []int

// run finds the changes. What follows from others is left out.
func (t *tightener) run() {
	t.moves, t.marks, t.cuts = t.stars(), map[int]bool{}, map[int]boundary{}
	t.sort()
	for {
		base := t.implied()
		cuts, marks := t.newCuts(base), t.newMarks(base)
		if len(cuts)+len(marks) == 0 {
			return
		}
		maps.Copy(t.cuts, cuts)
		maps.Copy(t.marks, marks)
		all := t.implied()
		for _, at := range slices.Backward(slices.Sorted(maps.Keys(t.cuts))) {
			cut := t.cuts[at]
			if delete(t.cuts, at); !t.implied().equal(all) {
				t.cuts[at] = cut
			}
		}
		for _, at := range slices.Backward(slices.Sorted(maps.Keys(t.marks))) {
			if delete(t.marks, at); !t.implied().equal(all) {
				t.marks[at] = true
			}
		}
	}
}

// relation says of each item which of the later ones must come behind it.
type relation [][]uint64

func (r relation) has(i, j int) bool { return r[i][j/64]>>(j%64)&1 == 1 }

func (r relation) equal(other relation) bool {
	return slices.EqualFunc(r, other, func(a, b []uint64) bool { return slices.Equal(a, b) })
}

// implied is the order that the promise sets, with the changes made.
func (t *tightener) implied() relation {
	n := len(t.items)
	words := (n + 63) / 64
	stage, extra := make([]int, n+1), make([]int, n+1)
	for _, cut := range t.cuts {
		for _, b := range cut {
			extra[b]++
		}
	}
	sum := 0
	for i, it := range t.items {
		sum += extra[i]
		stage[i] = it.stage + sum
	}
	r, all := make(relation, n), make([]uint64, n*words)
	next := map[string]int{} // by actor
	exact, below := n, n     // the next = line; the first item of a later stage
	for i := n - 1; i >= 0; i-- {
		it := &t.items[i]
		r[i] = all[i*words : (i+1)*words]
		behind := func(j int) {
			for w, bits := range r[j] {
				r[i][w] |= bits
			}
			r[i][j/64] |= 1 << (j % 64)
		}
		if j, ok := next[it.actor]; ok {
			behind(j)
		}
		next[it.actor] = i
		if it.exact || t.marks[it.at] {
			if exact < n {
				behind(exact)
			}
			exact = i
		}
		if i+1 < n && stage[i+1] > stage[i] {
			below = i + 1
		}
		for j := below; j < n; j++ {
			r[i][j/64] |= 1 << (j % 64)
		}
	}
	return r
}

// newCuts finds where a -- could stand that says more than the promise does.
func (t *tightener) newCuts(base relation) map[int]boundary {
	n := len(t.items)
	crossed, more := make([]int, n+1), make([]int, n+1) // by boundary, as differences
	for j, later := range t.items {
		if i := slices.IndexFunc(t.items[:j], func(it item) bool { return t.saw(later.element, it.element) }); i >= 0 {
			crossed[i+1]++
			crossed[j+1]--
		}
	}
	for i := range t.items {
		for j := n - 1; j > i; j-- {
			if !base.has(i, j) {
				more[i+1]++
				more[j+1]--
				break
			}
		}
	}
	for b := 1; b <= n; b++ {
		crossed[b] += crossed[b-1]
		more[b] += more[b-1]
	}
	cuts := map[int]boundary{}
	for _, visits := range t.spots() {
		at := t.visits[visits[0]].at
		if t.fixed(at) {
			continue
		}
		var cut boundary
		good, useful := true, false
		for _, v := range visits {
			b, _ := slices.BinarySearchFunc(t.items, v, func(it item, v int) int { return it.visit - v })
			if b > 0 && b < n {
				cut = append(cut, b)
				good = good && crossed[b] == 0
				useful = useful || more[b] > 0
			}
		}
		if good && useful {
			cuts[at] = cut
		}
	}
	return cuts
}

// newMarks finds lines that could be = lines, all together, and would then say more than the promise does: first the one that says
// the most beside those that are = already, and so on.
func (t *tightener) newMarks(base relation) map[int]bool {
	group := make([]int, len(t.items)) // by item; 0: it is a = line; -1: it stays what it is
	lines := []int{0}                  // by group
	known := map[int]int{}
	for i, it := range t.items {
		switch g, ok := known[it.at]; {
		case it.exact || t.marks[it.at]:
		case t.fixed(it.at):
			group[i] = -1
		case ok:
			group[i] = g
		default:
			known[it.at], group[i] = len(lines), len(lines)
			lines = append(lines, it.at)
		}
	}
	n := len(lines)
	more, clash := make([]int32, n*n), make([]bool, n*n)
	for i, it := range t.items {
		for j := i + 1; j < len(t.items); j++ {
			a, b := group[i], group[j]
			if a < 0 || b < 0 {
				continue
			}
			a, b = a*n+b, b*n+a
			if t.saw(t.items[j].element, it.element) {
				clash[a], clash[b] = true, true
			} else if !base.has(i, j) {
				more[a]++
				if a != b {
					more[b]++
				}
			}
		}
	}
	return t.chain(lines, more, clash)
}

// chain chooses groups that do not clash, so that what they say more is much. Group 0 is chosen from the start.
func (t *tightener) chain(lines []int, more []int32, clash []bool) map[int]bool {
	n := len(lines)
	chosen := map[int]bool{}
	gain, out := make([]int32, n), make([]bool, n)
	for g := range n {
		gain[g], out[g] = more[g*n+g], clash[g*n+g]
	}
	choose := func(c int) {
		out[c] = true
		if c > 0 {
			chosen[lines[c]] = true
		}
		for g := range n {
			gain[g] += more[c*n+g]
			out[g] = out[g] || clash[c*n+g]
		}
	}
	for choose(0); ; {
		best := 0
		for g := 1; g < n; g++ {
			if !out[g] && gain[g] > 0 && (best == 0 || gain[g] > gain[best]) {
				best = g
			}
		}
		if best > 0 {
			choose(best)
			continue
		}
		first, second := 0, 0
		for a := 1; a < n; a++ {
			for b := a + 1; b < n && !out[a]; b++ {
				if !out[b] && !clash[a*n+b] && more[a*n+b] > more[first*n+second]*int32(min(first, 1)) {
					first, second = a, b
				}
			}
		}
		if first == 0 {
			return chosen
		}
		choose(first)
		choose(second)
	}
}
