package catalog

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/pflag"
)

// Int declares a flag that takes a whole number from least to most. The range stands in the flag's help, and a value outside it
// is a *[RangeError] when the command line is parsed, so a recipe need not look at the number again. It panics if value, the
// default, is outside.
func Int(f *pflag.FlagSet, name string, value, least, most int, usage string) *int {
	return IntP(f, name, "", value, least, most, usage)
}

// IntP is [Int] with a short form of one letter, as in -n 5.
func IntP(f *pflag.FlagSet, name, short string, value, least, most int, usage string) *int {
	return ranged(f, name, short, value, least, most, usage, "int", parseInt)
}

// parseInt reads a number as pflag does: 1_000 and 0x10 are numbers, too.
func parseInt(text string) (int, error) {
	n, err := strconv.ParseInt(text, 0, strconv.IntSize)
	return int(n), err
}

// Duration is [Int] for a length of time, such as 1.5s.
func Duration(f *pflag.FlagSet, name string, value, least, most time.Duration, usage string) *time.Duration {
	return ranged(f, name, "", value, least, most, usage, "duration", time.ParseDuration)
}

// RangeError is a flag's value that is not a value of the flag's type, or not in its range.
type RangeError struct {
	Least, Most string
}

func (e *RangeError) Error() string { return fmt.Sprintf("want %s to %s", e.Least, e.Most) }

func ranged[T cmp.Ordered](
	f *pflag.FlagSet, name, short string, value, least, most T, usage, kind string, parse func(string) (T, error),
) *T {
	v := &rangedValue[T]{value, least, most, kind, parse}
	if value < least || value > most {
		panic(fmt.Sprintf("catalog: the default of --%s is %v, and its range %v to %v", name, value, least, most))
	}
	f.VarP(v, name, short, fmt.Sprintf("%s, %v to %v", usage, least, most))
	return &v.value
}

// rangedValue is a pflag.Value that keeps to a range.
type rangedValue[T cmp.Ordered] struct {
	value, least, most T
	kind               string
	parse              func(string) (T, error)
}

func (v *rangedValue[T]) String() string { return fmt.Sprint(v.value) }
func (v *rangedValue[T]) Type() string   { return v.kind }

func (v *rangedValue[T]) Set(text string) error {
	value, err := v.parse(text)
	if err != nil || value < v.least || value > v.most {
		return &RangeError{fmt.Sprint(v.least), fmt.Sprint(v.most)}
	}
	v.value = value
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
