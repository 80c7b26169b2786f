package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"cookbook/internal/catalog"
	"cookbook/internal/cli"
	"cookbook/internal/process"
	"cookbook/recipes"
)

func TestMain(m *testing.M) {
	process.Main()
	testscript.Main(cleaned{m}, scriptPrograms)
}

// scriptPrograms are what scripts can run beside the programs of this machine.
var scriptPrograms = map[string]func(){"cookbook": main}

// cleaned is the tests, behind which what they have built is removed.
type cleaned struct{ *testing.M }

func (c cleaned) Run() int {
	defer func() { os.RemoveAll(builds) }()
	return c.M.Run()
}

// builds is a folder of programs that tests have built; "": none.
var builds string

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
