package practice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cookbook/internal/explore"
	"cookbook/internal/explore/apart"
	"cookbook/recipes"
)

// programs builds one program that holds all programs of all exercises, each in a package of its own: to link 60 programs takes a minute.
// It calls them EXERCISE/FILE.
var programs = sync.OnceValues(func() (exe string, err error) { return buildAll() })

// racing is the same, with the race detector.
var racing = sync.OnceValues(func() (exe string, err error) { return buildAll("-race") })

// program is one of them, as it is judged.
func program(t *testing.T, name, promise string) Program {
	t.Helper()
	exe, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	return Program{Name: name, Promise: promise, Start: Command(exe), Race: func(context.Context) (apart.Command, error) {
		if _, err := exec.LookPath("gcc"); err != nil {
			return nil, ErrNoRace
		}
		exe, err := racing()
		return RaceCommand(exe), err
	}}
}

// built are the folders of both.
var built struct {
	sync.Mutex
	folders []string
}

func buildAll(flags ...string) (exe string, err error) {
	all, err := All(recipes.Catalog())
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "cookbook-exercises-")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	overlay := map[string]string{}
	write := func(name, text string) {
		real := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		overlay[filepath.Join(here, "all", filepath.FromSlash(name))] = real
		if e := os.WriteFile(real, []byte(text), 0o600); e != nil {
			err = e
		}
	}
	var imports, table strings.Builder
	for _, x := range all {
		for name, text := range x.Files {
			if !strings.HasSuffix(name, ".go") {
				continue
			}
			pkg := strings.ReplaceAll(x.Name, "-", "") + strings.TrimSuffix(name, ".go")
			text = strings.Replace(text, "package main\n", "package "+pkg+"\n", 1)
			text = strings.ReplaceAll(text, `.Register("`, `.Register("`+pkg+`.`) // one program may have one function of a name
			write(pkg+"/"+pkg+".go", text)
			write(pkg+"/export.go", "package "+pkg+"\n\nvar Run = run\n")
			fmt.Fprintf(&imports, "\t%q\n", "cookbook/internal/practice/all/"+pkg)
			fmt.Fprintf(&table, "\t\tcase %q:\n\t\t\trun, promise = %s.Run, %q\n", x.Name+"/"+name, pkg, x.Files[Promise])
		}
	}
	for _, o := range odd {
		write(o.name+"/"+o.name+".go", fmt.Sprintf(oddProgram, o.name, o.body))
		fmt.Fprintf(&imports, "\t%q\n", "cookbook/internal/practice/all/"+o.name)
		fmt.Fprintf(&table, "\t\tcase %q:\n\t\t\trun, promise = %s.Run, %q\n", o.name, o.name, oddPromise)
	}
	write("main.go", fmt.Sprintf(allPrograms, imports.String(), table.String()))
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "overlay.json")
	if err = os.WriteFile(file, text, 0o600); err != nil {
		return "", err
	}
	built.Lock()
	built.folders = append(built.folders, dir)
	built.Unlock()
	exe = filepath.Join(dir, "programs.exe")
	out, err := exec.Command("go", slices.Concat([]string{"build", "-buildvcs=false", "-overlay", file, "-o", exe}, flags, []string{"./all"})...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	return exe, err
}

const allPrograms = `package main

import (
	"os"

	"cookbook/internal/catalog"
	"cookbook/internal/explore/apart"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
%s)

func main() {
	process.Main()
	apart.Serve(os.Getenv(apart.Variable), os.Stdin, func(name string, _ []string) (*apart.Subject, error) {
		var run catalog.Run
		var promise string
		switch name {
%s		}
		p, err := transcript.ParsePromise("promise.txt", promise)
		return &apart.Subject{Run: run, Promise: p, Command: name}, err
	})
}
`

const oddPromise = "~ a  a is done\n~ b  b is done\n--\n= main  the sum is 0\n"

