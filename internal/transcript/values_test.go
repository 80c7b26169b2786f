package transcript

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// some are the values that the tests below put into promises.
func some() Values {
	return Values{
		"--items": 3, "--none": 0, "--exit-after": 7, "--most": 100_000, "--hang": true, "--book": false, "--name": "ann", "--empty": "",
		"--pause": 1500 * time.Millisecond, "$#": 1, "$1": 4,
	}
}

func TestExpressions(t *testing.T) {
	for _, tt := range []struct {
		text string
		want any
	}{
		{"1+2*3", 7}, {"(1+2)*3", 9}, {"7/2", 3}, {"-7/2", -3}, {"7%4", 3}, {"10-3-2", 5}, {"-3", -3}, {"2*-3", -6},
		{"--items", 3}, {"--items-1", 2}, {"2*--items", 6}, {"--exit-after-1", 6}, {"--items - --exit-after", -4}, {"$1+$#", 5},
		{"min(--items, 2)", 2}, {"max(--items,2)+1", 4}, {"if(--hang, 1, 1/0)", 1}, {`if(--items == 4, "a", "b")`, "b"},
		{"--items == 3", true}, {"--items != 3", false}, {"1<2", true}, {"2<=1", false}, {"2>1", true}, {"1>=1", true},
		{"--hang", true}, {"not --hang", false}, {"not --items == 3", false}, {"--hang and not --book", true}, {"--book or --items > 2", true},
		{"--hang or 1/0 == 1", true}, {"--book and 1/0 == 1", false}, {"--hang == true", true}, {"true != false", true},
		{`--name == "ann"`, true}, {`--name != ""`, true}, {`--empty == ""`, true}, {"--name", "ann"}, {`"a b"`, "a b"},
		{"--pause", 1500 * time.Millisecond}, {"--pause > 1s", true}, {"--pause == 1.5s", true}, {"--pause != 1500ms", false},
	} {
		e, err := parseExpression(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if got, err := e.eval(scope{values: some()}); err != nil || got != tt.want {
			t.Errorf("%s is %v (%v), want %v", tt.text, got, err, tt.want)
		}
	}
}

func TestExpressionsThatCannotBeComputed(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"--items + --name", "cannot be computed"},
		{"--hang + 1", "cannot be computed"},
		{"not 1", "not wants true or false"},
		{"1 and 2", "cannot be computed"},
		{"--pause * 2", "cannot be computed"},
		{"--pause + 1s", "cannot be computed"},
		{"-9223372036854775807-2", "too large"},
		{"4611686018427387904*2", "too large"},
		{"1%0", "division by zero"},
		{"if(1, 2, 3)", "if wants true or false"},
		{"if(true, 2)", "if wants 3 values"},
		{"$2", "$2 is not known here"},
	} {
		e, err := parseExpression(tt.text)
		if err == nil {
			_, err = e.eval(scope{values: some()})
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.text, err, tt.want)
		}
	}
}

// expandsTo lists the lines that a promise stands for.
func expandsTo(t *testing.T, promise string) (lines []string, unmatched string) {
	t.Helper()
	p, err := ParsePromiseFor("p.txt", promise, some())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range p.lines {
		lines = append(lines, e.String())
	}
	for _, e := range p.claims {
		lines = append(lines, e.String())
	}
	return lines, p.Unmatched
}

func TestAPromiseFollowsWhatTheRunWasGiven(t *testing.T) {
	for _, tt := range []struct{ name, promise, want string }{
		{"a value", "= a  {--items} items", "= a  3 items"},
		{"an actor's name", "= {--name} the {$1}th  hello", "= ann the 4th  hello"},
		{"a duration as Go prints it", "= a  after {--pause}", "= a  after 1.5s"},
		{"a repeat", "repeat i=1..--items\n= a  {i} of {--items}\nend", "= a  1 of 3|= a  2 of 3|= a  3 of 3"},
		{"a repeat of no turns", "repeat i=1..--none\n= a  {i}\nend", ""},
		{"a family", "~ p{i=0..--items-1}  {i*i}", "~ p0  0|~ p1  1|~ p2  4"},
		{"a family of nobody", "~ p{i=1..--none}  {i}", ""},
		{"the range of a hole", "= a  {:1..--items}", "= a  {:1..--items}"},
		{"a list", "= a  [{i*i for i=0..--items}]", "= a  [0 1 4 9]"},
		{"a list of nothing", "= a  [{i for i=1..--none}]", "= a  []"},
		{"a list in a family", "= a  {i=1..2}: {10*i+j for j=1..i}", "= a  1: 11|= a  2: 21 22"},
		{"when", "when --hang\n= a  hangs\nelse\n= a  ends\nend", "= a  hangs"},
		{"else", "when --book\n= a  hangs\nelse\n= a  ends\nend", "= a  ends"},
		{"when without else", "when --book\n= a  hangs\nend\n✓ ok", "✓ ok"},
		{"let", "let n = 2*--items\n= a  {n}\nlet n = n+1\n= a  {n}", "= a  6|= a  7"},
		{"let in a block", "repeat i=1..2\nlet n = i*i\nwhen n > 1\n= a  {n:0..9} {m:0..n}\nend\nend", "= a  {n:0..9} {m:0..n}"},
		{"when in a repeat", "repeat i=1..--items\nwhen i%2 == 1\n= a  {i}\nend\nend", "= a  1|= a  3"},
		{"a hole that gets its type in a when", "when --hang\n= a  {n:int}\nend\n= b  {n}", "= a  {n:int}|= b  {n}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lines, unmatched := expandsTo(t, tt.promise)
			if got := strings.Join(lines, "|"); got != tt.want || unmatched != "" {
				t.Errorf("got  %s (%s)\nwant %s", got, unmatched, tt.want)
			}
		})
	}
}

