package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

// rankless is an engine that is there, or is not, and has no ranks.
type rankless struct {
	mpi.OpenMPI
	lacks error
}

func (r rankless) Check(context.Context) error { return r.lacks }

// engines is a catalog of recipes of which two say what they run on.
func engines() *catalog.Catalog {
	files := fstest.MapFS{}
	chapter := &catalog.Chapter{Number: 3, Title: "Ranks", Files: files}
	other := &catalog.Chapter{Number: 2, Title: "Threads", Files: files}
	add := func(ch *catalog.Chapter, stem, engine string, needs ...catalog.Need) {
		files[stem+catalog.Promise] = &fstest.MapFile{Data: []byte("= main  {ranks:int} ranks on {:word}\n")}
		files[stem+catalog.Explanation] = &fstest.MapFile{Data: []byte("# " + stem)}
		files[stem+catalog.Source] = &fstest.MapFile{Data: []byte("package ch3")}
		files[stem+catalog.Twin] = &fstest.MapFile{Data: []byte("pass")}
		ch.Recipes = append(ch.Recipes, &catalog.Recipe{
			ID: fmt.Sprintf("ch%d.%s", ch.Number, stem), Section: fmt.Sprintf("%d.%d", ch.Number, len(ch.Recipes)+1),
			Title: "The " + stem + " one", Python: "py", Go: "go", Needs: needs, Engine: engine,
			New: func(f *pflag.FlagSet) catalog.Run {
				n := f.IntP("ranks", "n", 5, "how many")
				fail := f.String("fail", "", "how")
				return func(ctx context.Context, out *transcript.Log) error {
					switch *fail {
					case "usage":
						return catalog.Usagef("--fail: want no failure")
					case "rank":
						return fmt.Errorf("run: %w", &mpi.Error{Class: mpi.ErrOther, Rank: 1, Text: "rank 1 cannot speak"})
					case "engine":
						return &mpi.Error{Class: mpi.ErrEngine, Rank: -1, Text: "mpirun cannot reach b"}
					}
					out.Printf("%d ranks on %s", *n, mpi.EngineName(ctx))
					out.Check("there are ranks", *n > 0, true)
					return nil
				}
			},
		})
		files[stem+catalog.Promise].Data = append(files[stem+catalog.Promise].Data, "✓ there are ranks\n"...)
	}
	add(other, "lock", "")
	add(chapter, "spawn", "")
	add(chapter, "hello", "mpi", catalog.Processes, catalog.SharedMemory)
	add(chapter, "ring", "mpi", catalog.Processes, catalog.SharedMemory)
	add(chapter, "needy", "mpi", catalog.Processes, "a crystal ball")
	return &catalog.Catalog{Chapters: []*catalog.Chapter{other, chapter}}
}

var errNoMPI = &mpi.Error{Class: mpi.ErrEngine, Rank: -1, Text: "there is no mpirun: install one"}

// onEngines runs a command line on that catalog. lacks is what the engine lacks; w is the world it was started in.
func onEngines(lacks error, w *world, env map[string]string, args string) (code int, stdout, stderr string) {
	var out, diagnostics bytes.Buffer
	a := &app{catalog: engines(), world: w, Streams: Streams{
		In: strings.NewReader(""), Out: &out, Err: &diagnostics, Width: 80,
		Env: func(name string) (string, bool) { value, set := env[name]; return value, set },
	}}
	a.mpirun = func(hosts []string, hostfile string) mpi.Engine {
		if len(hosts) > 0 || hostfile != "" {
			lacks = &mpi.Error{Class: mpi.ErrEngine, Text: fmt.Sprintf("hosts %q, file %q", hosts, hostfile)}
		}
		return rankless{lacks: lacks}
	}
	return a.main(strings.Fields(args)), out.String(), diagnostics.String()
}

