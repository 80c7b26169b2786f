package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// badValues are what no flag takes that takes a number, a length of time, true or false, or a speed.
var badValues = []string{
	"", "x", "maybe", "-1", "1e-320", "1e308", "1e999", "NaN", "99999999999999999999", "99999999999h", "-5s", "5 m", "\"", "\x1b[2J", "a\nb",
	strings.Repeat("7", 5000),
}

// eachCommand calls f for every command, with the words that lead to it.
func eachCommand(cmd *cobra.Command, words []string, f func(cmd *cobra.Command, words []string)) {
	f(cmd, words)
	for _, sub := range cmd.Commands() {
		eachCommand(sub, append(words[:len(words):len(words)], sub.Name()), f)
	}
}

func TestAFlagThatIsRefusedSaysWhatItTakes(t *testing.T) {
	c := fake(t)
	eachCommand(newRoot(&app{catalog: c}, c.Entries()), nil, func(cmd *cobra.Command, words []string) {
		cmd.InitDefaultHelpFlag()
		cmd.LocalFlags() // merges those of the commands above
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Value.Type() == "string" {
				return // takes all
			}
			for _, value := range badValues {
				switch {
				case f.Value.Type() == "stringSlice":
					value = `"` + value + "x"
				case f.Name == "n" && value == "-1":
					continue // the recipes of this test take it
				}
				args := append(words[:len(words):len(words)], "--"+f.Name+"="+value)
				code, stdout, stderr := cookbook(t, false, nil, args...)
				line := strings.TrimSuffix(stderr, "\n")
				if code != exitUsage || stdout != "" || strings.Contains(line, "\n") || len(line) > 250 ||
					!strings.HasPrefix(line, "cookbook: --"+f.Name+" ") || !strings.Contains(line, ": want ") || !strings.Contains(line, "; see: cookbook") {
					t.Errorf("%.100q: exit code %d, stdout %.100q, stderr %.300q", args, code, stdout, stderr)
				}
				for _, leak := range []string{"strconv.", "time:", "pars", "\x1b", "invalid"} {
					if strings.Contains(line, leak) {
						t.Errorf("%.100q: %q in %q", args, leak, line)
					}
				}
			}
		})
	})
}

func TestAFlagWithoutItsValueSaysSo(t *testing.T) {
	code, _, stderr := cookbook(t, false, nil, "verify", "--times")
	if want := "cookbook: flag needs an argument: --times int; see: cookbook verify --help\n"; code != exitUsage || stderr != want {
		t.Errorf("exit code %d, stderr %q, want %q", code, stderr, want)
	}
}

func TestTheLargestValuesAreTaken(t *testing.T) {
	for _, args := range []string{
		"run good --timeout 1000h", "run good --seed 18446744073709551615", "run good --speed 1e6", "run good --speed 0.001",
		"verify good --timeout 1000h --seed 18446744073709551615 --speed 0.001 --stress", "verify broken --times 1000000",
	} {
		code, _, stderr := cookbook(t, false, nil, strings.Fields(args)...)
		if failed := strings.Contains(args, "broken"); code != exitOK && !failed || failed && code != exitFailed {
			t.Errorf("%s: exit code %d, stderr %q", args, code, stderr)
		}
	}
}
