package recipes

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/cli"
	"cookbook/internal/transcript"
)

// tries are the command lines under Try that run a recipe: its arguments, without the flags that every recipe has.
func tries(t *testing.T, e catalog.Entry) [][]string {
	t.Helper()
	text, err := e.File(catalog.Explanation)
	if err != nil {
		t.Fatal(err)
	}
	_, try, _ := strings.Cut(string(text), "\n## Try\n")
	var all [][]string
	for _, m := range regexp.MustCompile(`(?m)^    cookbook run `+regexp.QuoteMeta(e.ID)+`( .*)?$`).FindAllStringSubmatch(try, -1) {
		words := strings.Fields(m[1])
		var own []string
		for i := 0; i < len(words); i++ {
			switch word := words[i]; word {
			case "--speed", "--seed", "--timeout", "--engine", "--device":
				i++
			case "--plain", "--json", "--timeline":
			default:
				own = append(own, strings.Trim(word, `"`))
			}
		}
		if !strings.Contains(m[1], "--engine") && !strings.Contains(m[1], "--device") {
			all = append(all, own)
		}
	}
	return all
}

// A reader who changes a flag still sees what is promised.
func TestWhatAReaderTriesKeepsItsPromise(t *testing.T) {
	if raceDetector {
		t.Skip("make test runs it without the race detector, in a third of the time")
	}
	// These are meant to fail, and show how.
	fails := []string{"ch3.scatter -n 3 --items 10"}
	// Of these the promise says nothing, and why.
	unmatched := []string{"ch2.current --names ,reader,", "ch3.scatter -n 3 --items 10"}
	t.Chdir(t.TempDir()) // for the pictures
	each(t, func(t *testing.T, e catalog.Entry) {
		for _, args := range tries(t, e) {
			_, p, err := e.Prepare(args...)
			if err != nil {
				t.Errorf("%q: %v", args, err)
				continue
			}
			if slices.Contains(args, "--wrong") {
				continue // what they break is for wrong_test.go
			}
			line := strings.TrimSpace(e.ID + " " + strings.Join(args, " "))
			if (p.Unmatched != "") != slices.Contains(unmatched, line) {
				t.Errorf("%q is not compared with the promise: %s", args, p.Unmatched)
			}
			if slices.Contains(fails, line) || testing.Short() {
				continue
			}
			skipIfMissing(t, e)
			start(t, t.Context(), e, transcript.Config{Speed: transcript.SpeedMax}, args...)
		}
	})
}

// draw returns flags of a recipe with values that are small or close to their default, or leaves them out.
func draw(e catalog.Entry, r *rand.Rand) (args []string) {
	flags := pflag.NewFlagSet(e.ID, pflag.ContinueOnError)
	e.New(flags)
	flags.VisitAll(func(f *pflag.Flag) {
		if r.IntN(2) == 0 || slices.Contains([]string{"plot", "max-steps", "store", "input", "wrong"}, f.Name) {
			return
		}
		least, most, isInt := catalog.RangeOf(f)
		value := f.DefValue
		switch {
		case isInt:
			usual, _ := strconv.Atoi(f.DefValue)
			near := []int{least, least + 1, least + 2, usual - 1, usual + 1, usual / 2, 7, 12, least + r.IntN(20)}
			value = fmt.Sprint(min(max(near[r.IntN(len(near))], least), most, max(usual+1, 12)))
		case f.Value.Type() == "bool":
			value = fmt.Sprint(r.IntN(2) == 0)
		}
		args = append(args, "--"+f.Name+"="+value)
	})
	return args
}

// The promise holds whatever the flags are. COOKBOOK_FLAG_ROUNDS is how many times flags are drawn for each recipe.
func TestPromisesHoldWithOtherFlags(t *testing.T) {
	if raceDetector {
		t.Skip("make test runs it without the race detector, in half of the time")
	}
	if testing.Short() {
		t.Skip("takes its time")
	}
	rounds, err := strconv.Atoi(os.Getenv("COOKBOOK_FLAG_ROUNDS"))
	if err != nil {
		rounds = 2
	}
	each(t, func(t *testing.T, e catalog.Entry) {
		skipIfMissing(t, e)
		seed := uint64(time.Now().UnixNano())
		r := rand.New(rand.NewPCG(seed, 0))
		for range rounds {
			args := draw(e, r)
			run, p, err := e.Prepare(args...)
			if err != nil {
				t.Fatalf("%q: %v", args, err)
			}
			cfg := transcript.Config{Recipe: e.ID, Promise: p, Speed: transcript.SpeedMax, Seed: seed}
			var usage *catalog.UsageError // flags that do not go together
			if err := catalog.Start(t.Context(), run, cfg); err != nil && !errors.As(err, &usage) && p.Unmatched == "" {
				t.Errorf("%q, seed %d: %v", args, seed, err)
			}
		}
	})
}

// Whatever is wrong with a flag's value, one line says what the flag takes, and nothing has been run.
func TestFlagsOfRecipesSayWhatTheyTake(t *testing.T) {
	if raceDetector {
		t.Skip("make test runs it without the race detector: it runs nothing")
	}
	each(t, func(t *testing.T, e catalog.Entry) {
		flags := pflag.NewFlagSet(e.ID, pflag.ContinueOnError)
		e.Declare(flags)
		flags.VisitAll(func(f *pflag.Flag) {
			bad := []string{"", "maybe", "5 m", "1e308", "NaN", "99999999999999999999", "99999999999h"}
			if f.Name == "plot" {
				bad = []string{"", "x", "x.png", "no/such/folder/x.svg"}
			} else if f.Value.Type() == "string" {
				return
			} else if f.Name == "wrong" {
				bad = []string{"", "no-such-name"}
			}
			for _, value := range bad {
				var out, diagnostics strings.Builder
				none := func(string) (string, bool) { return "", false }
				arg := "--" + f.Name + "=" + value
				code := cli.Main(Catalog(), []string{"run", e.ID, arg}, cli.Streams{Out: &out, Err: &diagnostics, Width: 80, Env: none})
				line := strings.TrimSuffix(diagnostics.String(), "\n")
				if code != 2 || out.String() != "" || strings.Contains(line, "\n") || !strings.HasPrefix(line, "cookbook: --"+f.Name+" ") ||
					regexp.MustCompile(`strconv\.|time:|pars|invalid`).MatchString(line) {
					t.Errorf("%s: exit code %d, stdout %q, stderr %q", arg, code, out.String(), line)
				}
			}
		})
	})
}
