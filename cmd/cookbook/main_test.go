package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"cookbook/internal/catalog"
	"cookbook/internal/cli"
	"cookbook/internal/mpi"
	"cookbook/internal/process"
	"cookbook/recipes"
)

func TestMain(m *testing.M) {
	process.Main()
	testscript.Main(m, map[string]func(){"cookbook": main})
}

// Each script shows one thing a user does, typed as he types it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition: func(name string) (bool, error) {
			if name != "mpi" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return mpi.Built(), nil
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("TERM", "xterm")
			env.Setenv("PAGER", "cat")
			env.Setenv("COOKBOOK_REQUIRE", os.Getenv("COOKBOOK_REQUIRE"))
			env.Setenv("GORACE", "atexit_sleep_ms=0") // or every command of a -race build ends with a second's sleep
			return nil
		},
	})
}

// What an explanation tells the reader to type must be understood. --help behind it parses all and runs nothing.
func TestTheExplanationsCommandsAreUnderstood(t *testing.T) {
	command := regexp.MustCompile(`(?m)^    cookbook (.+)$`)
	for _, e := range recipes.Catalog().Entries() {
		text, err := e.File(catalog.Explanation)
		if err != nil {
			t.Fatal(err)
		}
		_, try, _ := strings.Cut(string(text), "\n## Try\n")
		found := command.FindAllStringSubmatch(try, -1)
		if len(found) < 2 {
			t.Errorf("%s: %d commands under Try", e.ID, len(found))
		}
		for _, m := range found {
			args := strings.Fields(m[1])
			if i := slices.Index(args, "--"); i >= 0 {
				args = args[:i]
			}
			var out, diagnostics strings.Builder
			code := cli.Main(recipes.Catalog(), append(args, "--help"), cli.Streams{In: strings.NewReader(""), Out: &out, Err: &diagnostics, Width: 80, Env: os.LookupEnv})
			if code != 0 || !strings.Contains(out.String(), "Usage:") {
				t.Errorf("%s: cookbook %s: exit code %d, %s", e.ID, m[1], code, diagnostics.String())
			}
		}
	}
}
