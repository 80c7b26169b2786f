package transcript

import (
	"errors"
	"strings"
	"testing"
)

// said is one line of a run: "actor: text", or "✓ claim".
func match(t *testing.T, promise string, said ...string) (marks string, broken *Mismatch) {
	t.Helper()
	p, err := ParsePromise("p.txt", promise)
	if err != nil {
		t.Fatal(err)
	}
	m := p.Matcher()
	for _, line := range said {
		if claim, ok := strings.CutPrefix(line, "✓ "); ok {
			m.Check(claim)
			continue
		}
		actor, text, _ := strings.Cut(line, ": ")
		marks += string(m.Line(actor, text))
	}
	return marks, m.End()
}

func TestPromisesThatAreKept(t *testing.T) {
	for _, tt := range []struct {
		name, promise string
		said          []string
		marks         string
	}{
		{"exact lines in order", "= a  one\n= b  two", []string{"a: one", "b: two"}, "=="},
		{"ordered lines of two actors in either order", "~ a  one\n~ b  two", []string{"b: two", "a: one"}, "~~"},
		{"ordered between exact lines of others", "= a  1\n~ b  x\n= a  2", []string{"a: 1", "a: 2", "b: x"}, "==~"},
		{"starred lines any number of times", "~ a  one\n* a  again", []string{"a: again", "a: one", "a: again"}, "*~*"},
		{"starred lines not at all", "* a  again", nil, ""},
		{"an actor's name with a blank", "= rank 3  hello", []string{"rank 3: hello"}, "="},
		{"actor and pattern parted by a tab", "= a\thello", []string{"a: hello"}, "="},
		{"an empty line", "= a", []string{"a: "}, "="},
		{"a run of blanks stands for any other", "= a  x {:float} y  z", []string{"a: x     1.5 y z"}, "="},
		{"blanks at the ends do not count", "= a  x", []string{"a:   x "}, "="},
		{"typed holes", "= a  {:int} {:float} {:time} {:duration} {:pid} {:word} {:text}", []string{"a: -3 1.5e3 12:30:01.5 1.5ms 42 x/y and so on"}, "="},
		{"a named hole binds between actors", "= a  made {n:int}\n= b  got {n}", []string{"a: made 5", "b: got 5"}, "=="},
		{"a name may be used before its type", "~ b  got {n}\n~ a  made {n:int}", []string{"a: made 5", "b: got 5"}, "~~"},
		{"a range", "= a  {:0..10}", []string{"a: 10"}, "="},
		{"a family over actors", "~ rank {r=0..2}  I am {r} of {:int}", []string{"rank 2: I am 2 of 3", "rank 0: I am 0 of 3", "rank 1: I am 1 of 3"}, "~~~"},
		{"a family in one actor, downwards", "= a  {2-i} {i=0..2}", []string{"a: 2 0", "a: 1 1", "a: 0 2"}, "==="},
		{"computed numbers", "= a  {i=1..2} {i+1} {2*i} {2*i-1} {i-1}", []string{"a: 1 2 2 1 0", "a: 2 3 4 3 1"}, "=="},
		{"repeat has fresh holes", "repeat i=1..2\n = a  made {n:int}\n = b  got {n}\nend", []string{"a: made 5", "b: got 5", "a: made 6", "b: got 6"}, "===="},
		{"an outer hole stays the same", "= a  {n:int}\nrepeat i=1..2\n = a  {n} {i}\nend", []string{"a: 7", "a: 7 1", "a: 7 2"}, "==="},
		{"repeats nest", "repeat i=1..2\nrepeat j=1..2\n= a  {i}{j}\nend\nend", []string{"a: 11", "a: 12", "a: 21", "a: 22"}, "===="},
		{"literal braces", "= a  map{{x}} }", []string{"a: map{x} }"}, "="},
		{"comments and empty lines", "# note\n\n= a  # not a comment", []string{"a: # not a comment"}, "="},
		{"stages, free inside", "~ a  1\n~ b  1\n--\n~ a  2\n~ b  2", []string{"b: 1", "a: 1", "b: 2", "a: 2"}, "~~~~"},
		{"a stage for each turn", "repeat i=1..2\n~ a  {i}\n~ b  {i}\n--\nend\n= m  end", []string{"b: 1", "a: 1", "a: 2", "b: 2", "m: end"}, "~~~~="},
		{"starred lines belong to no stage", "~ a  1\n* b  x\n--\n~ a  2", []string{"a: 1", "a: 2", "b: x"}, "~~*"},
		{"empty stages", "--\n--\n~ a  1\n--", []string{"a: 1"}, "~"},
		{"checks in any order", "✓ one\n✓ two", []string{"✓ two", "✓ one"}, ""},
		{"a check with a hole", "✓ {:int} items", []string{"✓ 3 items"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			marks, broken := match(t, tt.promise, tt.said...)
			if broken != nil {
				t.Fatalf("broken: %v", broken)
			}
			if marks != tt.marks {
				t.Errorf("marks %q, want %q", marks, tt.marks)
			}
		})
	}
}