func TestAPromiseThatSaysNothingOfARun(t *testing.T) {
	for _, tt := range []struct{ promise, want string }{
		{"when --hang\nunmatched the names are yours\nend\n= a  x", "the names are yours"},
		{"unmatched one\nunmatched two", "one"},
		{"repeat i=1..--most\n= a  {i}\nend", "the promise would have more than 10000 lines"},
		{"let n = --most\n= a  {i=1..n}", "the promise would have more than 10000 lines"},
		{"= a  {i=1..--most}", "the promise would have more than 10000 lines"},
		{"= a  {$2}", "it speaks of other arguments"},
		{"let n = $1 + --name\n= a  {n}", "it speaks of other arguments"},
		{"= a  {i for i=1..--most}", "the promise would have more than 10000 lines"},
	} {
		lines, unmatched := expandsTo(t, tt.promise)
		if unmatched != tt.want || len(lines) > 0 {
			t.Errorf("%s: unmatched %q, %d lines; want %q", tt.promise, unmatched, len(lines), tt.want)
		}
	}
}

// After a line that nobody promised the matcher finds its way back: dots stand for the marks of lines that are as promised.
func TestOneFaultBreaksOneLine(t *testing.T) {
	const promise = "= a  1\n= a  2\n~ b  x\n--\n= b  y\n= a  3\nrepeat i=1..3\n= a  made {n:int}\n= b  got {n}\nend\n--\n= a  end"
	right := []string{
		"a: 1", "a: 2", "b: x", "b: y", "a: 3", "a: made 5", "b: got 5", "a: made 6", "b: got 6", "a: made 7", "b: got 7", "a: end",
	}
	check := func(name string, said []string, want int) {
		t.Helper()
		marks, broken := match(t, promise, said...)
		if got := strings.Count(marks, "!"); broken == nil || got > want {
			t.Errorf("%s: marks %s, %v; want at most %d broken", name, marks, broken, want)
		}
	}
	if marks, broken := match(t, promise, right...); broken != nil {
		t.Fatalf("%s: %v", marks, broken)
	}
	for i := range right {
		actor, _, _ := strings.Cut(right[i], ": ")
		var edited, without, twice, more []string
		for j, line := range right {
			switch {
			case j != i:
				edited, without, twice, more = append(edited, line), append(without, line), append(twice, line), append(more, line)
			default:
				edited = append(edited, actor+": something else")
				twice = append(twice, line, line)
				more = append(more, line, actor+": something else")
			}
		}
		check(fmt.Sprintf("%q edited", right[i]), edited, 1)
		check(fmt.Sprintf("%q left out", right[i]), without, 1)
		check(fmt.Sprintf("%q twice", right[i]), twice, 2) // it may be taken for the next turn's, which is then too early
		check(fmt.Sprintf("a line after %q", right[i]), more, 1)
		if i > 0 {
			swapped := append([]string{}, right...)
			swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
			marks, _ := match(t, promise, swapped...)
			if strings.Count(marks, "!") > 1 {
				t.Errorf("%q and %q swapped: %s", right[i-1], right[i], marks)
			}
		}
	}
}

func TestAnEditInALoopBreaksOneLineATurn(t *testing.T) {
	promise := "repeat i=1..4\n~ c  waits\n= p  made {n:int}\n= c  got {n}\n--\nend\n= m  end"
	var said []string
	for i := range 4 {
		said = append(said, "c: WAITS", fmt.Sprintf("p: made %d", i), fmt.Sprintf("c: got %d", i))
	}
	marks, broken := match(t, promise, append(said, "m: end")...)
	if marks != strings.Repeat("!==", 4)+"=" || broken == nil || broken.Line != 2 {
		t.Errorf("marks %s, %v", marks, broken)
	}
}

