package catalog

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/pflag"
)

// Int declares a flag that takes a whole number from least to most. The range stands in the flag's help, and a value outside it
// is a *[ValueError] when the command line is parsed, so a recipe need not look at the number again. It panics if value, the
// default, is outside.
func Int(f *pflag.FlagSet, name string, value, least, most int, usage string) *int {
	return IntP(f, name, "", value, least, most, usage)
}

// IntP is [Int] with a short form of one letter, as in -n 5.
func IntP(f *pflag.FlagSet, name, short string, value, least, most int, usage string) *int {
	p := new(int)
	ranged(f, p, name, short, value, least, most, usage, "int", parseInt)
	return p
}

// IntVar is [Int] for a variable that is there already.
func IntVar(f *pflag.FlagSet, p *int, name string, value, least, most int, usage string) {
	ranged(f, p, name, "", value, least, most, usage, "int", parseInt)
}

// Uint64Var is [IntVar] for numbers of 64 bits that are not below 0.
func Uint64Var(f *pflag.FlagSet, p *uint64, name string, value, least, most uint64, usage string) {
	ranged(f, p, name, "", value, least, most, usage, "uint64", parseUint)
}

// parseInt reads a number as pflag does: 1_000 and 0x10 are numbers, too.
func parseInt(text string) (int, error) {
	n, err := strconv.ParseInt(text, 0, strconv.IntSize)
	return int(n), err
}

func parseUint(text string) (uint64, error) { return strconv.ParseUint(text, 0, 64) }

// Duration is [Int] for a length of time, such as 1.5s.
func Duration(f *pflag.FlagSet, name string, value, least, most time.Duration, usage string) *time.Duration {
	p := new(time.Duration)
	DurationVar(f, p, name, value, least, most, usage)
	return p
}

// DurationVar is [Duration] for a variable that is there already.
func DurationVar(f *pflag.FlagSet, p *time.Duration, name string, value, least, most time.Duration, usage string) {
	ranged(f, p, name, "", value, least, most, usage, "duration", time.ParseDuration)
}

// File declares a flag that takes the name of a file, such as example. It is empty only if the flag is not given: an empty name on
// the command line, as a variable of the shell that is not set makes it, is a *[ValueError].
func File(f *pflag.FlagSet, name, example, usage string) *string {
	v := &fileValue{example: example}
	f.Var(v, name, usage)
	return &v.name
}

// NamesFile reports whether a flag takes the name of a file: [File] has declared it.
func NamesFile(f *pflag.Flag) bool {
	_, ok := f.Value.(*fileValue)
	return ok
}

type fileValue struct{ name, example string }

func (v *fileValue) String() string { return v.name }
func (v *fileValue) Type() string   { return "string" }

func (v *fileValue) Set(name string) error {
	if name == "" {
		return &ValueError{"the name of a file, as in " + v.example}
	}
	v.name = name
	return nil
}

// ValueError is a value that a flag does not take: it is not of the flag's type, or not in its range.
type ValueError struct {
	Want string // what it takes, as in: 1 to 64
}

func (e *ValueError) Error() string { return "want " + e.Want }

func ranged[T cmp.Ordered](
	f *pflag.FlagSet, p *T, name, short string, value, least, most T, usage, kind string, parse func(string) (T, error),
) {
	v := &rangedValue[T]{p, least, most, kind, parse}
	if value < least || value > most {
		panic(fmt.Sprintf("catalog: the default of --%s is %v, and its range %v to %v", name, value, least, most))
	}
	*p = value
	f.VarP(v, name, short, fmt.Sprintf("%s, %v to %v", usage, least, most))
}

// rangedValue is a pflag.Value that keeps to a range.
type rangedValue[T cmp.Ordered] struct {
	value       *T
	least, most T
	kind        string
	parse       func(string) (T, error)
}

func (v *rangedValue[T]) String() string { return fmt.Sprint(*v.value) }
func (v *rangedValue[T]) Type() string   { return v.kind }

func (v *rangedValue[T]) Set(text string) error {
	value, err := v.parse(text)
	if err != nil || value < v.least || value > v.most {
		want := fmt.Sprintf("%v to %v", v.least, v.most)
		if d, ok := any(min(max(*v.value, v.least), v.most)).(time.Duration); ok {
			want += fmt.Sprintf(", as in %v", cmp.Or(d, time.Duration(1.5*float64(time.Second))))
		}
		return &ValueError{want}
	}
	*v.value = value
	return nil
}

// RangeOf returns the least and the most of a flag that [Int] declared; ok is false for others.
func RangeOf(f *pflag.Flag) (least, most int, ok bool) {
	v, ok := f.Value.(*rangedValue[int])
	if !ok {
		return 0, 0, false
	}
	return v.least, v.most, true
}

// LimitsOf returns the least and the most of a flag that has a range, as they are typed; ok is false for others.
func LimitsOf(f *pflag.Flag) (least, most string, ok bool) {
	v, ok := f.Value.(interface{ limits() (least, most string) })
	if !ok {
		return "", "", false
	}
	least, most = v.limits()
	return least, most, true
}

func (v *rangedValue[T]) limits() (least, most string) {
	return fmt.Sprint(v.least), fmt.Sprint(v.most)
}
