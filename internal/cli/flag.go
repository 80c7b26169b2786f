package cli

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
)

// mostTimes is how often a command repeats a run at most.
const mostTimes = 1_000_000

// timeoutFlag, seedFlag and speedFlag are flags that several commands have. The default of a speed is what it holds.
func timeoutFlag(f *pflag.FlagSet, p *time.Duration, usage string) {
	catalog.DurationVar(f, p, "timeout", time.Minute, time.Millisecond, 1000*time.Hour, usage)
}

func seedFlag(f *pflag.FlagSet, p *uint64, usage string) {
	catalog.Uint64Var(f, p, "seed", 0, 0, math.MaxUint64, usage)
}

func speedFlag(f *pflag.FlagSet, p *transcript.Speed, usage string) {
	f.Var((*speedValue)(p), "speed", usage)
}

// speedValue makes transcript.Speed a flag.
type speedValue transcript.Speed

func (v *speedValue) String() string { return transcript.Speed(*v).String() }
func (v *speedValue) Type() string   { return "number|max" }
func (v *speedValue) Set(s string) error {
	speed, err := transcript.ParseSpeed(s)
	if err != nil {
		return &catalog.ValueError{Want: transcript.SpeedRange}
	}
	*v = speedValue(speed)
	return nil
}

// flagError says in one line what is wrong with a flag, and what it takes, in place of the words of pflag and of Go's parsers.
func flagError(cmd *cobra.Command, err error) error {
	var (
		bad     *pflag.InvalidValueError
		lone    *pflag.ValueRequiredError
		unknown *pflag.NotExistError
	)
	see := "see: " + cmd.CommandPath() + " --help"
	switch {
	case errors.As(err, &bad):
		return usagef("--%s %s: want %s; %s", bad.GetFlag().Name, shown(bad.GetValue()), wanted(bad.GetFlag(), err), see)
	case errors.As(err, &lone) && lone.GetFlag() != nil:
		return usagef("flag needs an argument: --%s %s; %s", lone.GetFlag().Name, valueName(lone.GetFlag()), see)
	case errors.As(err, &unknown):
		short, name := unknown.GetSpecifiedShortnames(), unknown.GetSpecifiedName()
		if short != "" && strings.Trim(short, "0123456789") == "" {
			return usagef("-%s: no argument here may be a number below 0; %s", short, see)
		}
		if name == deviceFlag && cmd.Parent() != nil && cmd.Parent().Name() == "run" {
			return usagef("%s computes on no device, so it takes no --%s; those that do: cookbook list device", cmd.Name(), name)
		}
		if isEngineFlag(name) && cmd.Parent() != nil && cmd.Parent().Name() == "run" {
			if cmd.Flags().Lookup("engine") != nil {
				need := engineFlagNames()[name]
				return usagef("--%s is for --engine %s, and %s does not run there; what does: cookbook list engine %s", name, howToName(need), cmd.Name(), need)
			}
			return usagef("%s has no engine, so it takes no --%s; those that have one: cookbook list engine", cmd.Name(), name)
		}
	}
	return usagef("%w; %s", err, see)
}

// wanted says what a flag takes that did not take a value.
func wanted(f *pflag.Flag, err error) string {
	var own *catalog.ValueError
	switch kind := f.Value.Type(); {
	case errors.As(err, &own):
		return own.Want
	case kind == "bool":
		return "true or false, or the flag alone"
	case strings.HasSuffix(kind, "Slice"):
		return "words with commas between them, as in a,b"
	default:
		return fmt.Sprintf("%s, as in %s", kind, shown(f.DefValue))
	}
}

// valueName is what stands for a flag's value in help.
func valueName(f *pflag.Flag) string {
	name, _ := pflag.UnquoteUsage(f)
	return name
}

// shown is a flag's value as it was typed, in quotes where its ends would not be seen, and no longer than a line.
func shown(value string) string {
	const most = 40
	value = terminal.Cut(terminal.Safe(terminal.OneLine(value)), most)
	if value == "" || strings.ContainsAny(value, " \"'") {
		return strconv.Quote(value)
	}
	return value
}
