package cli

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"cookbook/internal/glossary"
)

func glossaryOf(t *testing.T, args string, tty bool) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(sample(""), append([]string{"glossary"}, strings.Fields(args)...), Streams{
		Out: &out, Err: &errs, OutTTY: tty, Width: 80,
		Env: func(name string) (string, bool) { return "cat", name == "PAGER" },
	})
	return code, out.String(), errs.String()
}

func TestGlossaryJoinsTheTablesOfAllExplanations(t *testing.T) {
	code, out, errs := glossaryOf(t, "--json", false)
	var got glossary.Glossary
	if err := json.Unmarshal([]byte(out), &got); code != exitOK || err != nil {
		t.Fatalf("code %d, %v, stderr %s", code, err, errs)
	}
	want := []glossary.Counterpart{ // in the order of the alphabet, what has no name in Python last
		{Python: "module threading", Go: "go, package sync", Recipes: []string{"ch2"}},
		{Python: "threading.Lock()", Go: "sync.Mutex", Remark: "a | b", Recipes: []string{"ch2.lock"}},
		{Python: "–", Go: "go_race -x", Recipes: []string{"ch2.lock"}},
	}
	if !reflect.DeepEqual(got.Names, want) {
		t.Errorf("got %+v\nwant %+v", got.Names, want)
	}
	for i := range got.Words {
		w := got.Words[i]
		if w.Word == "" || w.Meaning == "" || i > 0 && w.Word <= got.Words[i-1].Word {
			t.Errorf("word %d, %+v, is empty or not in its place", i, w)
		}
	}
}

func TestGlossaryIsSearchedByBeginningsOfWords(t *testing.T) {
	for _, tt := range []struct {
		args string
		want []string // in the output, on lines of their own
		code int
	}{
		{"threading.Lock", []string{"| `threading.Lock()` |"}, exitOK},
		{"lock", []string{"| `threading.Lock()` |", "| lockstep |"}, exitOK},
		{"race", []string{"| – | `go_race -x` |"}, exitOK},
		{"threading mutex", []string{"| `threading.Lock()` |"}, exitOK},
		{"threading", []string{"| module `threading` |", "| `threading.Lock()` |"}, exitOK},
		{"ch2.lock", []string{"| `threading.Lock()` |", "| – |"}, exitOK},
		{"Promise", []string{"| promise |"}, exitOK},
		{"ock", nil, exitFailed},
		{"lock promise", nil, exitFailed},
	} {
		t.Run(tt.args, func(t *testing.T) {
			code, out, errs := glossaryOf(t, tt.args, false)
			lines := 0
			for l := range strings.Lines(out) {
				if strings.HasPrefix(l, "| ") && !strings.HasPrefix(l, "| ---") && !strings.HasPrefix(l, "| Python |") && !strings.HasPrefix(l, "| word |") {
					lines++
				}
			}
			for _, want := range tt.want {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
			if code != tt.code || lines != len(tt.want) || (errs != "") != (tt.code != exitOK) {
				t.Errorf("code %d, %d lines, stderr %q\n%s", code, lines, errs, out)
			}
		})
	}
}

func TestGlossaryOnATerminalIsAPage(t *testing.T) {
	code, out, errs := glossaryOf(t, "threading.Lock", true)
	if code != exitOK || !strings.Contains(out, "From Python to Go\n━") || strings.Contains(out, "|") && !strings.Contains(out, "a | b") || strings.Contains(out, "`") {
		t.Errorf("code %d, stderr %q, stdout\n%s", code, errs, out)
	}
}

func TestGlossaryOffersItsNames(t *testing.T) {
	var out bytes.Buffer
	code := Main(sample(""), []string{"__complete", "glossary", "thr"}, Streams{Out: &out, Err: &bytes.Buffer{}, Env: func(string) (string, bool) { return "", false }})
	if want := "threading\nthreading.Lock\n:4\n"; code != exitOK || out.String() != want {
		t.Errorf("code %d, got %q, want %q", code, out.String(), want)
	}
}
