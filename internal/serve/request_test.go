package serve_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/serve"
	"cookbook/recipes"
)

// Whatever a request says, what reaches the command line of a run is one of the recipe's own flags, or stands behind --.
func FuzzRequest(f *testing.F) {
	for _, body := range []string{
		`{"recipe":"ch2.lock","args":["--count=5","--bare"],"page":"a-1"}`, `{"recipe":"ch2.current","args":["--names","--engine=mpi"]}`,
		`{"recipe":"ch4.futures","args":["--speed","1","--","--plot=x","2"]}`, `{"recipe":"ch1.memory","args":["--plot","x.svg"]}`,
		`{"recipe":"ch3.mpi-hello","args":["-n5"]}`, `{"recipe":"ch2.lock","args":["--wrong=x\n"]}`, `{}`, `[`, `{"recipe":"ch2.lock","args":null}x`,
	} {
		f.Add([]byte(body))
	}
	c := recipes.Catalog()
	f.Fuzz(func(t *testing.T, body []byte) {
		run, err := serve.ParseRequest(c, body)
		if err != nil {
			if !serve.IsRefusal(err) || err.Error() == "" {
				t.Errorf("%s: %#v", body, err)
			}
			return
		}
		own := pflag.NewFlagSet("", pflag.ContinueOnError)
		run.Entry.Declare(own)
		for _, arg := range run.Args {
			if arg == "--" && run.Entry.Args != "" {
				break
			}
			name, _, isFlag := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
			given := own.Lookup(name)
			if !isFlag || !strings.HasPrefix(arg, "--") || (given == nil || catalog.NamesFile(given)) && !slices.Contains([]string{"speed", "seed", "timeout"}, name) {
				t.Errorf("%s: %q", body, run.Args)
			}
		}
	})
}

// A recipe's flag that takes any text names a file, or is listed here: it is none. A page can give those that are.
func TestFlagsThatTakeAnyTextNameNoFile(t *testing.T) {
	harmless := []string{"ch2.current --names", "ch2.with --guard", "ch3.name --name", "ch5.pyro --name", "ch6.jit --show"}
	for _, e := range recipes.Catalog().Entries() {
		own := pflag.NewFlagSet("", pflag.ContinueOnError)
		e.Declare(own)
		own.VisitAll(func(f *pflag.Flag) {
			isText := !slices.Contains([]string{"int", "bool", "duration", "name"}, f.Value.Type())
			if name := e.ID + " --" + f.Name; isText && !catalog.NamesFile(f) && !slices.Contains(harmless, name) {
				t.Errorf("%s takes a text: declare it by catalog.File, or list it here", name)
			}
		})
	}
}
