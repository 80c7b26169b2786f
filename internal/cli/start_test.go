package cli

import (
	"bytes"
	"testing"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
)

// To declare what all recipes take would cost each command a tenth of its start.
func TestOnlyACommandAboutRunsDeclaresTheFlagsOfAllRecipes(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want int
	}{
		{[]string{"version"}, 0},
		{[]string{"list"}, 0},
		{[]string{"--help"}, 0},
		{[]string{"run", "ch9.good"}, 1},
		{[]string{"help", "run", "ch9.good"}, 1},
		{[]string{"__complete", "run", "ch9.good", "--"}, 1},
	} {
		declared := 0
		c := fake(t)
		good := c.Entries()[0].Recipe
		of := good.New
		good.New = func(f *pflag.FlagSet) catalog.Run { declared++; return of(f) }
		var out bytes.Buffer
		code := Main(c, tt.args, Streams{In: &out, Out: &out, Err: &out, Width: 80, Env: func(string) (string, bool) { return "", false }})
		if code != exitOK || min(declared, 1) != tt.want {
			t.Errorf("%q: exit code %d, the flags of %s were declared %d times\n%s", tt.args, code, good.ID, declared, &out)
		}
	}
}