func TestPromisesThatAreBroken(t *testing.T) {
	for _, tt := range []struct {
		name, promise string
		said          []string
		want          Mismatch
	}{
		{"another text", "= a  one", []string{"a: two"}, Mismatch{"p.txt", 1, "= a  one", "a", "two", "but expected was"}},
		{"another actor", "= a  one", []string{"b: one"}, Mismatch{"p.txt", 0, "", "b", "one", "but the promise knows no actor of that name"}},
		{"a line too many", "= a  one", []string{"a: one", "a: one"}, Mismatch{"p.txt", 0, "", "a", "one", "but the promise expects nothing more from it"}},
		{"a line that never comes", "= a  one\n~ a  two", []string{"a: one"}, Mismatch{"p.txt", 2, "~ a  two", "", "", "the run ended and this never came"}},
		{"exact lines in the wrong order", "= a  one\n= b  two", []string{"b: two", "a: one"}, Mismatch{"p.txt", 1, "= a  one", "b", "two", "too early: first must come"}},
		{"a line before its stage", "~ a  1\n~ b  1\n--\n~ a  2\n~ b  2", []string{"a: 1", "a: 2", "b: 1", "b: 2"}, Mismatch{"p.txt", 2, "~ b  1", "a", "2", "too early: first must come"}},
		{"an actor's lines in the wrong order", "~ a  one\n~ a  two", []string{"a: two", "a: one"}, Mismatch{"p.txt", 1, "~ a  one", "a", "two", "but expected was"}},
		{"a hole filled with something else", "= a  made {n:int}\n= b  got {n}", []string{"a: made 5", "b: got 6"}, Mismatch{"p.txt", 2, "= b  got {n}", "b", "got 6", "but {n} was 5 before"}},
		{"one line, one hole, two fillings", "= a  {n:int} {n}", []string{"a: 1 2"}, Mismatch{"p.txt", 1, "= a  {n:int} {n}", "a", "1 2", "but {n} is both 1 and 2"}},
		{"outside a range", "= a  {:0..10}", []string{"a: 11"}, Mismatch{"p.txt", 1, "= a  {:0..10}", "a", "11", "but 11 is not in 0..10"}},
		{"a number too large for a range", "= a  {:0..10}", []string{"a: 99999999999999999999"}, Mismatch{"p.txt", 1, "= a  {:0..10}", "a", "99999999999999999999", "but 99999999999999999999 is not in 0..10"}},
		{"a check that is not made", "✓ one", nil, Mismatch{"p.txt", 1, "✓ one", "", "", "the run ended and this never came"}},
		{"a check made twice", "✓ one", []string{"✓ one", "✓ one"}, Mismatch{"p.txt", 0, "", "", `the check "one" was made`, "but the promise does not list it, or not that many times"}},
		{"the first difference counts", "= a  one\n= a  two", []string{"a: x", "a: y"}, Mismatch{"p.txt", 1, "= a  one", "a", "x", "but expected was"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, broken := match(t, tt.promise, tt.said...)
			if broken == nil {
				t.Fatal("not broken")
			}
			if *broken != tt.want {
				t.Errorf("got  %+v\nwant %+v", *broken, tt.want)
			}
		})
	}
}

