package ch1

import (
	"context"
	"fmt"
	"math"
	"math/cmplx"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// A tour of the language for those who know Python.

func numbers(out *transcript.Log) {
	out.Note("On the left a piece of Go, on the right its value. The checks compare with what Python gives.")
	width := 20 // := declares and assigns; the type is that of the value, here int
	height := 5 * 9
	show(out, "width * height", width*height)
	out.Check("20 times 45", width*height, 900)

	a := 1.5 + 0.5i // a complex128: two float64
	show(out, "real(a)", real(a))
	show(out, "imag(a)", imag(a))
	show(out, "cmplx.Abs(a)", cmplx.Abs(a))
	out.Check("the absolute value, digit by digit as Python prints it", fmt.Sprint(cmplx.Abs(a)), "1.5811388300841898")
	out.Check("the 5.0 in the book is the absolute value of 3+4i", cmplx.Abs(3+4i), 5.0)
}

// show prints a piece of code and what it gives, as Python's prompt would.
func show(out *transcript.Log, code string, value any) {
	out.Printf("%-24s  %v", code, value)
}

func text(out *transcript.Log) {
	out.Note("A string is bytes, and an index counts bytes: word[4] is the number 65, which string turns into text.")
	word := "Help" + "A"
	show(out, "word", word)
	show(out, "word[4]", word[4])
	show(out, "string(word[4])", string(word[4]))
	show(out, "word[0:2]", word[0:2])
	show(out, "word[len(word)-1:]", word[len(word)-1:])
	out.Check("the last letter is the fifth", word[len(word)-1], word[4])

	letters := []rune("Hélp") // a rune is a code point, what Python's str is made of
	show(out, `len("Hélp")`, len("Hélp"))
	show(out, `len([]rune("Hélp"))`, len(letters))
	out.Check("the second letter of Hélp, by runes", string(letters[1]), "é")
}

func lists(out *transcript.Log) {
	out.Note("A slice has elements of one type; any is the type of every value. There is no a[-2]: count from len(a).")
	a := []any{"spam", "eggs", 100, 1234}
	show(out, "a[0]", a[0])
	show(out, "a[3]", a[3])
	show(out, "a[len(a)-2]", a[len(a)-2])
	show(out, "a[1:len(a)-1]", a[1:len(a)-1])
	show(out, "len(a)", len(a))
	out.Check("without the first and the last", a[1:len(a)-1], []any{"eggs", 100})
}

func loops(out *transcript.Log) {
	out.Note("for is the only loop: with a condition it is Python's while, with range Python's for.")
	a, b := 0, 1
	for b < 10 {
		show(out, "b", b)
		a, b = b, a+b
	}
	out.Check("the first that is not below 10", b, 13)

	series := fibonacciBelow(2000)
	out.Printf("%s", strings.Trim(fmt.Sprint(series), "[]"))
	out.Check("the last below 2000", series[len(series)-1], 1597)

	letters := 0
	for _, word := range []string{"cat", "window", "defenestrate"} {
		show(out, word, len(word))
		letters += len(word)
	}
	out.Check("3 + 6 + 12", letters, 21)
}

func fibonacciBelow(n int) []int {
	var series []int
	for a, b := 0, 1; b < n; a, b = b, a+b {
		series = append(series, b)
	}
	return series
}

func branches(out *transcript.Log, x int) {
	show(out, "x", x)
	out.Printf("%s", describeNumber(x))
	out.Check("x = -1", describeNumber(-1), "the number is negative")
	out.Check("x = 0", describeNumber(0), "the number is zero")
	out.Check("x = 1", describeNumber(1), "the number is one")
	out.Check("x = 2", describeNumber(2), "More")
}

// describeNumber is a chain of if and elif: the first case that is true is taken, and no other.
func describeNumber(x int) string {
	switch {
	case x < 0:
		return "the number is negative"
	case x == 0:
		return "the number is zero"
	case x == 1:
		return "the number is one"
	default:
		return "More"
	}
}

func packages(out *transcript.Log) {
	out.Note("A name of a package is written after the package's name. Go prints the float64 0.0 as 0.")
	show(out, "math.Sin(1)", math.Sin(1))
	show(out, "math.Log(1)", math.Log(1))
	out.Check("the sine, digit by digit as Python prints it", fmt.Sprint(math.Sin(1)), "0.8414709848078965")
	out.Check("the logarithm of 1", math.Log(1), 0.0)
}

func types(out *transcript.Log) {
	x := complexNumber{r: 3.0, i: -4.5}
	out.Printf("%-24s  (%.1f, %.1f)", "x.r, x.i", x.r, x.i)
	out.Check("the same number in Go's own type", complex(x.r, x.i), 3-4.5i)
}

// complexNumber is the book's class. It has no constructor: a value is written as complexNumber{r: 3.0, i: -4.5}.
type complexNumber struct{ r, i float64 }

func takeTour(ctx context.Context, out *transcript.Log, x int) error {
	stops := []func(){
		func() { numbers(out) },
		func() { text(out) },
		func() { lists(out) },
		func() { loops(out) },
		func() { branches(out, x) },
		func() { packages(out) },
		func() { types(out) },
	}
	for _, stop := range stops {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		stop()
	}
	return nil
}

var tour = catalog.Recipe{
	ID: "ch1.tour", Section: "1.7", Title: "Tour the language",
	Python: "numbers, str, list, while, if, for, def, import, class", Go: "the same tour",
	New: func(f *pflag.FlagSet) catalog.Run {
		x := catalog.Int(f, "x", 1, -1_000_000, 1_000_000, "the number that the branches test; the book asks for it")
		return func(ctx context.Context, out *transcript.Log) error { return takeTour(ctx, out, *x) }
	},
}
