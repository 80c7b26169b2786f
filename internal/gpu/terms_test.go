package gpu_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"cookbook/internal/gpu"
)

// term is an expression, as a text and as a function of the element's index.
type term[T gpu.Number] struct {
	text string
	at   func(i int) T
}

// texts makes random texts of expressions, and their meaning from functions of this file: one operation each, one element at a time.
type texts struct {
	*rand.Rand
	float32s []term[float32]
	float64s []term[float64]
	ints     []term[int]
	int32s   []term[int32]
	uint8s   []term[uint8]
	uint64s  []term[uint64]
	small    []term[float64] // from -100 to 100: all signed integers can hold what is left of them
}

// leaves returns the list of the leaves of type T.
func leaves[T gpu.Number](g *texts) *[]term[T] {
	for _, l := range []any{&g.float32s, &g.float64s, &g.ints, &g.int32s, &g.uint8s, &g.uint64s} {
		if l, ok := l.(*[]term[T]); ok {
			return l
		}
	}
	panic("no such type")
}

func pick[E any](g *texts, s []E) E { return s[g.IntN(len(s))] }

func typeName[T gpu.Number]() string {
	var zero T
	return fmt.Sprintf("%T", zero)
}

// expression makes an expression of floating-point numbers or of integers.
func expression[T gpu.Number](g *texts, depth int) term[T] {
	if depth == 0 || g.IntN(8) == 0 {
		return pick(g, *leaves[T](g))
	}
	half := 0.5
	a := expression[T](g, depth-1)
	b := expression[T](g, depth-1)
	if g.IntN(4) == 0 {
		c := T(1 + g.IntN(100))
		b = term[T]{fmt.Sprint(c), func(int) T { return c }}
	}
	binary := func(op string, f func(x, y T) T) term[T] {
		return term[T]{"(" + a.text + " " + op + " " + b.text + ")", func(i int) T { return f(a.at(i), b.at(i)) }}
	}
	switch g.IntN(9) {
	case 0:
		return binary("+", func(x, y T) T { return x + y })
	case 1:
		return binary("-", func(x, y T) T { return x - y })
	case 2:
		return binary("*", func(x, y T) T { return x * y })
	case 3:
		if T(half) != 0 {
			return binary("/", func(x, y T) T { return x / y })
		}
	case 4:
		return term[T]{"min(" + a.text + ", " + b.text + ")", func(i int) T { return min(a.at(i), b.at(i)) }}
	case 5:
		return term[T]{"max(" + a.text + ", " + b.text + ")", func(i int) T { return max(a.at(i), b.at(i)) }}
	case 6:
		return term[T]{"-(" + a.text + ")", func(i int) T { return -a.at(i) }}
	case 7:
		return converted[T](g, depth-1)
	}
	switch b := any(b).(type) {
	case term[float32]:
		return any(rounded(g, depth)).(term[T])
	case term[float64]:
		return any(mathematics(g, any(a).(term[float64]), b, depth)).(term[T])
	case term[int]:
		return any(integer(g, any(a).(term[int]), b)).(term[T])
	case term[int32]:
		return any(integer(g, any(a).(term[int32]), b)).(term[T])
	case term[uint8]:
		return any(integer(g, any(a).(term[uint8]), b)).(term[T])
	case term[uint64]:
		return any(integer(g, any(a).(term[uint64]), b)).(term[T])
	}
	panic("no such type")
}

// converted makes a conversion.
func converted[T gpu.Number](g *texts, depth int) term[T] {
	name, half := typeName[T](), 0.5
	to := func(text string, f func(i int) T) term[T] { return term[T]{name + "(" + text + ")", f} }
	switch g.IntN(6) {
	case 0:
		a := expression[int](g, depth)
		return to(a.text, func(i int) T { return T(a.at(i)) })
	case 1:
		a := expression[int32](g, depth)
		return to(a.text, func(i int) T { return T(a.at(i)) })
	case 2:
		a := expression[uint8](g, depth)
		return to(a.text, func(i int) T { return T(a.at(i)) })
	case 3:
		a := expression[uint64](g, depth)
		return to(a.text, func(i int) T { return T(a.at(i)) })
	}
	switch {
	case T(half) != 0:
		a := expression[float64](g, depth)
		if g.IntN(2) == 0 {
			b := expression[float32](g, depth)
			return to(b.text, func(i int) T { return T(b.at(i)) })
		}
		return to(a.text, func(i int) T { return T(a.at(i)) })
	case name != "uint8" && name != "uint64":
		a := pick(g, g.small)
		return to(a.text, func(i int) T { return T(a.at(i)) })
	}
	return pick(g, *leaves[T](g))
}

// rounded makes a function of package math, of float32.
func rounded(g *texts, depth int) term[float32] {
	a := expression[float32](g, depth-1)
	f := pick(g, functions)
	return term[float32]{"float32(math." + f.name + "(float64(" + a.text + ")))", func(i int) float32 { return float32(f.f(float64(a.at(i)))) }}
}

// functions are those of package math whose results have the same bits everywhere.
var functions = []struct {
	name string
	f    func(float64) float64
}{{"Sqrt", math.Sqrt}, {"Abs", math.Abs}, {"Floor", math.Floor}, {"Ceil", math.Ceil}, {"Trunc", math.Trunc}}

// mathematics makes a function of package math, of float64.
func mathematics(g *texts, a, b term[float64], depth int) term[float64] {
	if g.IntN(4) == 0 {
		c := expression[float64](g, depth-1)
		return term[float64]{"math.FMA(" + a.text + ", " + b.text + ", " + c.text + ")", func(i int) float64 { return math.FMA(a.at(i), b.at(i), c.at(i)) }}
	}
	f := pick(g, functions)
	return term[float64]{"math." + f.name + "(" + a.text + ")", func(i int) float64 { return f.f(a.at(i)) }}
}

// integer makes an operation that only integers have. No divisor is 0.
func integer[T int | int32 | uint8 | uint64](g *texts, a, b term[T]) term[T] {
	count := pick(g, g.uint8s)
	binary := func(op string, f func(x, y T) T) term[T] {
		return term[T]{"(" + a.text + " " + op + " " + b.text + ")", func(i int) T { return f(a.at(i), b.at(i)) }}
	}
	switch g.IntN(9) {
	case 0:
		return term[T]{"(" + a.text + " / (" + b.text + " | 1))", func(i int) T { return a.at(i) / (b.at(i) | 1) }}
	case 1:
		return term[T]{"(" + a.text + " % (" + b.text + " | 1))", func(i int) T { return a.at(i) % (b.at(i) | 1) }}
	case 2:
		return binary("&", func(x, y T) T { return x & y })
	case 3:
		return binary("|", func(x, y T) T { return x | y })
	case 4:
		return binary("^", func(x, y T) T { return x ^ y })
	case 5:
		return binary("&^", func(x, y T) T { return x &^ y })
	case 6:
		if g.IntN(2) == 0 {
			count := pick(g, g.uint64s)
			return term[T]{"(" + a.text + " << " + count.text + ")", func(i int) T { return a.at(i) << count.at(i) }}
		}
		return term[T]{"(" + a.text + " << " + count.text + ")", func(i int) T { return a.at(i) << count.at(i) }}
	case 7:
		return term[T]{"(" + a.text + " >> (" + count.text + " & 63))", func(i int) T { return a.at(i) >> (count.at(i) & 63) }}
	}
	return term[T]{"^" + a.text, func(i int) T { return ^a.at(i) }}
}