func TestARunOfBlanksIsNotNothing(t *testing.T) {
	if marks, broken := match(t, "= a  x y", "a: xy"); broken == nil {
		t.Errorf("marks %q, want a broken promise", marks)
	}
}

func TestMismatchSaysWhatWasExpectedAndWhatCame(t *testing.T) {
	_, broken := match(t, "# a comment\n= producer  made {n:int}\n= consumer  got {n}", "producer: made 3", "consumer: got 4")
	want := `consumer said "got 4", but {n} was 3 before: "= consumer  got {n}", line 3 of p.txt`
	if broken.Error() != want {
		t.Errorf("got  %s\nwant %s", broken, want)
	}
}

func TestParseErrorsNameTheLine(t *testing.T) {
	for _, tt := range []struct{ name, promise, want string }{
		{"no mark", "= a  x\nhello", `p.txt:2: "hello" does not begin with a mark`},
		{"mark stuck to the actor", "=a  x", `p.txt:1: "=a  x" does not begin with a mark`},
		{"no actor", "=", "p.txt:1: = without an actor"},
		{"unknown hole", "= a  {n}", "p.txt:1: {n}: n is not known here: give it a type"},
		{"unknown type", "= a  {n:number}", `p.txt:1: {n:number}: no type "number"`},
		{"bad name", "= a  {2n:int}", "p.txt:1: {2n:int}: a name is"},
		{"empty range", "= a  {:9..0}", "p.txt:1: {:9..0}: the range is empty"},
		{"two types", "= a  {n:int}\n= a  {n:word}", "p.txt:2: hole n is word here and int in line 1"},
		{"a hole as actor", "= {x:int}  hello", "p.txt:1: actor"},
		{"two families", "= a  {i=0..1} {j=0..1}", "p.txt:1: two families"},
		{"family without range", "= a  {i=5}", "p.txt:1: {i=5}: want a name and a range"},
		{"huge family", "= a  {i=0..999999999}", "p.txt:1: the promise stands for more than 10000 lines"},
		{"too many lines", "repeat i=1..9999\n= a  x\n= a  y\nend", "stands for more than 10000 lines"},
		{"too many turns", "repeat i=1..9999\nrepeat j=1..9999\nend\nend", "more than 10000 turns"},
		{"repeat without range", "repeat 5\n= a  x\nend", `p.txt:1: repeat "5"`},
		{"repeat without end", "repeat i=1..2\n= a  x", "p.txt:2: repeat without end"},
		{"end without repeat", "= a  x\nend", "p.txt:2: end without repeat or when"},
		{"empty family", "= a  {i=9..0}", "p.txt:1: 9..0: the range is empty"},
		{"when without a condition", "when\n= a  x\nend", "p.txt:1: when"},
		{"when without end", "when 1 == 1\n= a  x\nelse\n= a  y", "p.txt:4: when without end"},
		{"when with a number", "when 1\n= a  x\nend", "p.txt:1: when: 1 is neither true nor false"},
		{"let without a value", "let n", "p.txt:1: let \"n\": want a name and a number"},
		{"let of a text", "let n = \"x\"", "p.txt:1: let n: x is not a whole number"},
		{"else twice", "when 1 == 1\nelse\nelse\nend", "p.txt:3: when without end"},
		{"else without when", "= a  x\nelse", "p.txt:2: else without repeat or when"},
		{"a flag that there is not", "when --no-such\nend", "p.txt:1: when \"--no-such\": there is no flag --no-such"},
		{"half an expression", "= a  {2*}", "p.txt:1: {2*}: a value is missing"},
		{"a text without end", "= a  {\"x}", "p.txt:1: {\"x}: the text \"x has no end"},
		{"a parenthesis too few", "= a  {(1+2}", "p.txt:1: {(1+2}: a ) is missing"},
		{"division by zero", "= a  {1/0}", "p.txt:1: {1/0}: division by zero"},
		{"a number that runs over", "= a  {9223372036854775807+1}", "p.txt:1: {9223372036854775807+1}: a number is too large"},
		{"unmatched without a reason", "unmatched", "p.txt:1: unmatched without a reason"},
		{"a hole of a repeat used behind it", "repeat i=1..2\n= a  {n:int}\nend\n= a  {n}", "p.txt:4: {n}: n is not known here"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParsePromise("p.txt", tt.promise)
			var parse *ParseError
			if !errors.As(err, &parse) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func FuzzParsePromise(f *testing.F) {
	f.Add("= a  x {n:int}\n~ b  {n}\n* c  {:text}\n✓ done")
	f.Add("repeat i=1..3\n= rank {r=0..2}  {r} {i+1} {:0..9}\nend")
	f.Add("repeat i=1..99\nrepeat j=1..99\nrepeat k=1..99\nend\nend\nend")
	f.Add("= a  {{{n:float}}}")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePromise("p", text)
		if err != nil {
			var parse *ParseError
			if !errors.As(err, &parse) || parse.Line < 1 {
				t.Fatalf("error without a line: %v", err)
			}
			return
		}
		if n := len(p.lines) + len(p.stars) + len(p.claims); n > maxExpected {
			t.Fatalf("expands to %d lines", n)
		}
		m := p.Matcher()
		for _, e := range p.lines {
			m.Line(e.actor, e.text)
		}
		m.End()
	})
}

// FuzzMatcher holds the matcher against its own rule: a run that says exactly the literal lines of a promise, in its
// order, keeps it, and one that leaves a line out breaks it. One that says something else in place of one line breaks in that line
// alone.
func FuzzMatcher(f *testing.F) {
	f.Add([]byte{0, 1, 2, 1, 0})
	f.Fuzz(func(t *testing.T, turns []byte) {
		if len(turns) == 0 || len(turns) > 200 {
			return
		}
		var promise strings.Builder
		var said [][2]string
		for i, b := range turns {
			mark, actor := "=", string(rune('a'+b%3))
			if b%2 == 1 {
				mark = "~"
			}
			text := strings.Repeat("x", i%5+int(b>>4))
			if b%5 == 4 {
				promise.WriteString("--\n")
			}
			promise.WriteString(mark + " " + actor + "  " + text + "\n")
			said = append(said, [2]string{actor, text})
		}
		p, err := ParsePromise("p", promise.String())
		if err != nil {
			t.Fatal(err)
		}
		whole, short, edited := p.Matcher(), p.Matcher(), p.Matcher()
		for i, s := range said {
			text := s[1]
			if i == int(turns[0])%len(said) {
				text = "edited"
			}
			if mark := edited.Line(s[0], text); (mark == Broken) != (text == "edited") {
				t.Fatalf("line %d, %q, is %s", i+1, text, mark)
			}
			if whole.Line(s[0], s[1]) == Broken {
				t.Fatalf("line %d broke", i+1)
			}
			if i != len(said)-1 {
				short.Line(s[0], s[1])
			}
		}
		if broken := whole.End(); broken != nil {
			t.Fatal(broken)
		}
		if short.End() == nil {
			t.Fatal("a missing line was not missed")
		}
	})
}

func TestAPromiseIsMadeSafeAsWhatIsSaidIs(t *testing.T) {
	p, err := ParsePromise("x.txt", "= \u200fann  \u260e\ufe0f rings\n= \u200fann  carriage\n\u2713 \u2764\ufe0f is red\n")
	if err != nil {
		t.Fatal(err)
	}
	l := New(Config{Promise: p})
	l.Actor("\u200fann").Printf("\u260e\ufe0f rings")
	l.Actor("\u200fann").Printf("carriage\r\n")
	l.Check("\u2764\ufe0f is red", true, true)
	if err := l.End(nil); err != nil {
		t.Error(err)
	}
}
