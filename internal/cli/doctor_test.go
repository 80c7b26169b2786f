package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"cookbook/internal/catalog"
	"cookbook/internal/machine"
	"cookbook/internal/machine/machinetest"
	"cookbook/internal/mpi"
)

// doctor runs the command with nothing on PATH but what is given.
func doctor(t *testing.T, tty bool, twin string, programs map[string]string, args ...string) string {
	t.Helper()
	folder := t.TempDir()
	for name, to := range programs {
		if err := os.Symlink(to, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", folder)
	var out, errs bytes.Buffer
	code := Main(sample(twin), append([]string{"doctor"}, args...), Streams{
		Out: &out, Err: &errs, OutTTY: tty, Width: 80, Env: func(string) (string, bool) { return "", false },
	})
	if code != exitOK || errs.Len() > 0 {
		t.Fatalf("code %d, stderr %s", code, errs.String())
	}
	return out.String()
}

func findings(t *testing.T, twin string, programs map[string]string) map[string]machine.Finding {
	t.Helper()
	var all []machine.Finding
	if err := json.Unmarshal([]byte(doctor(t, false, twin, programs, "--json")), &all); err != nil {
		t.Fatal(err)
	}
	byName := map[string]machine.Finding{}
	for _, f := range all {
		byName[f.Name] = f
	}
	return byName
}

func TestDoctorPromisesNothingThatTheBinaryDoesNotHold(t *testing.T) {
	found := findings(t, "# requires: numpy, zmq\n", map[string]string{
		"python3": machinetest.Python(t, "3.12.1", `"numpy":true,"mpi4py":true`, ""),
		"mpirun":  machinetest.Script(t, "mpirun", "echo 'mpirun (Open MPI) 4.1.4'; echo; echo 'Report bugs'"),
	})
	for _, want := range []machine.Finding{
		{Name: "python: numpy", Chapters: []int{2, 3, 6}, Found: true},
		{Name: "python: mpi4py", Chapters: []int{3}, Found: true, Detail: "installed; for chapter 3, which has no recipes yet"},
		{Name: "python: zmq", Chapters: []int{2}, Found: false, Detail: "not installed", Cost: "twins that need it are skipped", Install: "pip install zmq"},
		{Name: "python: celery", Chapters: []int{5}, Found: false, Detail: "not installed", Cost: "nothing yet: for chapter 5, which has no recipes yet", Install: "pip install celery"},
		{Name: "mpirun", Chapters: []int{3}, Found: true, Detail: "Open MPI 4.1.4; unused by this binary"},
		{Name: "mpicc", Chapters: []int{3}, Found: false, Detail: "no mpicc on PATH", Cost: "nothing yet: unused by this binary", Install: "libopenmpi-dev"},
		{Name: "built with MPI", Chapters: []int{3}, Found: mpi.Built(), Detail: "this binary"},
		{Name: "embedded engine", Chapters: []int{5}, Found: true, Detail: "part of this binary; starts in "},
	} {
		got := found[want.Name]
		if got.Found != want.Found || !reflect.DeepEqual(got.Chapters, want.Chapters) ||
			!strings.Contains(got.Detail, want.Detail) || !strings.Contains(got.Cost, want.Cost) || !strings.Contains(got.Install, want.Install) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if got.Found && (got.Cost != "" || got.Install != "") {
			t.Errorf("%s is found, but costs %q and wants %q", got.Name, got.Cost, got.Install)
		}
	}
	if detail := found["python: numpy"].Detail; strings.Contains(detail, "unused") {
		t.Errorf("a twin uses numpy, but: %s", detail)
	}
	if got := found["processors"]; !reflect.DeepEqual(got.Chapters, []int{2}) {
		t.Errorf("processors matter for chapters %v", got.Chapters)
	}
}

func TestDoctorWithoutPython(t *testing.T) {
	found := findings(t, "", nil)
	if p := found["Python"]; p.Found || p.Detail != "neither python3 nor python is on PATH" || p.Install == "" {
		t.Errorf("%+v", p)
	}
	if p := found["python: numpy"]; p.Found || p.Detail != "no Python" || p.Cost != "nothing yet: unused by this binary's twins" {
		t.Errorf("%+v", p)
	}
}

func TestDoctorForPeopleAndPipes(t *testing.T) {
	for line := range strings.Lines(doctor(t, false, "", nil)) {
		if n := strings.Count(line, "\t"); n != 5 {
			t.Errorf("%d tabs in %q", n, line)
		}
	}
	table := doctor(t, true, "", nil)
	for line := range strings.Lines(table) {
		if line = strings.TrimSuffix(line, "\n"); len([]rune(line)) > 80 || line != strings.TrimRight(line, " ") {
			t.Errorf("%q", line)
		}
	}
	if strings.Contains(table, "pip install") {
		t.Errorf("a table for people tells how to get what nothing uses:\n%s", table)
	}
	for _, part := range []string{"–  Python ", "WHAT", "neither python3 nor python is on PATH", " found; recipes run without Python"} {
		if !strings.Contains(table, part) {
			t.Errorf("no %q in\n%s", part, table)
		}
	}
}

func TestDoctorEndsWithTheChaptersThatLackSomething(t *testing.T) {
	for want, table := range map[string]string{
		"\n2 of 2 found; recipes run without Python, MPI, OpenCL and CUDA\n":  "ff",
		"OpenCL and CUDA\nwhat is missing would be of use to chapter 3\n":     "fm",
		"OpenCL and CUDA\nwhat is missing would be of use to chapters 2, 3\n": "mm",
		"\n1 of 2 found; recipes run without Python, MPI, OpenCL and CUDA\n":  "fu",
	} {
		var all []machine.Finding
		for i, state := range table {
			f := machine.Finding{Name: "thing", Chapters: []int{2 + i}, Found: state == 'f'}
			if state == 'u' {
				f.Unused = "unused by this binary"
			}
			all = append(all, f)
		}
		var out strings.Builder
		a := &app{Streams: Streams{Out: &out, OutTTY: true, Width: 80}}
		if a.printFindings(all); !strings.HasSuffix(out.String(), want) {
			t.Errorf("%s: got\n%s\nwant at its end\n%s", table, out.String(), want)
		}
	}
}

func TestDoctorSaysWhichChaptersHaveNoRecipesYet(t *testing.T) {
	var out strings.Builder
	c := sample("")
	c.Chapters = append(c.Chapters, &catalog.Chapter{Number: 5}, &catalog.Chapter{Number: 6})
	a := &app{catalog: c, Streams: Streams{Out: &out, OutTTY: true, Width: 80}}
	err := a.printFindings([]machine.Finding{{Name: "python: numpy", Chapters: []int{2, 6}}})
	want := "what is missing would be of use to chapter 2\nno recipes yet in chapters 5, 6\n"
	if err != nil || !strings.HasSuffix(out.String(), want) {
		t.Errorf("%v; got\n%s\nwant at its end\n%s", err, out.String(), want)
	}
}

func TestChaptersAreWrittenShort(t *testing.T) {
	for want, chapters := range map[string][]int{"": nil, "2": {2}, "2, 3": {2, 3}, "2–4, 6": {2, 3, 4, 6}, "1, 3–5": {1, 3, 4, 5}} {
		if got := numbers(chapters); got != want {
			t.Errorf("%v: got %q, want %q", chapters, got, want)
		}
	}
}