func TestRunOnAnEngine(t *testing.T) {
	for _, tt := range []struct {
		args   string
		lacks  error
		code   int
		stdout string // a part of it
		stderr string // a part of it; "" means none at all
	}{
		{"run hello", nil, exitOK, "5 ranks on local", ""},
		{"run hello --engine local", nil, exitOK, "5 ranks on local", ""},
		{"run hello --engine mpi", nil, exitOK, " =  ", ""},
		{"run hello --engine mpi --seed 3", nil, exitOK, "py → go, on mpi\n", ""},
		{"run hello --seed 3", nil, exitOK, "py → go\n", ""},
		{"run hello --engine mpi --plain", nil, exitOK, "5 ranks on mpi", ""},
		{"run --engine mpi hello --plain -n 3", nil, exitOK, "3 ranks on mpi", ""},
		{"run --plain --engine=mpi hello", nil, exitOK, "5 ranks on mpi", ""},
		{"run hello --engine mpi", errNoMPI, exitMissing, "", "cookbook: ch3.hello needs mpi: there is no mpirun: install one; see: cookbook doctor"},
		{"run hello", errNoMPI, exitOK, "5 ranks on local", ""},
		{"run hello --engine mpi --hosts a,b:2", nil, exitMissing, "", `hosts ["a" "b:2"], file ""`},
		{"run hello --engine mpi --hostfile engine_test.go", nil, exitMissing, "", `hosts [], file "engine_test.go"`},
		{"run hello --engine mpi --hostfile /nowhere/hosts", nil, exitUsage, "", "--hostfile /nowhere/hosts: the file that names the hosts: "},
		{"run hello --engine mpi --hostfile .", nil, exitUsage, "", ". is to name the hosts, and is not a regular file"},
		{"run hello --engine mpi --hostfile /dev/null", nil, exitUsage, "", "not a regular file"},
		{"run hello --engine mpi --hosts a --hostfile engine_test.go", nil, exitUsage, "", "--hosts and --hostfile both name the machines: choose one"},
		{"run hello --engine mpi --hosts=-x", nil, exitUsage, "", `--hosts -x: "-x" is not a host: no name of one begins with -`},
		{"run hello --engine mpi --hosts a,-oProxyCommand=x:4", nil, exitUsage, "", "no name of one begins with -"},
		{"run hello --engine mpi --fail engine", nil, exitMissing, "", "cookbook: mpirun cannot reach b"},
		{"run hello --engine mpy", nil, exitUsage, "", "--engine mpy: no engine of that name; there are: local, mpi"},
		{"run hello --engine", nil, exitUsage, "", "flag needs an argument: --engine"},
		{"run hello --hosts a", nil, exitUsage, "", "--hosts is for --engine mpi"},
		{"run hello --hostfile f", nil, exitUsage, "", "--hostfile is for --engine mpi"},
		{"run hello --engine local --hosts a", nil, exitUsage, "", "--hosts is for --engine mpi"},
		{"run hello --engine mpi --hosts a,,b", nil, exitUsage, "", "--hosts a,,b: want names with commas"},
		{"run hello --engine mpi --hosts=", nil, exitUsage, "", "--hosts and --hostfile want a value"},
		{"run hello --engine mpi --hostfile=", nil, exitUsage, "", "--hosts and --hostfile want a value"},
		{"run lock --engine mpi", nil, exitUsage, "", "ch2.lock has no engine, so it takes no --engine; those that have one: cookbook list engine"},
		{"run lock --hosts a", nil, exitUsage, "", "ch2.lock has no engine, so it takes no --hosts"},
		{"run needy", nil, exitMissing, "", "ch3.needy needs a crystal ball: "},
		{"run needy --engine mpi", nil, exitMissing, "", "ch3.needy needs a crystal ball: "},
		{"list --engine mpi", nil, exitUsage, "", "unknown flag: --engine; see: cookbook list --help"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			code, out, stderr := onEngines(tt.lacks, nil, nil, tt.args)
			if code != tt.code || !strings.Contains(out, tt.stdout) || !strings.Contains(stderr, tt.stderr) || tt.stderr == "" && stderr != "" {
				t.Errorf("exit code %d, stdout %q, stderr %q; want %d, %q, %q", code, out, stderr, tt.code, tt.stdout, tt.stderr)
			}
		})
	}
}

