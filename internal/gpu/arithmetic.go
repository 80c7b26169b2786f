package gpu

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
)

// Add returns a + b, element by element. The shapes are the same. Integers wrap around, as in Go.
func (a *Array[T]) Add(b *Array[T]) *Array[T] { return a.with(b, "+") }

// Sub returns a - b.
func (a *Array[T]) Sub(b *Array[T]) *Array[T] { return a.with(b, "-") }

// Mul returns a · b, element by element. For the product of matrices see [Gemm].
func (a *Array[T]) Mul(b *Array[T]) *Array[T] { return a.with(b, "*") }

// Div returns a / b. Integers are divided as in Go. Where such a b has a 0, Get and what reduces the result return [ErrLost] on the cpu
// device; on others the quotient is 0.
func (a *Array[T]) Div(b *Array[T]) *Array[T] { return a.with(b, "/") }

// Scale returns s · a.
func (a *Array[T]) Scale(s T) *Array[T] { return a.each("s "+name[T](), "s * x[i]", s) }

// AddScalar returns a + s.
func (a *Array[T]) AddScalar(s T) *Array[T] { return a.each("s "+name[T](), "x[i] + s", s) }

// Neg returns -a.
func (a *Array[T]) Neg() *Array[T] { return a.each("", "-x[i]") }

// Abs returns the amounts.
func (a *Array[T]) Abs() *Array[T] {
	if isFloat[T]() {
		return a.each("", fmt.Sprintf("%s(math.Abs(float64(x[i])))", name[T]()))
	}
	if least, _ := limits[T](); least == 0 {
		return a.each("", "x[i]")
	}
	return a.each("", "max(x[i], -x[i])")
}

// Sqrt returns the square roots, rounded to nearest; of floating-point numbers only.
func (a *Array[T]) Sqrt() *Array[T] {
	if a.err == nil && !isFloat[T]() {
		return a.fail(fmt.Errorf("the square roots of %s: %w", name[T](), ErrUnsupported))
	}
	return a.each("", fmt.Sprintf("%s(math.Sqrt(float64(x[i])))", name[T]()))
}

// with computes an operation of two arrays.
func (a *Array[T]) with(b *Array[T], op string) *Array[T] {
	switch {
	case a.err != nil:
		return a
	case b.err != nil:
		return b
	case a.device != b.device:
		return a.fail(fmt.Errorf("arrays of %s and %s: %w: both are to be on one device", a.device.info.Name, b.device.info.Name, ErrArgument))
	case !slices.Equal(a.shape, b.shape):
		return a.fail(fmt.Errorf("arrays of shapes %v and %v: %w: the shapes are to be the same", a.shape, b.shape, ErrArgument))
	}
	return a.compute("x, y, z []"+name[T](), "x[i] "+op+" y[i]", b)
}

// each computes an expression of x[i] and scalars.
func (a *Array[T]) each(scalars, expression string, values ...any) *Array[T] {
	params := "x, z []" + name[T]()
	if scalars != "" {
		params = "x []" + name[T]() + ", " + scalars + ", z []" + name[T]()
	}
	return a.compute(params, expression, values...)
}

// compute computes z[i] of an expression with x = a, and more arguments in between.
func (a *Array[T]) compute(params, expression string, more ...any) *Array[T] {
	x := a.plain()
	if x.err != nil {
		return x
	}
	for i, m := range more {
		if b, ok := m.(*Array[T]); ok {
			more[i] = b.plain()
		}
	}
	k, err := cached(a.device, params+": "+expression, func() (*Kernel, error) { return a.device.Elementwise("array", params, "z[i] = "+expression) })
	if err != nil {
		return a.fail(err)
	}
	defer runtime.KeepAlive(x)
	return x.result(func(z *Array[T]) error {
		_, err := k.Launch(context.Background(), Shape{}, slices.Concat([]any{x}, more, []any{z})...)
		return err
	})
}

// SumAll returns the sum of all numbers; 0 of none. See [Reduction] for the order.
func (a *Array[T]) SumAll(ctx context.Context) (T, error) {
	return a.reduce(ctx, "x []"+name[T](), "x[i]", "a + b", neutral[T]{text: "0"})
}

// MinAll returns the smallest number. Of no numbers it is an [ErrArgument]; a NaN makes it NaN.
func (a *Array[T]) MinAll(ctx context.Context) (T, error) { return a.extreme(ctx, "min", 1) }

// MaxAll returns the largest number, as [Array.MinAll].
func (a *Array[T]) MaxAll(ctx context.Context) (T, error) { return a.extreme(ctx, "max", -1) }

func (a *Array[T]) extreme(ctx context.Context, function string, sign int) (T, error) {
	if a.err == nil && a.Len() == 0 {
		var zero T
		return zero, fmt.Errorf("the %s of no numbers: %w", function, ErrArgument)
	}
	return a.reduce(ctx, "x []"+name[T](), "x[i]", function+"(a, b)", farthest[T](sign))
}

// Dot returns the sum of the products of all pairs of numbers. The shapes may differ, as with NumPy's vdot; the lengths may not.
func (a *Array[T]) Dot(ctx context.Context, b *Array[T]) (T, error) {
	var zero T
	switch {
	case a.err == nil && b.err != nil:
		return zero, b.err
	case a.err == nil && a.Len() != b.Len():
		return zero, fmt.Errorf("the dot product of %d and %d numbers: %w", a.Len(), b.Len(), ErrArgument)
	}
	return a.reduce(ctx, "x, y []"+name[T](), "x[i] * y[i]", "a + b", neutral[T]{text: "0"}, b)
}

func (a *Array[T]) reduce(ctx context.Context, params, mapped, reduced string, n neutral[T], more ...any) (T, error) {
	var zero T
	x := a.plain()
	if x.err != nil {
		return zero, x.err
	}
	for i, m := range more {
		more[i] = m.(*Array[T]).plain()
	}
	r, err := cached(a.device, params+": "+mapped+": "+reduced, func() (*Reduction[T], error) {
		return newReduction(a.device, params, mapped, reduced, n)
	})
	if err != nil {
		return zero, err
	}
	defer runtime.KeepAlive(more)
	return r.Run(ctx, slices.Concat([]any{x}, more)...)
}

func name[T Number]() string { return elemType[T]().String() }

func isFloat[T Number]() bool {
	half := 0.5
	return T(half) != 0
}

// farthest returns the number that is above (sign 1) or below all others.
func farthest[T Number](sign int) neutral[T] {
	if isFloat[T]() {
		return neutral[T]{text: fmt.Sprintf("infinity__(%d)", sign), value: T(math.Inf(sign)), known: true}
	}
	least, most := limits[T]()
	if sign < 0 {
		return neutral[T]{text: fmt.Sprint(least)}
	}
	return neutral[T]{text: fmt.Sprint(most)}
}

// limits returns the least and the most integer of a type.
func limits[T Number]() (least, most T) {
	var zero T
	if zero-1 > zero { // unsigned
		return zero, zero - 1
	}
	top := T(1)
	for range 8*sizeOf[T]() - 2 {
		top *= 2
	}
	return -top - top, top - 1 + top
}
