package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cookbook/internal/golden"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// root is the repository, seen from the folder of the tests.
const root = ".."

// sampleOf returns the sample with another text.
func sampleOf(t *testing.T, change func(string) string) *file {
	t.Helper()
	l, err := newLoader(t.Context(), root, "./internal/threading", "golang.org/x/sync/errgroup")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join("testdata", "sample", "sample.go"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.parse("cookbook/mutants/sample", "sample", map[string][]byte{"sample.go": []byte(change(string(text)))})
	if err != nil {
		t.Fatal(err)
	}
	return p.files["sample.go"]
}

func same(text string) string { return text }

func TestMutantsOfASample(t *testing.T) {
	f := sampleOf(t, same)
	var got strings.Builder
	for _, m := range mutants(f, "sample") {
		compiles := m.compiles() // may change what it says
		fmt.Fprintf(&got, "%d %s: %s", m.Line, m.Function, m.Operator)
		if m.Nth > 1 {
			fmt.Fprintf(&got, " #%d", m.Nth)
		}
		if !compiles {
			got.WriteString(" (does not compile)")
		}
		fmt.Fprintf(&got, "\n%s\n", m.diff())
	}
	golden.Compare(t, "sample.golden", got.String())
}

func TestTheSampleHasAllOperators(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range mutants(sampleOf(t, same), "sample") {
		seen[m.Operator] = true
		if about[m.Operator] == "" && m.Operator != "Signal ↔ Broadcast" {
			t.Errorf("the report does not say what %q is", m.Operator)
		}
	}
	for operator := range about {
		if !seen[operator] {
			t.Errorf("no mutant by %q", operator)
		}
	}
}

func TestOnlyTheChangeIsChanged(t *testing.T) {
	f := sampleOf(t, same)
	for _, m := range mutants(f, "sample") {
		text := m.text()
		if !bytes.HasPrefix(text, f.src[:m.start]) || !bytes.HasSuffix(text, f.src[m.end:]) || bytes.Equal(text, f.src) {
			t.Errorf("%s: what is around the change differs, or nothing does", m.key())
		}
	}
}

func TestAMutantKeepsItsNameWhenItsLineMoves(t *testing.T) {
	keys := func(f *file) (keys []string) {
		for _, m := range mutants(f, "sample") {
			keys = append(keys, m.key())
		}
		return keys
	}
	before := keys(sampleOf(t, same))
	after := keys(sampleOf(t, func(text string) string {
		return strings.Replace(text, "type log struct", "\n// More lines.\n\ntype log struct", 1)
	}))
	if strings.Join(before, "\n") != strings.Join(after, "\n") {
		t.Errorf("got %q, before it was %q", after, before)
	}
	seen := map[string]bool{}
	for _, key := range before {
		if seen[key] {
			t.Errorf("two mutants are named %q", key)
		}
		seen[key] = true
	}
}

// A mutant of a recipe is built and judged: a lock that is never given back.
func TestBothJudgesSeeALockThatIsKept(t *testing.T) {
	t.Chdir(root)
	o, err := parseOptions([]string{"--only", "ch2/lock.go addAndSubtractLocked: delete an Unlock"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	all, err := find(t.Context(), ".", o.only)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d mutants, %v; want one", len(all), err)
	}
	court, remove, err := newCourt(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	asItStands := *all[0]
	asItStands.start, asItStands.end, asItStands.by = 0, 0, ""
	base, err := court.judge(t.Context(), &asItStands, nil)
	if err != nil || !base.lives() {
		t.Fatalf("the recipe as it stands: %+v, %v", base, err)
	}
	got, err := court.judge(t.Context(), all[0], &base)
	if err != nil || got.Stress.Kill != "hang" || got.Explore.Kill != "deadlock" {
		t.Errorf("got %+v, %v; want a hang and a deadlock", got, err)
	}
}

func TestATrialThatIsStoppedSaysWhy(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("stopped")
	cancel(why)
	t.Chdir(root)
	if err := run(ctx, []string{"--only", "ch2.lock"}, io.Discard, io.Discard); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
}

func TestWrongUsage(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--only", "("}, "--only: "},
		{[]string{"ch2"}, `unexpected argument "ch2"; mutants are chosen with --only`},
		{[]string{"--jobs", "0"}, "--jobs 0: want at least 1"},
		{[]string{"--nothing"}, "not defined: --nothing; mutants --help lists the flags"},
	} {
		if err := run(t.Context(), tt.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) || exitCode(err) != 2 {
			t.Errorf("%q: got %v, exit code %d; want %q, 2", tt.args, err, exitCode(err), tt.want)
		}
	}
	if err := run(t.Context(), nil, io.Discard, io.Discard); exitCode(err) != 2 || !strings.Contains(err.Error(), "in the root of the repository") {
		t.Errorf("elsewhere: got %v", err)
	}
}
