package transcript

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// said is a run: who says what.
type said struct{ actor, text string }

// places runs a promise and returns the order, nil if the run breaks it.
func places(p *Promise, run []said) []int {
	m := p.Matcher()
	var order []int
	for _, s := range run {
		m.Line(s.actor, s.text)
		order = append(order, m.place)
	}
	if m.End() != nil {
		return nil
	}
	return order
}

// runs reads runs: words such as a1, said by the actor a; a slash stands between two runs.
func runs(text string) [][]said {
	var all [][]said
	for run := range strings.SplitSeq(text, "/") {
		var one []said
		for _, word := range strings.Fields(run) {
			one = append(one, said{word[:1], word})
		}
		all = append(all, one)
	}
	return all
}

// shown adds runs, given as words, to the orders of a promise.
func shown(t *testing.T, p *Promise, text string) *Orders {
	t.Helper()
	o := p.Orders()
	for _, run := range runs(text) {
		order := places(p, run)
		if order == nil {
			t.Fatalf("the run %v breaks the promise", run)
		}
		o.Add(order)
	}
	return o
}

func TestSuggestForbidsWhatNeverCame(t *testing.T) {
	for _, tt := range []struct{ name, promise, runs, want string }{
		{"two lines that come in one order", "~ a  a1\n~ b  b1\n", "a1 b1", "= a  a1\n= b  b1\n"},
		{"two lines that come in both orders", "~ a  a1\n~ b  b1\n", "a1 b1 / b1 a1", ""},
		{"one actor", "~ a  a1\n~ a  a2\n", "a1 a2", ""},
		{"a line with one place among the = lines", "= a  a1\n~ b  b1\n= a  a2\n", "a1 b1 a2", "= a  a1\n= b  b1\n= a  a2\n"},
		{"a line that moves about", "= a  a1\n~ b  b1\n= a  a2\n", "a1 b1 a2 / b1 a1 a2 / a1 a2 b1", ""},
		{"a join", "~ a  a1\n~ b  b1\n# joined\n= c  c1\n", "a1 b1 c1 / b1 a1 c1", "~ a  a1\n~ b  b1\n--\n# joined\n= c  c1\n"},
		{"two joins", "~ a  a1\n~ b  b1\n~ c  c1\n~ d  d1\n= e  e1\n", "a1 b1 c1 d1 e1 / b1 a1 d1 c1 e1", "~ a  a1\n~ b  b1\n--\n~ c  c1\n~ d  d1\n--\n= e  e1\n"},
		{"a join in each turn", "repeat i=1..2\n  ~ a  a{i}\n  ~ b  b{i}\nend\n", "a1 b1 a2 b2 / b1 a1 b2 a2", "repeat i=1..2\n  --\n  ~ a  a{i}\n  ~ b  b{i}\nend\n"},
		{"no join in one turn", "repeat i=1..3\n  ~ a  a{i}\n  ~ b  b{i}\nend\n", "a1 b1 a2 b2 a3 b3/ b1 a1 a2 b2 b3 a3/ a1 a2 b1 b2 a3 b3 / b1 b2 a1 a2 b3 a3", ""},
		{"a join before a repeat", "~ a  a1\nrepeat i=1..2\n  ~ b  b{i}\n  ~ c  c{i}\nend\n", "a1 b1 b2 c1 c2 / a1 c1 c2 b1 b2", "~ a  a1\n--\nrepeat i=1..2\n  ~ b  b{i}\n  ~ c  c{i}\nend\n"},
		{"each end of a turn", "~ a  a0\nrepeat i=1..2\n  ~ a  a{i}\n  ~ b  b{i}\nend\n~ c  c1\n~ d  d1\n", "a0 a1 b1 a2 b2 c1 d1 / b1 a0 a1 b2 a2 d1 c1", "~ a  a0\nrepeat i=1..2\n  ~ a  a{i}\n  ~ b  b{i}\n  --\nend\n~ c  c1\n~ d  d1\n"},
		{"a family in its order", "~ {r=1..3}  {r}x\n", "1x 2x 3x", "= {r=1..3}  {r}x\n"},
		{"a family in some order", "~ {r=1..3}  {r}x\n", "1x 2x 3x / 1x 3x 2x", ""},
		{"a line that comes once", "~ a  a1\n* a  a2\n~ a  a3\n", "a1 a2 a3", "~ a  a1\n~ a  a2\n~ a  a3\n"},
		{"a line that does not always come", "~ a  a1\n* a  a2\n~ a  a3\n", "a1 a2 a3 / a1 a3", ""},
		{"a line that never comes", "~ a  a1\n* a  a2\n~ a  a3\n", "a1 a3", ""},
		{"a line that comes in two places", "~ a  a1\n* a  a2\n~ a  a3\n", "a1 a2 a3 / a1 a3 a2", ""},
		{"a line that comes three times", "~ a  a1\n* a  a2\n", "a1 a2 a2 a2", "~ a  a1\n~ a  a2\n~ a  a2\n~ a  a2\n"},
		{"a line that comes elsewhere", "~ a  a1\n~ a  a3\n* a  a2\n", "a1 a2 a3", "~ a  a1\n~ a  a2\n~ a  a3\n"},
		{"a line that comes in each turn", "repeat i=1..3\n  ~ a  a1\nend\n* a  a2\n", "a1 a2 a1 a2 a1 a2", "repeat i=1..3\n  ~ a  a1\n  ~ a  a2\nend\n"},
		{"a line that comes exactly where it stands", "= b  b1\n* a  a2\n= b  b3\n", "b1 a2 b3", "= b  b1\n= a  a2\n= b  b3\n"},
		{"loose on purpose", "# loose: a pause\n~ a  a1\n~ b  b1\n", "a1 b1", ""},
		{"one of them loose on purpose", "# loose: a pause\n~ a  a1\n\n~ b  b1\n~ c  c1\n", "a1 b1 c1", "# loose: a pause\n~ a  a1\n\n--\n= b  b1\n= c  c1\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := shown(t, promise(t, tt.promise), tt.runs)
			want := tt.want
			if want == "" {
				want = tt.promise
			}
			if got := o.Suggest(tt.promise); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestLooseSaysWhichLineAndWhy(t *testing.T) {
	for _, tt := range []struct {
		name, promise, runs string
		want                []Loose
	}{
		{"a mark", "~ a  a1\n~ b  b1\n", "a1 b1", []Loose{
			{1, "~ a  a1", "=", `in the only order it came before "b  b1", line 2`, ""},
			{2, "~ b  b1", "=", `in the only order it came behind "a  a1", line 1`, ""},
		}},
		{"a join", "~ a  a1\n~ b  b1\n= c  c1", "a1 b1 c1 / b1 a1 c1", []Loose{
			{3, "= c  c1", "--", "in all 2 orders all above it came before all below it", ""},
		}},
		{"a number", "* a  a1\n~ a  a2\n", "a1 a1 a2", []Loose{{1, "* a  a1", "~", "in the only order it came 2 times, where it stands", ""}}},
		{"a number elsewhere", "~ a  a2\n* a  a1\n", "a1 a2", []Loose{{2, "* a  a1", "~", "in the only order it came once, above line 1", ""}}},
		{"on purpose", "# loose: only a pause\n#   makes it so\n~ a  a1\n~ b  b1\n", "a1 b1", []Loose{
			{3, "~ a  a1", "=", `in the only order it came before "b  b1", line 4`, "only a pause makes it so"},
			{4, "~ b  b1", "=", `in the only order it came behind "a  a1", line 3`, "only a pause makes it so"},
		}},
		{"all on purpose", "# loose: only a pause\n\n~ a  a1\n\n~ b  b1\n", "a1 b1", []Loose{
			{3, "~ a  a1", "=", `in the only order it came before "b  b1", line 5`, "only a pause"},
			{5, "~ b  b1", "=", `in the only order it came behind "a  a1", line 3`, "only a pause"},
		}},
		{"a block on purpose", "# loose: only a pause\nrepeat i=1..1\n  ~ a  a1\n  # a comment\n\n  ~ b  b1\nend\n~ c  c1\n", "a1 b1 c1", []Loose{
			{3, "~ a  a1", "=", `in the only order it came before "b  b1", line 6`, "only a pause"},
			{6, "~ b  b1", "=", `in the only order it came behind "a  a1", line 3`, "only a pause"},
			{8, "~ c  c1", "=", `in the only order it came behind "a  a1", line 3`, "only a pause"},
		}},
		{"not seen", "~ a  a1\n~ b  b1\nwhen 1 == 2\n  ~ c  c1\nend\n", "a1 b1 / b1 a1", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := shown(t, promise(t, tt.promise), tt.runs).Loose(); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%+v\nwant\n%+v", got, tt.want)
			}
		})
	}
}

func TestOnlyWholeOrdersAreAdded(t *testing.T) {
	o := promise(t, "~ a  a1\n~ b  b1\n").Orders()
	for _, order := range [][]int{nil, {1}, {1, 1}, {1, 2, 2}, {0, 1, 2}, {1, 2, 3}, {-1, 2}} {
		o.Add(order)
	}
	if o.Len() != 0 || o.Loose() != nil {
		t.Errorf("%d orders, loose %v", o.Len(), o.Loose())
	}
	if o.Add([]int{2, 1}); o.Len() != 1 {
		t.Errorf("%d orders", o.Len())
	}
}

func TestALongPromiseIsNotJudged(t *testing.T) {
	p := promise(t, fmt.Sprintf("~ {r=1..%d}  x\n", mostJudged+1))
	order := make([]int, mostJudged+1)
	for i := range order {
		order[i] = i + 1
	}
	o := p.Orders()
	if o.Add(order); o.Len() != 1 || o.Loose() != nil {
		t.Errorf("%d orders, loose %v", o.Len(), o.Loose())
	}
}

// Whatever came, the suggested promise parses, every order keeps it, it allows nothing that the promise forbids, and by the same
// orders nothing of it is loose. (A * line that has become lines with places of their own leaves more places for a -- than there were.)
func TestSuggestedPromisesHoldForAllThatCame(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	changed, allowed := 0, 0
	for range 4_000 {
		text := randomPromise(r)
		p := promise(t, text)
		all := randomRuns(r, p)
		o := p.Orders()
		for _, run := range all {
			order := places(p, run)
			if order == nil {
				t.Fatalf("promise\n%s\nbreaks at its own run %v", text, run)
			}
			if o.Add(order); r.IntN(3) == 0 {
				o = restored(t, p, o)
			}
		}
		suggested := o.Suggest(text)
		q, err := ParsePromise("q.txt", suggested)
		if err != nil {
			t.Fatalf("promise\n%s\nsuggested\n%s\n%v", text, suggested, err)
		}
		again := q.Orders()
		for _, run := range all {
			order := places(q, run)
			if order == nil {
				t.Fatalf("promise\n%s\nsuggested\n%s\nis broken by %v", text, suggested, run)
			}
			again.Add(order)
		}
		if loose := again.Loose(); loose != nil && strings.Count(text, "*") == strings.Count(suggested, "*") {
			t.Fatalf("promise\n%s\nsuggested\n%s\nis still loose: %+v\n%v", text, suggested, loose, all)
		}
		if suggested == text {
			continue
		}
		changed++
		for range 30 { // other runs
			run := slices.Clone(all[r.IntN(len(all))])
			for range 1 + r.IntN(3) {
				if i := 1 + r.IntN(max(1, len(run)-1)); i < len(run) {
					run[i-1], run[i] = run[i], run[i-1]
				}
			}
			if r.IntN(4) == 0 {
				run = slices.Insert(run, r.IntN(len(run)), run[r.IntN(len(run))])
			}
			if places(q, run) != nil {
				if allowed++; places(p, run) == nil {
					t.Fatalf("promise\n%s\nforbids %v; suggested\n%s\nallows it", text, run, suggested)
				}
			}
		}
	}
	if changed < 1_000 || allowed < 1_000 {
		t.Errorf("%d promises changed, %d other runs allowed: the test tries too little", changed, allowed)
	}
}

// restored keeps orders, and returns them as they were kept.
func restored(t *testing.T, p *Promise, o *Orders) *Orders {
	t.Helper()
	kept, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if o, err = p.RestoreOrders(kept); err != nil {
		t.Fatalf("%s: %v", kept, err)
	}
	return o
}

func TestOrdersOfAnotherPromiseAreRefused(t *testing.T) {
	o := shown(t, promise(t, "~ a  a1\n* b  b1\n"), "a1 b1 b1")
	kept, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"~ a  a1\n", "~ a  a1\n~ b  b1\n", "~ {r=1..9}  a1\n* b  b1\n"} {
		if _, err := promise(t, other).RestoreOrders(kept); err == nil {
			t.Errorf("%s takes over %s", other, kept)
		}
	}
	for _, not := range []string{"", "{", "[]", `{"elements":-1}`, `{"elements":3,"times":[2],"first":[1],"before":"AAAA"}`, `{"elements":3,"times":[99],"first":[1]}`, `{"elements":1,"times":[2],"first":[-9]}`} {
		if _, err := promise(t, "~ a  a1\n* b  b1\n").RestoreOrders([]byte(not)); err == nil {
			t.Errorf("%s is taken over", not)
		}
	}
}

