package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// save writes a file; each save has a time of its own, as if they were a second apart.
func save(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	clock.Lock()
	defer clock.Unlock()
	clock.now = clock.now.Add(time.Second)
	if err := os.Chtimes(path, clock.now, clock.now); err != nil {
		t.Fatal(err)
	}
}

var clock = struct {
	sync.Mutex
	now time.Time
}{now: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}

// bench is a loop whose judge is the test. It lives in a synctest bubble, whose clock stands still until all wait.
type bench struct {
	dir  string
	next chan Result

	mu    sync.Mutex
	out   strings.Builder
	calls []string // what was judged
	ended int      // judgements that were ended

	stop context.CancelCauseFunc
	done chan error
}

func start(t *testing.T, o Options, files ...string) *bench {
	b := &bench{dir: t.TempDir(), next: make(chan Result), done: make(chan error, 1)}
	for _, name := range files {
		save(t, b.dir, name, "")
	}
	o.Dir, o.Out = b.dir, b
	o.Judge = func(ctx context.Context, saved string) Result {
		b.note(func() { b.calls = append(b.calls, saved) })
		select {
		case r := <-b.next:
			return r
		case <-ctx.Done():
			b.note(func() { b.ended++ })
			return Result{}
		}
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	b.stop = cancel
	go func() { b.done <- Loop(ctx, o) }()
	b.looks()
	return b
}

func (b *bench) note(what func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	what()
}

func (b *bench) Write(text []byte) (n int, err error) {
	b.note(func() { n, err = b.out.Write(text) })
	return n, err
}

// judgements are the files that were judged, and how many of these judgements were ended.
func (b *bench) judgements() (calls []string, ended int) {
	b.note(func() { calls, ended = slices.Clone(b.calls), b.ended })
	return calls, ended
}

// looks lets a few looks at the files pass.
func (b *bench) looks() {
	time.Sleep(5 * every)
	synctest.Wait()
}

// said is what has been shown since it was asked last.
func (b *bench) said() (text string) {
	synctest.Wait()
	b.note(func() {
		text = b.out.String()
		b.out.Reset()
	})
	return text
}

// judged answers the call that waits, and returns what is shown.
func (b *bench) judged(r Result) string {
	b.next <- r
	return b.said()
}

func (b *bench) end(t *testing.T) {
	t.Helper()
	interrupted := errors.New("interrupted")
	b.stop(interrupted)
	if err := <-b.done; err != interrupted {
		t.Errorf("Loop returned %v", err)
	}
}

var (
	kept   = Result{State: Kept, What: "2 promises kept in 1.0 ms", At: -1}
	broken = Result{State: Broken, Fault: "= main  two (line 2 of a.txt)", At: 1, Rows: []Row{
		{"= main  one", "= main  one", 1, false}, {"= main  two", "! main  TWO", 2, true},
	}, Below: []string{"main said TWO"}}
	unbuilt = Result{State: Unbuilt, At: -1, Below: []string{"./a.go:1:2: undefined: x"}}
)

func TestEachSaveIsJudged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, Options{}, "b.go", "a.go")
		if got := b.judged(kept); !strings.HasPrefix(got, "kept  begun ") || !strings.Contains(got, " · 2 promises kept in 1.0 ms\n\n") {
			t.Errorf("first: %q", got)
		}
		b.looks()
		if calls, _ := b.judgements(); len(calls) != 1 {
			t.Errorf("nothing was saved, and judged were %q", calls)
		}
		save(t, b.dir, "sub/c.txt", "more")
		b.looks()
		if got := b.judged(broken); !strings.Contains(got, "BROKEN  c.txt saved") || !strings.Contains(got, "» = main  two") || !strings.Contains(got, "! main  TWO\n") || !strings.Contains(got, "\nmain said TWO\n") {
			t.Errorf("broken: %s", got)
		}
		if err := os.Remove(filepath.Join(b.dir, "b.go")); err != nil {
			t.Fatal(err)
		}
		b.looks()
		if got := b.judged(unbuilt); !strings.Contains(got, "does not compile  b.go saved") || !strings.Contains(got, "\n./a.go:1:2: undefined: x\n") {
			t.Errorf("compile error: %s", got)
		}
		save(t, b.dir, "a.go", "mended")
		b.looks()
		if got := b.judged(kept); !strings.Contains(got, "\nmended: = main  two (line 2 of a.txt)\nmended: it did not compile\n") {
			t.Errorf("mended: %s", got)
		}
		save(t, b.dir, "a.go", "again")
		b.looks()
		if got := b.judged(kept); strings.Contains(got, "mended") || strings.Contains(got, "\x1b") {
			t.Errorf("kept again: %q", got)
		}
		b.end(t)
	})
}

func TestWhatIsNoSourceIsNotWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, Options{}, "a.go")
		b.judged(kept)
		for _, name := range []string{"a.go~", ".a.go.swp", ".#a.go", "#a.go#", "_a.go", "~a.go", "4913", "a.md", "a", ".git/a.go", "testdata/a.txt", "_x/a.go"} {
			save(t, b.dir, name, "x")
		}
		b.looks()
		if calls, _ := b.judgements(); len(calls) != 1 {
			t.Errorf("judged were %q", calls)
		}
		for _, name := range []string{"a.go", "go.mod", "b/a.txt"} {
			save(t, b.dir, name, "y")
			b.looks()
			b.judged(kept)
		}
		const want = "a.go a.go go.mod b/a.txt"
		if calls, _ := b.judgements(); strings.Join(calls, " ") != want {
			t.Errorf("judged were %q, want %s", calls, want)
		}
		b.end(t)
	})
}

func TestASaveEndsTheRunInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, Options{}, "a.go")
		save(t, b.dir, "a.go", "1")
		b.looks()
		save(t, b.dir, "a.go", "22") // and at once
		save(t, b.dir, "a.go", "333")
		b.looks()
		if calls, ended := b.judgements(); ended != len(calls)-1 || calls[len(calls)-1] != "a.go" {
			t.Errorf("of %q %d were ended, want all but the last", calls, ended)
		}
		if got := b.said(); got != "" {
			t.Errorf("said of runs that were ended: %s", got)
		}
		if got := b.judged(kept); strings.Count(got, "kept  a.go") != 1 {
			t.Errorf("said %s", got)
		}
		b.end(t)
	})
}

// An editor writes in pieces, or first a new file and then renames it.
func TestASaveIsJudgedWhenItIsComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, Options{}, "a.go")
		b.judged(kept)
		for _, text := range []string{"p", "pa", "pac", "pack"} {
			save(t, b.dir, "a.go", text)
			time.Sleep(every) // until the next look
			synctest.Wait()
			if calls, _ := b.judgements(); len(calls) != 1 {
				t.Fatalf("judged after %q", text)
			}
		}
		b.looks()
		if calls, _ := b.judgements(); len(calls) != 2 {
			t.Errorf("judged were %q", calls)
		}
		b.judged(kept)
		b.end(t)
	})
}

// A file that came and went while a run went on has ended it.
func TestARunThatWasEndedForNothingIsDoneAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, Options{}, "a.go")
		save(t, b.dir, "b.go", "")
		time.Sleep(every)
		synctest.Wait()
		if err := os.Remove(filepath.Join(b.dir, "b.go")); err != nil {
			t.Fatal(err)
		}
		b.looks()
		if calls, _ := b.judgements(); len(calls) != 2 || calls[1] != "a.go" {
			t.Errorf("judged were %q", calls)
		}
		if got := b.judged(kept); !strings.Contains(got, "kept  a.go") {
			t.Errorf("said %q", got)
		}
		b.end(t)
	})
}

func TestTheEndComesWhileAJudgeWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, Options{}, "a.go")
		b.end(t)
		if _, ended := b.judgements(); ended != 1 || b.said() != "" {
			t.Error("the judge was not ended, or something was said")
		}
	})
}

// A terminal writes ^C behind what stands there, and a shell its prompt behind that.
func TestTheEndBeginsANewLineOnATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, Options{Size: func() (int, int) { return 80, 24 }}, "a.go")
		before := b.said()
		b.end(t)
		if after := strings.TrimPrefix(b.said(), before); after != "\n" {
			t.Errorf("said %q at the end", after)
		}
	})
}

func TestAFolderThatGoesEndsTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, Options{}, "a.go")
		b.judged(kept)
		if err := os.RemoveAll(b.dir); err != nil {
			t.Fatal(err)
		}
		if err := <-b.done; err == nil || !strings.Contains(err.Error(), "cannot be watched") {
			t.Errorf("Loop returned %v", err)
		}
	})
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestAnOutputThatFailsEndsTheLoop(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, "a.go", "")
	judge := func(context.Context, string) Result { return kept }
	if err := Loop(t.Context(), Options{Dir: dir, Out: full{}, Judge: judge}); err == nil || err.Error() != "full" {
		t.Errorf("Loop returned %v", err)
	}
}

func TestAFolderWithoutSourcesIsRefused(t *testing.T) {
	judge := func(context.Context, string) Result { return kept }
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none")} {
		if err := Loop(t.Context(), Options{Dir: dir, Out: full{}, Judge: judge}); err == nil || err.Error() == "full" {
			t.Errorf("%s: Loop returned %v", dir, err)
		}
	}
}

func TestWithoutGoNothingIsRun(t *testing.T) {
	t.Setenv("PATH", "")
	dir := t.TempDir()
	save(t, dir, "a.go", "")
	if err := Loop(t.Context(), Options{Dir: dir, Out: full{}}); !errors.Is(err, ErrNoGo) {
		t.Errorf("Loop returned %v", err)
	}
}
