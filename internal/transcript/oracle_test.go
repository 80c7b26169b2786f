package transcript

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A literal promise without * lines is kept by just those runs in which each actor says its lines in the order of the file, the = lines
// come in that order among all, and none comes before those above its --. The matcher, which finds its way back after a fault, must
// say the same of every run.
func TestTheMatcherAgreesWithItsRule(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	kept, broken := 0, 0
	for range 60_000 {
		type line struct {
			mark, actor, text string
			stage             int
		}
		var promise []line
		var file strings.Builder
		stage := 0
		for range 1 + r.IntN(6) {
			if r.IntN(4) == 0 {
				stage++
				file.WriteString("--\n")
			}
			l := line{[]string{"=", "~"}[r.IntN(2)], string(rune('a' + r.IntN(3))), string(rune('x' + r.IntN(2))), stage}
			promise = append(promise, l)
			fmt.Fprintf(&file, "%s %s  %s\n", l.mark, l.actor, l.text)
		}
		// A run: the lines in some order, mostly close to that of the file, and sometimes with a fault.
		order := make([]int, len(promise))
		for i := range order {
			order[i] = i
		}
		for range r.IntN(4) {
			if i := r.IntN(len(order)); i > 0 {
				order[i-1], order[i] = order[i], order[i-1]
			}
		}
		said := make([]line, 0, len(order)+1)
		for _, i := range order {
			said = append(said, promise[i])
		}
		switch i := r.IntN(len(said)); r.IntN(6) {
		case 0:
			said = slices.Delete(said, i, i+1)
		case 1:
			said = slices.Insert(said, i, said[r.IntN(len(said))])
		case 2:
			said[i].text = "z"
		}
		// The rule: give each line said to the next line of its actor, and look at the places.
		right := len(said) == len(promise)
		var places []int
		next := map[string]int{}
		for _, l := range said {
			i := next[l.actor]
			for i < len(promise) && promise[i].actor != l.actor {
				i++
			}
			if i == len(promise) || promise[i].text != l.text {
				right = false
				break
			}
			next[l.actor] = i + 1
			places = append(places, i)
		}
		last := -1
		for k, i := range places {
			if promise[i].mark == "=" {
				right = right && i > last
				last = i
			}
			for _, later := range places[k+1:] {
				right = right && promise[later].stage >= promise[i].stage
			}
		}
		p, err := ParsePromise("p.txt", file.String())
		if err != nil {
			t.Fatal(err)
		}
		m := p.Matcher()
		marked := 0
		for _, l := range said {
			if m.Line(l.actor, l.text) == Broken {
				marked++
			}
		}
		if got := m.End() == nil; got != right || right && marked > 0 {
			t.Fatalf("promise\n%s\nrun %v\nkept: %v, want %v; %d lines marked", file.String(), said, got, right, marked)
		}
		if right {
			kept++
		} else {
			broken++
		}
	}
	if kept < 5_000 || broken < 5_000 {
		t.Errorf("%d runs kept, %d broken: the test tries too few of one kind", kept, broken)
	}
}
