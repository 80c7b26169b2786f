package main

import (
	"os/exec"
	"path"
	"strings"
	"testing"
)

// The floors of the house, the lowest first. A package may import packages of lower floors, and of its own as long as there is
// no cycle. A package whose path begins with that of another one, such as internal/mpi/local, is on the same floor.
var floors = [][]string{
	{"internal/child", "internal/folder", "internal/futex", "internal/golden", "internal/measure", "internal/svg", "internal/temp", "internal/terminal", "internal/timeline/children", "internal/turn", "internal/waitfor"},
	{"internal/chart", "internal/page", "internal/timeline", "internal/transcript"},
	{"internal/catalog"},
	{"internal/alone", "internal/command", "internal/glossary", "internal/timeline/record", "internal/watch"}, // up to here: the ground, which knows no engine
	{"internal/async", "internal/bare", "internal/distributed", "internal/executor", "internal/explore", "internal/gpu", "internal/mpi", "internal/process", "internal/threading", "internal/wire"},
	{"recipes"},
	{"internal/eject", "internal/machine", "internal/practice", "internal/serve", "internal/site"},
	{"internal/bench"},
	{"internal/cli"},
	{"cmd", "mutants"},
}

// floor is where a package stands, -1 if it has no place.
func floor(pkg string) int {
	name := strings.TrimPrefix(pkg, "cookbook/")
	for ; name != "."; name = path.Dir(name) {
		for i, all := range floors {
			for _, p := range all {
				if p == name {
					return i
				}
			}
		}
	}
	return -1
}

// goList is what go list says, with cgo. What it says of its downloads is left out.
func goList(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=1")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, said.String())
	}
	return string(out)
}

func TestNoPackageImportsUpward(t *testing.T) {
	// The tags make go list look into the files of engines that are not built by default.
	for line := range strings.Lines(goList(t, "-tags", "mpi,cuda", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "cookbook/...")) {
		fields := strings.Fields(line)
		from := floor(fields[0])
		if from < 0 {
			t.Errorf("%s has no floor: give it one in this test, and a line in the README", fields[0])
		}
		for _, to := range fields[1:] {
			if strings.HasPrefix(to, "cookbook/") && floor(to) > from {
				t.Errorf("%s imports %s, which is on a higher floor", fields[0], to)
			}
			if to == "github.com/spf13/cobra" && !strings.HasPrefix(fields[0], "cookbook/internal/cli") {
				t.Errorf("%s imports cobra: only the command line may", fields[0])
			}
		}
	}
}

// Packages of one floor that use nothing of each other, although Go would let them.
var apart = []struct{ from, to string }{
	{"internal/async", "internal/process"}, {"internal/async", "internal/executor"},
	{"internal/mpi/engine", "internal/mpi/local"}, {"internal/mpi/engine", "internal/mpi/openmpi"},
	{"internal/mpi/local", "internal/mpi/openmpi"}, {"internal/mpi/openmpi", "internal/mpi/local"},
	{"internal/process/shm", "internal/transcript"}, {"internal/process/shm", "internal/process/worker"},
	{"internal/process/pool", "internal/process/shm"}, {"internal/process/manager", "internal/process/shm"},
	{"internal/wire", "internal/process"}, {"internal/threading", "internal/transcript"},
}

func TestNeighboursThatStandApart(t *testing.T) {
	for _, pair := range apart {
		for pkg := range strings.FieldsSeq(goList(t, "-tags", "mpi", "-deps", "cookbook/"+pair.from)) {
			if name := strings.TrimPrefix(pkg, "cookbook/"); name == pair.to || strings.HasPrefix(name, pair.to+"/") {
				t.Errorf("%s imports %s", pair.from, name)
			}
		}
	}
}

// gorgonia.org/cu ends the process when it starts, where there is no device.
func TestOnlyTheTagCudaLinksWithTheDriver(t *testing.T) {
	for tags, want := range map[string]bool{"": false, "mpi": false, "cuda": true} {
		out := goList(t, "-deps", "-tags", tags, ".")
		if got := strings.Contains(out, "gorgonia.org/cu\n"); got != want {
			t.Errorf("with -tags %q: it imports gorgonia.org/cu: %v", tags, got)
		}
	}
}
