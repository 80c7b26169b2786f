package bench

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"cookbook/internal/bench/primitive"
	"cookbook/internal/catalog"
	"cookbook/internal/golden"
	"cookbook/internal/machine/machinetest"
)

// contestants are programs that stand for Python and for cookbook, and the folder in which nothing may be left.
type contestants struct {
	python, exe, tmp string
}

// play has fake programs measure two operations and a recipe.
func (c contestants) play(ctx context.Context, t *testing.T, rounds int) (*Report, error) {
	t.Helper()
	b := &Bench{Exe: c.exe, Python: c.python, Rounds: rounds, Speed: "max", Timeout: time.Minute}
	return b.Run(ctx, Plan{Operations: operations(), Recipes: sample("").Entries()})
}

func operations() []primitive.Primitive {
	return []primitive.Primitive{
		{Name: "a lock", Chapter: 2, Script: "threading_bench.py", Key: "lock", PlainIs: "sync.Mutex"},
		{Name: "a queue", Chapter: 2, Script: "threading_bench.py", Key: "queue", OtherWork: "Go copies"},
		{Name: "a task, in bytes", Chapter: 4, Script: "asyncio_bench.py", Key: "task", Bytes: func(context.Context) (float64, error) { return 0, nil }},
	}
}

// enter makes the contestants: what Python does with a script, and cookbook with its command, are parts of a case in shell.
func enter(t *testing.T, python, exe string) contestants {
	t.Helper()
	c := contestants{tmp: t.TempDir()}
	t.Setenv("TMPDIR", c.tmp)
	t.Setenv("TMP", c.tmp)
	c.python = machinetest.Python(t, "3.12.1", "", "case $1 in\n"+python+"\nesac\n")
	c.exe = machinetest.Script(t, "cookbook", "case $1-$2 in\n"+exe+"\nesac\n")
	return c
}

// steady contestants always print the same.
const (
	steadyPython = `*/threading_bench.py) echo '{"python":"CPython","ns":{"lock":90,"queue":5000},"bytes":{},"missing":{}}';;
*/asyncio_bench.py) echo '{"ns":{},"bytes":{"task":800},"missing":{}}';;
-c) sleep 0.05; echo item 1 of {all}; echo item 2 of {all};;`
	steadyGo = `version-) exit 0;;
bench-go) echo '{"ns":{"lock":30,"queue":50},"plain":{"lock":10},"bytes":{"task":1600},"missing":{}}';;
run-*) sleep 0.05; echo item 1 of {all}; echo item 2 of {all};;`
)

func TestBothSidesTakeTurns(t *testing.T) {
	log := t.TempDir() + "/log"
	c := enter(t, "esac; echo python ${1##*/} $2 $3 $4 $5 >> "+log+"; case $1 in\n"+steadyPython, "esac; echo \"$1 $2 $3\" >> "+log+"; case $1-$2 in\n"+steadyGo)
	if _, err := c.play(t.Context(), t, 2); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	p, g := "python threading_bench.py --rounds 1 lock queue\n", "bench go a lock\n"
	pa, ga := "python asyncio_bench.py --rounds 1 task\n", "bench go a task, in bytes\n"
	if want := p + g + g + p + pa + ga + ga + pa; !strings.HasPrefix(string(got), want) {
		t.Errorf("got\n%swant first\n%s", got, want)
	}
}

