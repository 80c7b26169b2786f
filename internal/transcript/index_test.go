package transcript

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// An index must not lose a line, and matches must agree with the regular expression of the whole line.
func TestAnIndexFindsEveryLineThatATextFits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(pieces ...string) string {
		var b strings.Builder
		for range 1 + rng.IntN(6) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		return b.String()
	}
	for range 200 {
		var file strings.Builder
		for range 20 { // a letter at the end: a pattern needs something to say
			pattern := random("a", "b", " ", "  ", "{:int}", "{:word}", "{:text}") + "z"
			fmt.Fprintf(&file, "* main  %s\n", strings.ReplaceAll(pattern, "}{", "} {"))
		}
		p, err := ParsePromise("x.promise", file.String())
		if err != nil {
			t.Fatalf("%v\n%s", err, file.String())
		}
		var x index
		var defined []*regexp.Regexp
		for i := range p.stars {
			x.add(&p.stars[i], i)
			defined = append(defined, regexp.MustCompile(matchExpression("", p.stars[i].parts)))
		}
		for range 50 {
			said := random("a", "b", " ", "  ", "7", "z")
			found := x.find(squeezed(said))
			if !slices.IsSorted(found) {
				t.Errorf("%q: places %v are not in order", said, found)
			}
			for i := range p.stars {
				e := &p.stars[i]
				want := defined[i].MatchString(strings.Trim(said, " "))
				if got := e.matches(said, squeezed(said)); got != want {
					t.Errorf("%q, pattern %q: got %v, want %v", said, e.text, got, want)
				}
				if want && !slices.Contains(found, i) {
					t.Errorf("%q: the index does not find the pattern %q", said, e.text)
				}
			}
		}
	}
}

// With a search among all lines for each check, this would not end.
func TestManyChecksOfOneText(t *testing.T) {
	for _, claim := range []string{"it holds", "claim {i} holds", "it took {:int} ms"} {
		p, err := ParsePromise("x.promise", "repeat i=1..5000\n✓ "+claim+"\nend")
		if err != nil {
			t.Fatal(err)
		}
		text := func(i int) string {
			return strings.NewReplacer("{i}", fmt.Sprint(i), "{:int}", fmt.Sprint(i)).Replace(claim)
		}
		m := p.Matcher()
		for i := 5000; i > 0; i-- {
			m.Check(text(i))
		}
		if broken := m.broken; broken != nil {
			t.Errorf("%s: %v", claim, broken)
		}
		for range 5000 {
			m.Check(text(1))
		}
		if broken := m.End(); broken == nil || !strings.Contains(broken.Reason, "or not that many times") {
			t.Errorf("%s: 5000 checks too many: got %v", claim, broken)
		}
	}
}