func TestVerifyOnAnEngine(t *testing.T) {
	for _, tt := range []struct {
		args   string
		lacks  error
		env    string // COOKBOOK_REQUIRE
		code   int
		stdout string // a part of it
		stderr string // a part of it
	}{
		{"verify ch3 --engine mpi", nil, "", exitOK, "ch3.hello\tok\t1\t2", "3 recipes: 2 ok, 0 failed, 1 skipped"},
		{"verify --engine mpi", nil, "", exitOK, "ch3.ring\tok", "3 recipes: 2 ok, 0 failed, 1 skipped"},
		{"verify hello --engine mpi --times 3 --stress", nil, "mpi", exitOK, "ch3.hello\tok\t3\t2", "1 recipe: 1 ok"},
		{"verify ch3 --engine mpi", errNoMPI, "", exitOK, "ch3.hello\tskipped\t0\t0\t0.0\tthere is no mpirun: install one", "3 recipes: 0 ok, 0 failed, 3 skipped"},
		{"verify ch3 --engine mpi", errNoMPI, "mpi,network", exitFailed, "ch3.ring\tFAILED\t0\t0\t0.0\trequired, but there is no mpirun: install one\n", "3 failed"},
		{"verify ch3 --engine mpi --require mpi", errNoMPI, "", exitFailed, "ch3.hello\tFAILED", "3 failed"},
		{"verify ch3 --engine mpi --require network", errNoMPI, "mpi", exitOK, "ch3.hello\tskipped", "3 skipped"},
		{"verify hello ring --require mpi", errNoMPI, "", exitOK, "ch3.hello\tok", "2 recipes: 2 ok"},
		{"verify hello --engine mpi --hosts a", nil, "", exitOK, `skipped`, "1 skipped"},
		{"verify spawn --engine mpi", nil, "", exitUsage, "", "ch3.spawn does not run on --engine mpi; leave it out, or see what does: cookbook list engine mpi"},
		{"verify ch3 lock --engine mpi", nil, "", exitUsage, "", "ch2.lock does not run on --engine mpi"},
		{"verify ch2 --engine mpi", nil, "", exitUsage, "", "no recipe of ch2 runs on --engine mpi"},
		{"verify --engine mpy", nil, "", exitUsage, "", "--engine mpy: no engine of that name; there are: local, mpi"},
		{"verify --hosts a", nil, "", exitUsage, "", "--hosts is for --engine mpi"},
		{"verify --engine mpi --hosts=--help", nil, "", exitUsage, "", "no name of one begins with -"},
		{"verify --engine mpi --hostfile /nowhere/hosts", nil, "", exitUsage, "", "/nowhere/hosts"},
		{"verify --require opera", nil, "", exitUsage, "", "there are: network, processes, exec, shared-memory, mpi, nats"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			code, out, stderr := onEngines(tt.lacks, nil, map[string]string{"COOKBOOK_REQUIRE": tt.env}, tt.args)
			if code != tt.code || !strings.Contains(out, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("exit code %d, stdout %q, stderr %q; want %d, %q, %q", code, out, stderr, tt.code, tt.stdout, tt.stderr)
			}
		})
	}
	for args, want := range map[string]string{"verify hello --json": "", "verify hello --json --engine mpi": "mpi"} {
		_, out, _ := onEngines(nil, nil, nil, args)
		var verdicts []map[string]any
		if err := json.Unmarshal([]byte(out), &verdicts); err != nil || len(verdicts) != 1 {
			t.Fatalf("%s: %v: %s", args, err, out)
		}
		if got, there := verdicts[0]["engine"]; there != (want != "") || there && got != want {
			t.Errorf("%s: engine %v, want %q", args, got, want)
		}
	}
}