const oddProgram = `package %s

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"sync"

	"cookbook/internal/transcript"
)

func Run(ctx context.Context, out *transcript.Log) error {
	var both sync.WaitGroup
	sum := 0
	_, _, _ = os.Exit, exec.Command, runtime.Gosched
%s
	out.Actor("a").Printf("a is done")
	out.Actor("b").Printf("b is done")
	both.Wait()
	out.Printf("the sum is %%d", sum)
	return nil
}
`

// odd are programs that go wrong in ways in which no exercise does.
var odd = []struct {
	name, body string
	kind       explore.FaultKind
	text       string // that the verdict holds
}{
	{"fine", "", "", ""},
	{"other", "sum++", explore.Broken, `main said "the sum is 1"`},
	{"endless", "for {}", explore.Endless, "it runs on and on"},
	{"panics", "both.Go(func() { panic(sum) })", explore.Panicked, "0\ncookbook/internal/practice/all/panics.Run.func1()"},
	{"quits", "os.Exit(sum)", explore.Panicked, "it has ended its own process"},
	{"locked", "var mu sync.Mutex\nmu.Lock()\nmu.Lock()", explore.Deadlock, "nothing can run"},
	{"races", `
	both.Go(func() { sum++ })
	both.Go(func() { sum-- })`, apart.Raced, "use the same variable, and nothing puts the two in order"},
	{"parent", "exec.Command(\"sleep\", \"600\").Start()\nexec.Command(\"true\").Run()", Left, "a process that it started has not"},
}

// compiles skips a test under the race detector that compiles programs: what they do, they do in processes of their own.
func compiles(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skip("make test runs it without the race detector")
	}
}

func TestTheJudgeSaysWhatIsWrong(t *testing.T) {
	compiles(t)
	for _, tt := range odd {
		t.Run(tt.name, func(t *testing.T) {
			j := NewJudge()
			switch tt.kind {
			case Left:
				if runtime.GOOS == "windows" {
					t.Skip("without process groups it is not known")
				}
			case explore.Endless:
				j.Budget, j.Patience = 100*time.Millisecond, 100*time.Millisecond // whatever it is, it does not end
			}
			v, err := j.Judge(t.Context(), program(t, tt.name, oddPromise))
			if err != nil {
				t.Fatal(err)
			}
			if v.Kind != tt.kind || !strings.Contains(v.Text, tt.text) || strings.Contains(v.Text, "/internal/explore") {
				t.Errorf("%q %s, %v", v.Kind, v.Text, v.Notes)
			}
		})
	}
}

func TestAJudgementEndsWithItsContext(t *testing.T) {
	compiles(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("that will do")
	j := NewJudge()
	j.Budget = time.Hour
	j.Stage = func(string) { cancel(cause) }
	if v, err := j.Judge(ctx, program(t, "endless", oddPromise)); !errors.Is(err, cause) {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestOnlyTheSolutionOfAnExerciseIsAccepted(t *testing.T) {
	compiles(t)
	each(t, func(t *testing.T, x *Exercise) {
		for name := range x.Files {
			if !strings.HasSuffix(name, ".go") {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				j := NewJudge()
				j.Timeout, j.Most = time.Minute, 5*time.Minute // a slow machine reaches none of these
				if name != Solution {
					j.Budget = 2 * time.Minute // the search ends when it has found the fault
				}
				v, err := j.Judge(t.Context(), program(t, x.Name+"/"+name, x.Files[Promise]))
				if err != nil {
					t.Fatal(err)
				}
				if v.Passed() != (name == Solution) {
					t.Errorf("accepted: %v, %s %s", v.Passed(), v.Kind, v.Text)
				}
				if kinds := []explore.FaultKind{explore.Broken, explore.Deadlock}; name != Solution && (v.Fault == nil || !slices.Contains(kinds, v.Kind)) {
					t.Errorf("want it refused by an order of its steps that the search finds, and not by luck or for another reason: %s %s", v.Kind, v.How())
				}
				t.Logf("%s %s %v", v.Kind, v.How(), v.Notes)
			})
		}
	})
}
