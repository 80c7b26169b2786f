package command

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
)

// TimeoutFlag, SeedFlag and SpeedFlag declare flags that several commands have. The default of a speed is what it holds.
func TimeoutFlag(f *pflag.FlagSet, p *time.Duration, usage string) {
	catalog.DurationVar(f, p, "timeout", time.Minute, time.Millisecond, 1000*time.Hour, usage)
}

// SeedFlag declares --seed.
func SeedFlag(f *pflag.FlagSet, p *uint64, usage string) {
	catalog.Uint64Var(f, p, "seed", 0, 0, math.MaxUint64, usage)
}

// SpeedFlag declares --speed.
func SpeedFlag(f *pflag.FlagSet, p *transcript.Speed) {
	f.Var((*speedValue)(p), "speed", "divide every pause by this, "+transcript.SpeedRange)
}

// Device is the name of the flag that chooses a device.
const Device = "device"

// DeviceFlag declares --device. More is added to its usage.
func DeviceFlag(f *pflag.FlagSet, p *string, more string) {
	f.StringVar(p, Device, "", "`name` of what kernels run on: cpu (the default), in Go; opencl or cuda, the first device that works, or opencl:N, cuda:N; "+
		"auto, the first GPU that works, else the cpu"+more)
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

// FlagError says in one line what is wrong with a flag, and what it takes, in place of the words of pflag and of Go's parsers. See is
// what to type to read more, "" if there is nothing. The error is a *[catalog.UsageError].
func FlagError(err error, see string) error {
	if see != "" {
		see = "; see: " + see
	}
	var (
		bad     *pflag.InvalidValueError
		lone    *pflag.ValueRequiredError
		unknown *pflag.NotExistError
	)
	switch {
	case errors.As(err, &bad):
		return catalog.Usagef("--%s %s: want %s%s", bad.GetFlag().Name, Shown(bad.GetValue()), wanted(bad.GetFlag(), err), see)
	case errors.As(err, &lone) && lone.GetFlag() != nil:
		name, _ := pflag.UnquoteUsage(lone.GetFlag())
		return catalog.Usagef("flag needs an argument: --%s %s%s", lone.GetFlag().Name, name, see)
	case errors.As(err, &unknown):
		if short := unknown.GetSpecifiedShortnames(); short != "" && strings.Trim(short, "0123456789") == "" {
			return catalog.Usagef("-%s: no argument here may be a number below 0%s", short, see)
		}
	}
	return catalog.Usagef("%v%s", err, see)
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
		return fmt.Sprintf("%s, as in %s", kind, Shown(f.DefValue))
	}
}

// Shown is a flag's value as it was typed, in quotes where its ends would not be seen, and no longer than a line.
func Shown(value string) string {
	const most = 40
	value = terminal.Cut(terminal.Safe(terminal.OneLine(value)), most)
	if value == "" || strings.ContainsAny(value, " \"'") {
		return strconv.Quote(value)
	}
	return value
}