// randomPromise writes a promise of a few lines, each with a text of its own.
func randomPromise(r *rand.Rand) string {
	var b strings.Builder
	number := 0
	var block func(depth, lines int)
	block = func(depth, lines int) {
		in := strings.Repeat("  ", depth)
		for range lines {
			number++
			actor := string(rune('a' + r.IntN(3)))
			suffix := ""
			for d := range depth {
				suffix += fmt.Sprintf(".{i%d}", d)
			}
			switch r.IntN(12) {
			case 0:
				b.WriteString(in + "--\n")
			case 1, 2:
				fmt.Fprintf(&b, "%s* %s  %s%d%s\n", in, actor, actor, number, suffix)
			case 3:
				fmt.Fprintf(&b, "%s# a comment\n%s~ {r=1..2}  {r}%d%s\n", in, in, number, suffix)
			case 4:
				if depth < 2 {
					fmt.Fprintf(&b, "%srepeat i%d=1..%d\n", in, depth, 1+r.IntN(3))
					block(depth+1, 1+r.IntN(3))
					b.WriteString(in + "end\n")
				}
			case 5, 6, 7:
				fmt.Fprintf(&b, "%s= %s  %s%d%s\n", in, actor, actor, number, suffix)
			default:
				fmt.Fprintf(&b, "%s~ %s  %s%d%s\n", in, actor, actor, number, suffix)
			}
		}
	}
	block(0, 2+r.IntN(5))
	b.WriteString("~ a  a\n")
	return b.String()
}

