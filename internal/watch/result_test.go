package watch

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"cookbook/internal/transcript"
)

// events are what a run of a promise prints that says these lines, "a: text" by a, "check claim" for a check that holds, and "wrong
// claim" for one that does not.
func events(t *testing.T, promise string, err error, said ...string) *bytes.Buffer {
	t.Helper()
	p, bad := transcript.ParsePromise("p.txt", promise)
	if bad != nil {
		t.Fatal(bad)
	}
	var out bytes.Buffer
	log := transcript.New(transcript.Config{Recipe: "ch0.x", Promise: p, Sink: transcript.JSON(&out)})
	log.Note("a note")
	for _, line := range said {
		if claim, ok := strings.CutPrefix(line, "check "); ok {
			log.Check(claim, 3, 3)
		} else if claim, ok := strings.CutPrefix(line, "wrong "); ok {
			log.Check(claim, 3, 4)
		} else {
			actor, text, _ := strings.Cut(line, ": ")
			log.Actor(actor).Printf("%s", text)
		}
	}
	log.End(err)
	return &out
}

func TestARunIsReadAsRowsBesideItsPromise(t *testing.T) {
	const three = "= a  one\n= a  two {n:int}\n✓ sum\n= a  three"
	for name, c := range map[string]struct {
		promise string
		err     error
		said    []string
		state   State
		rows    string // promised | came, the broken one with a »
		fault   string
		below   string
	}{
		"kept": {three, nil, []string{"a: one", "a: two 2", "check sum", "a: three"}, Kept,
			" = a  one | = a  one\n = a  two {n:int} | = a  two 2\n ✓ sum | ✓ sum: 3\n = a  three | = a  three\n", "", ""},
		"another text": {three, nil, []string{"a: one", "a: TWO", "check sum", "a: three"}, Broken,
			" = a  one | = a  one\n»= a  two {n:int} | ! a  TWO\n ✓ sum | ✓ sum: 3\n = a  three | = a  three\n",
			"= a  two {n:int} (line 2 of p.txt)", `a said "TWO"`},
		"it never came": {three, nil, []string{"a: one", "a: two 2", "check sum"}, Broken,
			" = a  one | = a  one\n = a  two {n:int} | = a  two 2\n»= a  three | \n ✓ sum | ✓ sum: 3\n",
			"= a  three (line 4 of p.txt)", "the run ended and this never came"},
		"a line too many": {"= a  one", nil, []string{"a: one", "a: one"}, Broken,
			" = a  one | = a  one\n» | ! a  one\n", "! a  one", "expects nothing more"},
		"another actor": {"= a  one", nil, []string{"b: one", "a: one"}, Broken,
			"» | ! b  one\n = a  one | = a  one\n", "! b  one", "no actor of that name"},
		"too early": {"= a  one\n= b  two", nil, []string{"b: two", "a: one"}, Broken,
			"»= a  one | ! b  two\n = a  one | = a  one\n", "= a  one (line 1 of p.txt)", "too early"},
		"a check that did not hold": {three, nil, []string{"a: one", "a: two 2", "wrong sum", "a: three"}, Broken,
			" = a  one | = a  one\n = a  two {n:int} | = a  two 2\n»✓ sum | ✗ sum: got 3, want 4\n = a  three | = a  three\n",
			"✓ sum", "check failed: sum: got 3, want 4"},
		"a check that nobody promised": {"= a  one", nil, []string{"a: one", "check sum"}, Broken,
			" = a  one | = a  one\n» | ✓ sum: 3\n", "✓ sum: 3", `the check "sum" was made`},
		"an error": {three, errors.New("no\nway"), []string{"a: one"}, Failed,
			" = a  one | = a  one\n", "", "no\nway"},
		"no promise at all": {"unmatched they are yours", nil, []string{"a: one"}, Kept, "  | a  one\n", "", "they are yours"},
	} {
		t.Run(name, func(t *testing.T) {
			r := Read(events(t, c.promise, c.err, c.said...))
			rows := ""
			for i, row := range r.Rows {
				mark := " "
				if i == r.At {
					mark = "»"
				}
				rows += fmt.Sprintf("%s%s | %s\n", mark, row.Expected, row.Got)
			}
			if r.State != c.state || rows != c.rows || r.Fault != c.fault || !strings.Contains(strings.Join(r.Below, "\n"), c.below) {
				t.Errorf("got %s\n%s%s\n%q\nwant %s\n%s%s\n%q", r.State, rows, r.Fault, r.Below, c.state, c.rows, c.fault, c.below)
			}
		})
	}
}

func TestWhatIsNoEventIsPassedOver(t *testing.T) {
	out := events(t, "= a  one", nil, "a: one")
	r := Read(strings.NewReader("debugging\n{}\n[1]\n" + out.String() + "bye"))
	if r.State != Kept || len(r.Rows) != 1 || !strings.HasPrefix(r.What, "1 promise kept in ") {
		t.Errorf("read %+v", r)
	}
	if r := Read(strings.NewReader("panic")); r.State != Failed || r.At != -1 {
		t.Errorf("read %+v", r)
	}
}