func TestChecksHaveNoOrderWhicheverLineTheyFit(t *testing.T) {
	const promise = "✓ sum is {:int}\n✓ sum is 5\n✓ {:text}"
	for _, said := range [][]string{
		{"✓ sum is 5", "✓ sum is 6", "✓ x"}, {"✓ sum is 6", "✓ sum is 5", "✓ x"}, {"✓ x", "✓ sum is 6", "✓ sum is 5"},
		{"✓ sum is 5", "✓ x", "✓ sum is 6"}, {"✓ sum is 5", "✓ sum is 5", "✓ sum is 5"},
	} {
		if _, broken := match(t, promise, said...); broken != nil {
			t.Errorf("%q: %v", said, broken)
		}
	}
	if _, broken := match(t, promise, "✓ sum is 5", "✓ x", "✓ y"); broken == nil {
		t.Error("two checks that fit one line only were taken")
	}
}

func TestALineFitsIfAnyFillingDoes(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		fits          bool
	}{
		{"{x:text}{x}", "abab", true},
		{"{x:text}{x}", "aba", false},
		{"{x:text}, {x}, {:text}", "a, b, a, b, c", true},
		{"{n:int}{n}", "1212", true},
		{"{n:0..20}{:int}", "123", true},
		{"{n:0..0}{:int}", "123", false},
		{"{:text} {n:0..9} {:text}", "in 12 of 7 rounds", true},
		{"{x:text}{y:text}{x}{y}", "onetwoonetwo", true},
		{"{x:word} {y:word} {x}", "a b a", true},
		{"a {x:text}  {x}", "a  b c  b c", true},
		{"{d:duration}{d}", "1s1s", true},
	} {
		_, broken := match(t, "= a  "+tt.pattern, "a: "+tt.text)
		if (broken == nil) != tt.fits {
			t.Errorf("%s, %q: %v; want that it fits: %v", tt.pattern, tt.text, broken, tt.fits)
		}
	}
}

func TestChecksWithHolesHaveNoOrderEither(t *testing.T) {
	for _, promise := range []string{"✓ {w:word}\n✓ {:int}", "✓ {:int}\n✓ {w:word}", "✓ {w:word}\n✓ y\n"} {
		for _, said := range [][]string{{"✓ 1", "✓ y"}, {"✓ y", "✓ 1"}} {
			if _, broken := match(t, promise, said...); broken != nil {
				t.Errorf("%q, %q: %v", promise, said, broken)
			}
		}
	}
}

func TestALineTooManyInALoopWithAHole(t *testing.T) {
	promise := "repeat i=1..3\n~ P  made {item:int}\n~ P  set\n~ C  got {item}\nend"
	marks, broken := match(t, promise, "P: made 5", "P: set", "C: got 5", "C: ADDED", "P: made 6", "P: set", "C: got 6", "P: made 7", "P: set", "C: got 7")
	if marks != "~~~!~~~~~~" || broken == nil {
		t.Errorf("marks %s, %v", marks, broken)
	}
}

func TestALineThatIsEarlyMayBeAStarredOne(t *testing.T) {
	if marks, broken := match(t, "= b  x\n--\n~ a  done\n* a  {:word}", "a: done", "b: x", "a: done"); marks != "*=~" || broken != nil {
		t.Errorf("marks %s, %v", marks, broken)
	}
}

func TestBlanksAreNoText(t *testing.T) {
	if _, broken := match(t, "= a  x: {:text}", "a: x:   "); broken == nil {
		t.Error("blanks fill a hole for a text")
	}
}

func TestTextsFromFlagsAreMadeSafeAsWhatIsSaid(t *testing.T) {
	for name, unmatched := range map[string]bool{"\u2764\ufe0f": false, "\x1b[31m": false, "a\nb": true, strings.Repeat("x", 300): true} {
		p, err := ParsePromiseFor("p.txt", "= {--name}  I am {--name}", Values{"--name": name})
		if err != nil || (p.Unmatched != "") != unmatched {
			t.Fatalf("%q: %v, %v", name, err, p)
		}
		l := New(Config{Promise: p})
		l.Actor(name).Printf("I am %s", name)
		if err := l.End(nil); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestASearchForAFillingEnds(t *testing.T) {
	_, broken := match(t, "= a  {a:text}{b:text}{c:text}{d:text}{a}{b}{c}{d}!", "a: "+strings.Repeat("x", 4000)+"?!")
	if broken == nil {
		t.Error("it fits")
	}
}

func TestARunMayGoOnFromAHoleThatABrokenLineShouldHaveFilled(t *testing.T) {
	marks, _ := match(t, "= a  made {n:int}\n= b  got {n}", "a: MADE 5", "b: got 5")
	if marks != "!=" {
		t.Errorf("marks %s", marks)
	}
}