// randomRuns makes runs that keep a promise: each picks the next line among those that may come, with a liking for the first.
func randomRuns(r *rand.Rand, p *Promise) [][]said {
	var all [][]said
	liking := r.IntN(4)
	stars := make([]int, len(p.stars)) // how many times each comes; -1: not the same number in each run
	for i := range stars {
		stars[i] = r.IntN(4) - 1
	}
	for range 1 + r.IntN(5) {
		left := make([]bool, len(p.lines))
		var run []said
		for range p.lines {
			var may []int
			for i := range p.lines {
				ok := !left[i]
				for j := range i {
					a, b := &p.lines[j], &p.lines[i]
					ok = ok && (left[j] || a.actor != b.actor && a.stage == b.stage && (a.mark != Exact || b.mark != Exact))
				}
				if ok {
					may = append(may, i)
				}
			}
			i := may[0]
			if r.IntN(4) >= liking {
				i = may[r.IntN(len(may))]
			}
			left[i] = true
			run = append(run, said{p.lines[i].actor, p.lines[i].text})
		}
		for i, n := range stars {
			star := said{p.stars[i].actor, p.stars[i].text}
			if n < 0 {
				n = r.IntN(3)
			}
			at := r.IntN(len(run) + 1)
			for range n {
				if liking < 2 {
					at = r.IntN(len(run) + 1)
				}
				run = slices.Insert(run, at, star)
			}
		}
		all = append(all, run)
	}
	return all
}

func BenchmarkOrdersAdd(b *testing.B) {
	p, err := ParsePromise("p.txt", "~ a  start\nrepeat i=1..20\n  ~ {r=0..4}  line\nend\n")
	if err != nil {
		b.Fatal(err)
	}
	order := make([]int, p.Size())
	for i := range order {
		order[i] = i + 1
	}
	o := p.Orders()
	for b.Loop() {
		o.Add(order)
	}
}
