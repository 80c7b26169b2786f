package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/machine"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

// asCookbook is a variable that makes this test a cookbook with one recipe, whose ranks speak.
const asCookbook = "COOKBOOK_TEST_AS_COOKBOOK"

var speak = mpi.Register("cli: speak", func(ctx context.Context, comm *mpi.Comm, how string) (int, error) {
	out := mpi.Log(ctx).Actor(fmt.Sprint("rank ", comm.Rank()))
	switch {
	case how == "fail" && comm.Rank() == 1:
		return 0, errors.New("rank 1 has had enough")
	case how == "abort" && comm.Rank() == 1:
		comm.Abort(7)
	}
	out.Printf("%s from %d", how, comm.Rank())
	sum := []int{0}
	err := mpi.Allreduce(comm, []int{comm.Rank()}, sum, mpi.Sum)
	return sum[0], err
})

// ranked is the catalog of that recipe. It makes two worlds, what the second does depends on what the first returned.
func ranked() *catalog.Catalog {
	promise := "~ rank {r=0..--ranks-1}  {--say} from {r}\n--\n= main  the ranks add up to {:int}\n--\n~ rank {r=0..--ranks-1}  {:int} from {r}\n✓ sums\n"
	return &catalog.Catalog{Chapters: []*catalog.Chapter{{Number: 3, Title: "Ranks", Files: fstest.MapFS{"speak.txt": {Data: []byte(promise)}, "alone.txt": {}},
		Recipes: []*catalog.Recipe{{
			ID: "ch3.speak", Section: "3.1", Title: "Speak", Engine: string(catalog.MPI), Needs: []catalog.Need{catalog.SharedMemory},
			New: func(f *pflag.FlagSet) catalog.Run {
				n := f.IntP("ranks", "n", 3, "how many")
				say := f.String("say", "hello", "what")
				return func(ctx context.Context, out *transcript.Log) error {
					sums, err := mpi.Run(ctx, speak, *n, *say, mpi.WithLog(out))
					if err != nil {
						return err
					}
					out.Printf("the ranks add up to %d", sums[0])
					lucky := out.Rand().IntN(1000) // alike in all processes
					again, err := mpi.Run(ctx, speak, *n, fmt.Sprint(lucky), mpi.WithLog(out))
					out.Check("sums", slices.Equal(again, sums), true)
					return err
				}
			},
		}, {
			ID: "ch3.alone", Section: "3.2", Title: "Alone",
			New: func(*pflag.FlagSet) catalog.Run {
				return func(context.Context, *transcript.Log) error { return nil }
			},
		}},
	}}}
}

// needMPI skips a test where MPI is missing, unless COOKBOOK_REQUIRE says that it must not.
func needMPI(t *testing.T) {
	t.Helper()
	err := machine.Check(t.Context(), catalog.MPI)
	if err == nil {
		return
	}
	if slices.Contains(strings.Split(os.Getenv("COOKBOOK_REQUIRE"), ","), string(catalog.MPI)) {
		t.Fatalf("MPI is required, but %v", err)
	}
	t.Skip(err)
}

// asUser runs a program with this test as the cookbook, and returns its lines in the order of the alphabet.
func asUser(t *testing.T, words ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, diagnostics bytes.Buffer
	cmd := exec.CommandContext(t.Context(), words[0], words[1:]...)
	cmd.Stdout, cmd.Stderr = &out, &diagnostics
	cmd.Env = append(os.Environ(), asCookbook+"=yes", "GORACE=atexit_sleep_ms=0", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
	err := cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(out.String(), "\n")
	slices.Sort(lines)
	return cmd.ProcessState.ExitCode(), strings.Join(lines, ""), diagnostics.String()
}

const spoken = "hello from 0\nhello from 1\nhello from 2\nthe ranks add up to 3\n"

func TestTheRealEngineRunsTheSameRecipe(t *testing.T) {
	needMPI(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args   string
		code   int
		stdout string
		stderr string
	}{
		{"run speak --plain --engine mpi", exitOK, spoken, ""},
		{"run speak --engine mpi", exitOK, "promises kept", ""},
		{"verify --engine mpi --times 2 --require mpi", exitOK, "ch3.speak\tok\t2\t8\t", "1 recipe: 1 ok"},
		{"run speak --engine mpi --say fail", exitFailed, "", "rank 1 has had enough"},
		{"run speak --engine mpi --say abort", exitFailed, "", "7"},
		{"run speak --engine mpi --hostfile no-such-file", exitUsage, "", "no-such-file"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			code, out, stderr := asUser(t, append([]string{exe}, strings.Fields(tt.args)...)...)
			if code != tt.code || !strings.Contains(out, tt.stdout) || !strings.Contains(stderr, tt.stderr) || tt.stderr == "" && stderr != "" {
				t.Errorf("exit code %d\n%s\n%s", code, out, stderr)
			}
		})
	}
}

func TestWhatMPIRunStartsByHandIsOneRun(t *testing.T) {
	needMPI(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		n      string
		args   string
		ok     bool
		stdout string
		stderr string // once
	}{
		{"3", "run speak --plain", true, spoken, ""},
		{"3", "run speak", true, "promises kept", ""},
		{"2", "run speak --plain", true, "hello from 0\nhello from 1\nthe ranks add up to 1\n", ""},
		{"2", "run speak --ranks 3", false, "", "--ranks 3, but mpirun has started 2"},
		{"2", "run speak --say fail", false, "", "rank 1 has had enough"},
		{"2", "run alone", false, "", "mpirun has started 2 of this"},
		{"1", "run alone", true, "", ""},
		{"2", "verify", false, "", "type without mpirun: cookbook verify --engine mpi"},
	} {
		t.Run("mpirun -n "+tt.n+" "+tt.args, func(t *testing.T) {
			code, out, stderr := asUser(t, append([]string{"mpirun", "--oversubscribe", "-n", tt.n, exe}, strings.Fields(tt.args)...)...)
			said := strings.Count(stderr, "cookbook:")
			if (code == exitOK) != tt.ok || !strings.Contains(out, tt.stdout) || !strings.Contains(stderr, tt.stderr) || (said == 1) != (tt.stderr != "") {
				t.Errorf("exit code %d\n%s\n%s", code, out, stderr)
			}
			if strings.Contains(out, "\x1b") {
				t.Errorf("coloured in a pipe:\n%s", out)
			}
			for _, line := range []string{"hello from 1\n", "the ranks add up"} {
				if strings.Count(out, line) > 1 {
					t.Errorf("several times:\n%s", out)
				}
			}
		})
	}
}