func TestRowsHaveARatioOrSayWhyNot(t *testing.T) {
	r, err := enter(t, steadyPython, steadyGo).play(t.Context(), t, 3)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range r.Rows {
		if row.Kind == recipeKind {
			row.Finding.Ratio = nil // of the real time of fake programs
			if row.Python == nil || row.Go == nil {
				t.Errorf("%+v", row)
			}
			continue
		}
		got = append(got, row.Name+" "+row.RatioText()+" "+row.Remark()+" "+row.Headline)
	}
	want := []string{"a lock 3  Go is 3.0 × faster (python/go = 3)", "a queue – Go copies no ratio: Go copies", "a task, in bytes 0.5  Go is 2.0 × larger (python/go = 0.5)"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if r.Rows[0].Plain == nil || r.Rows[0].Plain.Median != 10 || !r.Measured() || r.Processors < 1 || !strings.HasPrefix(r.Python, "3.12.1") {
		t.Errorf("%+v", r)
	}
}

func TestWhatCannotBeMeasuredIsARowThatSaysWhy(t *testing.T) {
	lock := func(python, exe string) (*Report, error) { return enter(t, python, exe).play(t.Context(), t, 2) }
	seen := t.TempDir() + "/seen"
	for name, test := range map[string]struct {
		python, exe string
		want        [4]string // of the rows: a lock, a queue, the recipe, the task
	}{
		"a module is missing": {`*/threading_bench.py) echo '{"ns":{"queue":7},"missing":{"lock":"there is no module lock"}}';;`, "",
			[4]string{"there is no module lock", "Go copies", "", ""}},
		"a script fails": {`*/threading_bench.py) echo "Traceback: oh" >&2; exit 1;;`, "",
			[4]string{"threading, the side of python failed: exit status 1: Traceback: oh", "Traceback: oh", "", ""}},
		"a script prints nonsense": {`*/threading_bench.py) echo hello;;`, "",
			[4]string{"what the side of python printed is not JSON", "is not JSON", "", ""}},
		"a figure is not there": {`*/threading_bench.py) echo '{"ns":{"queue":7}}';;`, "",
			[4]string{"printed no figure for lock", "Go copies", "", ""}},
		"the spread swallows it": {"", "bench-go) if [ -e " + seen + " ]; then v=100; else v=1; touch " + seen + `; fi; echo '{"ns":{"lock":'$v',"queue":50},"bytes":{"task":1}}';;`,
			[4]string{"the spreads overlap: Python 90 to 90 ns, Go 1.0 to 100 ns; see --rounds", "Go copies", "", ""}},
		"the lines differ": {"-c) sleep 0.01; echo item 1 of {all};;", "",
			[4]string{"", "Go copies", "not timed: not the same work: Python prints 1 lines, Go 2; only Go has: item 2 of {all}", ""}},
		"the twin fails": {"-c) echo Boom >&2; exit 1;;", "",
			[4]string{"", "Go copies", "the Python twin of ch2.lock failed: exit status 1: Boom", ""}},
	} {
		r, err := lock(test.python+"\n"+steadyPython, test.exe+"\n"+steadyGo)
		if err != nil || len(r.Rows) != 4 {
			t.Fatalf("%s: %v", name, err)
		}
		for i, want := range test.want {
			if got := r.Rows[i].Remark(); !strings.Contains(got, want) || want == "" && got != "" && i != 2 {
				t.Errorf("%s: row %s says %q, want %q", name, r.Rows[i].Name, got, want)
			}
		}
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	c := enter(t, steadyPython, steadyGo)
	if _, err := c.play(t.Context(), t, 1); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	b := &Bench{Exe: c.exe, Python: c.python, Rounds: 2, Timeout: time.Minute, Progress: func(_ string, done, _ int) {
		if done == 1 {
			cancel(stopped)
		}
	}}
	if _, err := b.Run(ctx, Plan{Operations: operations()}); !errors.Is(err, stopped) {
		t.Errorf("got %v, want the cause", err)
	}
	if left, err := os.ReadDir(c.tmp); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

func TestWhatWasMeasuredBeforeAnInterruptIsReported(t *testing.T) {
	c := enter(t, steadyPython, steadyGo)
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	b := &Bench{Exe: c.exe, Python: c.python, Rounds: 2, Timeout: time.Minute, Progress: func(_ string, done, _ int) {
		if done == 5 { // the first script has had two rounds on each side
			cancel(stopped)
		}
	}}
	r, err := b.Run(ctx, Plan{Operations: operations()})
	if !errors.Is(err, stopped) {
		t.Errorf("got %v, want the cause", err)
	}
	if r == nil || !r.Interrupted || len(r.Rows) != 2 || r.Rows[0].Name != "a lock" || r.Rows[1].Go == nil {
		t.Errorf("got %+v, want the rows of the lock and the queue", r)
	}
}

func TestWithoutPythonThereIsNothingToMeasure(t *testing.T) {
	b := &Bench{Python: "/nowhere/python3", Rounds: 1}
	_, err := b.Run(t.Context(), Plan{Operations: operations()})
	if missing, ok := errors.AsType[*MissingError](err); !ok || missing.Need != catalog.Need("Python 3.9 or newer") || !strings.Contains(err.Error(), "--python") {
		t.Errorf("got %v", err)
	}
}

// reported is a report with all that a picture or a page can show.
func reported() *Report {
	load := 0.07
	times := func(median, least, most float64) *Spread { return &Spread{median, least, most} }
	r := &Report{Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), System: "linux/amd64", Processor: "A <processor>", Processors: 2, Load: &load,
		Go: "1.26.8", Python: "3.11.2, with GIL", PythonPath: "/usr/bin/python3", Rounds: 5, Speed: "max"}
	for _, row := range []Row{
		{Name: "a lock", Kind: primitiveKind, Chapter: 2, Unit: "ns", Python: times(90, 88, 140), Go: times(30, 29, 31), Plain: times(10, 10, 11), PlainIs: "sync.Mutex"},
		{Name: "ch2.lock", Kind: recipeKind, Chapter: 2, Unit: "ns", Python: times(2e8, 1e8, 4e8), Go: times(3e8, 2e8, 5e8)},
		{Name: "a task, in bytes", Kind: primitiveKind, Chapter: 4, Unit: "B", Python: times(800, 800, 800), Go: times(1600, 1600, 1600)},
		{Name: "a call", Kind: primitiveKind, Chapter: 5, Unit: "ns", Go: times(1e4, 1e4, 1e4), Missing: "there is no module <x> | y"},
	} {
		if row.Python != nil {
			row.Finding = Judge(Evidence{Python: *row.Python, Go: *row.Go, Rounds: 5, RoundsFlag: RoundsFlag})
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

func TestThePicture(t *testing.T) {
	p := Plot(reported())
	p.Embed() // without the style sheet, which is package svg's
	text, err := p.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "plot.svg", string(text))
}

func TestThePage(t *testing.T) {
	dir := t.TempDir()
	if err := WritePage(dir, reported()); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(dir + "/benchmarks.md")
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "benchmarks.md", string(page))
	if left, err := os.ReadDir(dir); err != nil || len(left) != 3 { // the page, and pictures of two chapters with something to draw
		t.Errorf("files %v, %v", left, err)
	}
}
