package catalog

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/pflag"

	"cookbook/internal/transcript"
)

// faulty is a recipe that says right, with two wrong programs that say their names.
func faulty() Entry {
	says := func(text string) Run {
		return func(_ context.Context, out *transcript.Log) error { out.Printf("%s", text); return nil }
	}
	r := &Recipe{ID: "ch2.lock",
		New: func(f *pflag.FlagSet) Run {
			f.IntP("count", "n", 1, "how many")
			return func(ctx context.Context, out *transcript.Log) error {
				return says(strings.Join(append([]string{"right"}, f.Args()...), " "))(ctx, out)
			}
		},
		Bare:  says("bare"),
		Wrong: []Wrong{{"lost-update", "reads too early", says("lost-update")}, {"forgotten-unlock", "returns too early", says("forgotten-unlock")}},
	}
	promise := "when --wrong == \"\" and not --bare\n= main  {:text}\nend\nwhen --wrong != \"\"\n= main  {--wrong}\nend\nwhen --bare\n= main  bare\nend"
	return Entry{r, &Chapter{Number: 2, Files: fstest.MapFS{"lock.txt": {Data: []byte(promise)}}}}
}

func TestAWrongProgramRunsInPlaceOfTheRecipe(t *testing.T) {
	for _, tt := range []struct {
		args []string
		said string
	}{
		{nil, "right"},
		{[]string{"--count=3"}, "right"},
		{[]string{"7", "--count=3"}, "right 7"},
		{[]string{"--wrong=lost-update"}, "lost-update"},
		{[]string{"--bare"}, "bare"},
		{[]string{"--bare=false", "7"}, "right 7"},
		{[]string{"--wrong", "forgotten-unlock"}, "forgotten-unlock"},
		{[]string{"--wrong", "lost-update", "--wrong", "forgotten-unlock"}, "forgotten-unlock"},
	} {
		run, p, err := faulty().Prepare(tt.args...)
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		cfg := transcript.Config{Promise: p, Sink: transcript.SinkFunc(func(ev transcript.Event) {
			if ev.Kind == transcript.Line {
				said += ev.Text
			}
		})}
		if err := Start(t.Context(), run, cfg); err != nil || said != tt.said {
			t.Errorf("%q: said %q, %v, want %s", tt.args, said, err, tt.said)
		}
	}
}

func TestAWrongProgramTakesNeitherFlagNorArgumentOfTheRecipe(t *testing.T) {
	for _, args := range [][]string{{"--wrong=lost-update", "--count=3"}, {"-n", "1", "--wrong=lost-update"}, {"7", "--wrong=lost-update"}} {
		given := "--count is a flag"
		if args[0] == "7" {
			given = "7 is an argument"
		}
		run, _, err := faulty().Prepare(args...)
		if err != nil {
			t.Fatal(err)
		}
		var usage *UsageError
		err = Start(t.Context(), run, transcript.Config{})
		if want := given + " of the recipe, and --wrong lost-update runs another program: leave one of them out"; !errors.As(err, &usage) || err.Error() != want {
			t.Errorf("%q: got %v, want %s", args, err, want)
		}
	}
}

func TestOneProgramRunsInPlaceOfTheRecipe(t *testing.T) {
	for want, args := range map[string][]string{
		"--wrong and --bare each run another program: leave one of them out":                      {"--bare", "--wrong=lost-update"},
		"--count is a flag of the recipe, and --bare runs another program: leave one of them out": {"--bare", "-n", "3"},
	} {
		run, _, err := faulty().Prepare(args...)
		if err != nil {
			t.Fatal(err)
		}
		var usage *UsageError
		if err := Start(t.Context(), run, transcript.Config{}); !errors.As(err, &usage) || err.Error() != want {
			t.Errorf("%q: got %v, want %s", args, err, want)
		}
	}
}

func TestAWrongNameIsToldWhichThereAre(t *testing.T) {
	for _, name := range []string{"", "zebra", "Lost-Update"} {
		var bad *ValueError
		if _, _, err := faulty().Prepare("--wrong=" + name); !errors.As(err, &bad) || bad.Want != "lost-update or forgotten-unlock" {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func TestARecipeWithoutWrongProgramsHasNoSuchFlag(t *testing.T) {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	if recipe("ch2.lock", "2.6", "A lock").Declare(f); f.Lookup("wrong") != nil || f.Lookup("bare") != nil || f.Lookup("n") == nil {
		t.Errorf("its flags: %s", f.FlagUsages())
	}
}

func TestARecipeWithWrongProgramsReadsItsArguments(t *testing.T) {
	var said string
	r := &Recipe{ID: "ch4.futures", Args: "[N]", Wrong: []Wrong{{Name: "early"}}, New: func(f *pflag.FlagSet) Run {
		return func(context.Context, *transcript.Log) error { said = f.Arg(0); return nil }
	}}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	run := r.Declare(flags)
	if err := flags.Parse([]string{"4"}); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), nil); err != nil || said != "4" {
		t.Errorf("it read %q, %v", said, err)
	}
}