// The engine is asked once, however many recipes want to know.
func TestVerifyAsksTheEngineOnce(t *testing.T) {
	asked := 0
	g := onRanks(counting{asked: &asked})
	for _, e := range engines().Entries()[2:] {
		if _, err := g.missing(t.Context(), e); !errors.Is(err, mpi.ErrEngine) {
			t.Errorf("%s: %v", e.ID, err)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

type counting struct {
	mpi.Local
	asked *int
}

func (c counting) Check(context.Context) error { *c.asked++; return errNoMPI }

func TestWhatMPIRunHasStarted(t *testing.T) {
	for _, tt := range []struct {
		args   string
		size   int
		lacks  error
		code   int
		stdout string // of rank 0: a part of it; the others say nothing
		stderr string
	}{
		{"run hello --plain", 3, nil, exitOK, "3 ranks on mpi", ""},
		{"run hello --plain -n 3", 3, nil, exitOK, "3 ranks on mpi", ""},
		{"run hello --engine mpi", 3, nil, exitOK, "3 ranks on mpi", ""},
		{"run hello", 5, nil, exitOK, " =  ", ""},
		{"run hello --json", 5, nil, exitOK, `"kind":"end"`, ""},
		{"run hello -n 4", 3, nil, exitUsage, "", "--ranks 4, but mpirun has started 3: leave one of the two out"},
		{"run hello --hosts a", 3, nil, exitUsage, "", "--hosts: mpirun has placed the ranks already"},
		{"run hello --engine local", 3, nil, exitUsage, "", "mpirun has started 3 of this, and ch3.hello --engine local 3 times side by side is not meant"},
		{"run hello --engine mpy", 3, nil, exitUsage, "", "--engine mpy: mpirun has started this, so it can only be mpi"},
		{"run hello --frob", 3, nil, exitUsage, "", "unknown flag: --frob"},
		{"run hello --fail usage", 3, nil, exitUsage, "", "--fail: want no failure"},
		{"run hello", 3, errNoMPI, exitMissing, "", "ch3.hello needs mpi: there is no mpirun"},
		{"run lock", 3, nil, exitUsage, "", "mpirun has started 3 of this, and ch2.lock 3 times side by side is not meant; type without mpirun: cookbook run ch2.lock"},
		{"run lock", 2, nil, exitUsage, "", "type without mpirun"},
		{"verify hello", 3, nil, exitUsage, "", "type without mpirun: cookbook verify --engine mpi"},
		{"compare hello", 3, nil, exitUsage, "", "type without mpirun: cookbook compare hello"},
	} {
		t.Run(fmt.Sprintf("%d × %s", tt.size, tt.args), func(t *testing.T) {
			for rank := range tt.size {
				left := 0
				w := &world{rank, tt.size, rankless{lacks: tt.lacks}, func() error { left++; return nil }}
				code, out, stderr := onEngines(nil, w, nil, tt.args)
				if code != tt.code {
					t.Errorf("rank %d: exit code %d, want %d", rank, code, tt.code)
				}
				if rank > 0 && out+stderr != "" {
					t.Errorf("rank %d says %q and %q", rank, out, stderr)
				}
				if rank == 0 && (!strings.Contains(out, tt.stdout) || !strings.Contains(stderr, tt.stderr) || tt.stderr == "" && stderr != "") {
					t.Errorf("rank 0 says %q and %q, want %q and %q", out, stderr, tt.stdout, tt.stderr)
				}
				if ran := tt.code == exitOK || strings.Contains(tt.args, "--fail"); left != 0 != ran || left > 1 {
					t.Errorf("rank %d: the world was left %d times", rank, left)
				}
			}
		})
	}
	t.Run("one process of a recipe without engine is one run", func(t *testing.T) {
		if code, out, _ := onEngines(nil, &world{size: 1}, nil, "run lock --plain"); code != exitOK || out != "5 ranks on local\n" {
			t.Errorf("exit code %d, %q", code, out)
		}
	})
}

func TestARankWhoseMPIFailsSpeaksForItself(t *testing.T) {
	for rank, want := range []string{"run: rank 1 cannot speak", "run: rank 1 cannot speak", ""} {
		w := &world{rank, 3, rankless{}, func() error { return nil }}
		code, _, stderr := onEngines(nil, w, nil, "run hello --fail rank")
		if code != exitFailed || !strings.Contains(stderr, want) || want == "" && stderr != "" {
			t.Errorf("rank %d: exit code %d, %q", rank, code, stderr)
		}
	}
	failing := func() error { return &mpi.Error{Class: mpi.ErrOther, Rank: 2, Text: "MPI_Finalize failed"} }
	code, _, stderr := onEngines(nil, &world{2, 3, rankless{}, failing}, nil, "run hello")
	if code != exitFailed || !strings.Contains(stderr, "MPI_Finalize failed") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

func TestRanksOfOneWorldDrawTheSameNumbers(t *testing.T) {
	env := func(job string) command.Environment {
		return func(name string) (string, bool) { return job, name == "PMIX_NAMESPACE" }
	}
	one, same, other := (&world{rank: 0}).seed(env("7")), (&world{rank: 1}).seed(env("7")), (&world{}).seed(env("8"))
	if one != same || one == other || one == 0 {
		t.Errorf("seeds %d and %d in one world, %d in another", one, same, other)
	}
}

func TestTheEngineIsListedAndExplained(t *testing.T) {
	_, out, _ := onEngines(nil, nil, nil, "list --json")
	var all []map[string]any
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) != 5 || all[0]["engine"] != "" || all[2]["engine"] != "mpi" {
		t.Errorf("%v: %s", err, out)
	}
	if _, out, _ := onEngines(nil, nil, nil, "list engine mpi"); strings.Count(out, "\n") != 3 || !strings.HasPrefix(out, "ch3.hello\t") {
		t.Errorf("got %q", out)
	}
	const told = "\n    cookbook run ch3.hello --engine mpi\n"
	if _, out, _ := onEngines(nil, nil, nil, "explain hello"); !strings.HasPrefix(out, "# hello\n\n## On a real engine\n") || !strings.Contains(out, told) {
		t.Errorf("got %q", out)
	}
	for _, args := range []string{"explain lock", "explain hello --source"} {
		if _, out, _ := onEngines(nil, nil, nil, args); strings.Contains(out, "engine") {
			t.Errorf("%s: got %q", args, out)
		}
	}
	if _, out, _ := onEngines(nil, nil, nil, "run hello --help"); !strings.Contains(out, "cookbook run ch3.hello --engine mpi") || !strings.Contains(out, "--hostfile file") {
		t.Errorf("got %s", out)
	}
	if _, out, _ := onEngines(nil, nil, nil, "__complete run ch3.hello --engine="); !strings.HasPrefix(out, "local\nmpi\n") {
		t.Errorf("got %q", out)
	}
}
