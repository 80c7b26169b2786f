package expr

import (
	"go/ast"
	"go/token"
	"go/types"

	"cookbook/internal/gpu/driver"
)

// one is an operation on each element of x.
func one[T driver.Number](k *compiler, x func(*frame) []T, do func(d, x []T)) func(*frame) []T {
	at := k.own()
	return func(f *frame) []T {
		xs := x(f)
		d := temp[T](f, at)
		do(d, xs[:len(d)])
		return d
	}
}

// two is an operation on each pair of elements of x and y.
func two[T driver.Number](k *compiler, x, y func(*frame) []T, do func(d, x, y []T)) func(*frame) []T {
	at := k.own()
	return func(f *frame) []T {
		xs, ys := x(f), y(f)
		d := temp[T](f, at)
		do(d, xs[:len(d)], ys[:len(d)])
		return d
	}
}

// common compiles what integers and floating-point numbers have in common. It is nil for anything else.
func common[T driver.Number](k *compiler, e ast.Expr) func(*frame) []T {
	if v := leaf[T](k, e); v != nil {
		return v
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return of[T](k, e.X)
	case *ast.UnaryExpr:
		switch e.Op {
		case token.ADD:
			return of[T](k, e.X)
		case token.SUB:
			return one(k, of[T](k, e.X), func(d, x []T) {
				for j := range d {
					d[j] = -x[j]
				}
			})
		}
	case *ast.BinaryExpr:
		if do := arithmetic[T](e.Op); do != nil {
			return two(k, of[T](k, e.X), of[T](k, e.Y), do)
		}
	case *ast.CallExpr:
		if k.info.Types[e.Fun].IsType() {
			return conversion[T](k, e.Args[0])
		}
		if name, ok := e.Fun.(*ast.Ident); ok && k.info.Types[e.Fun].IsBuiltin() && (name.Name == "min" || name.Name == "max") {
			v := of[T](k, e.Args[0])
			for _, a := range e.Args[1:] {
				v = two(k, v, of[T](k, a), extreme[T](name.Name))
			}
			return v
		}
	}
	return nil
}

// arithmetic returns the loop of an operator that all numbers have.
func arithmetic[T driver.Number](op token.Token) func(d, x, y []T) {
	switch op {
	case token.ADD:
		return func(d, x, y []T) {
			x, y = x[:len(d)], y[:len(d)]
			for j := range d {
				d[j] = x[j] + y[j]
			}
		}
	case token.SUB:
		return func(d, x, y []T) {
			x, y = x[:len(d)], y[:len(d)]
			for j := range d {
				d[j] = x[j] - y[j]
			}
		}
	case token.MUL:
		return func(d, x, y []T) {
			x, y = x[:len(d)], y[:len(d)]
			for j := range d {
				d[j] = x[j] * y[j]
			}
		}
	case token.QUO:
		return func(d, x, y []T) {
			x, y = x[:len(d)], y[:len(d)]
			for j := range d {
				d[j] = x[j] / y[j]
			}
		}
	}
	return nil
}

// extreme returns the loop of min or max.
func extreme[T driver.Number](name string) func(d, x, y []T) {
	if name == "min" {
		return func(d, x, y []T) {
			x, y = x[:len(d)], y[:len(d)]
			for j := range d {
				d[j] = min(x[j], y[j])
			}
		}
	}
	return func(d, x, y []T) {
		x, y = x[:len(d)], y[:len(d)]
		for j := range d {
			d[j] = max(x[j], y[j])
		}
	}
}

// integerOp returns the loop of an operator that only integers have.
func integerOp[T integer](op token.Token) func(d, x, y []T) {
	switch op {
	case token.REM:
		return func(d, x, y []T) {
			x, y = x[:len(d)], y[:len(d)]
			for j := range d {
				d[j] = x[j] % y[j]
			}
		}
	case token.AND:
		return func(d, x, y []T) {
			x, y = x[:len(d)], y[:len(d)]
			for j := range d {
				d[j] = x[j] & y[j]
			}
		}
	case token.OR:
		return func(d, x, y []T) {
			x, y = x[:len(d)], y[:len(d)]
			for j := range d {
				d[j] = x[j] | y[j]
			}
		}
	case token.XOR:
		return func(d, x, y []T) {
			x, y = x[:len(d)], y[:len(d)]
			for j := range d {
				d[j] = x[j] ^ y[j]
			}
		}
	case token.AND_NOT:
		return func(d, x, y []T) {
			x, y = x[:len(d)], y[:len(d)]
			for j := range d {
				d[j] = x[j] &^ y[j]
			}
		}
	}
	return nil
}

// shift compiles a shift. The count is of any integer type; a negative one panics, as in Go.
func shift[T integer](k *compiler, e *ast.BinaryExpr) func(*frame) []T {
	x := of[T](k, e.X)
	count := conversion[int](k, e.Y)
	if k.kind(e.Y) == types.Uint64 { // one too large for an int is as good as 64
		big, room := of[uint64](k, e.Y), k.room()
		count = func(f *frame) []int {
			c, d := big(f), temp[int](f, room)
			for j := range d {
				d[j] = int(min(c[j], 64))
			}
			return d
		}
	}
	at := k.own()
	left := e.Op == token.SHL
	return func(f *frame) []T {
		xs, by := x(f), count(f)
		d := temp[T](f, at)
		for j := range d {
			if left {
				d[j] = xs[j] << by[j]
			} else {
				d[j] = xs[j] >> by[j]
			}
		}
		return d
	}
}

// conversion compiles an expression of any number, converted to T.
func conversion[T driver.Number](k *compiler, e ast.Expr) func(*frame) []T {
	switch v := k.vector(e).(type) {
	case func(*frame) []T:
		return v
	case func(*frame) []int:
		return convert[T](k, v)
	case func(*frame) []int8:
		return convert[T](k, v)
	case func(*frame) []int16:
		return convert[T](k, v)
	case func(*frame) []int32:
		return convert[T](k, v)
	case func(*frame) []int64:
		return convert[T](k, v)
	case func(*frame) []uint8:
		return convert[T](k, v)
	case func(*frame) []uint16:
		return convert[T](k, v)
	case func(*frame) []uint32:
		return convert[T](k, v)
	case func(*frame) []uint64:
		return convert[T](k, v)
	case func(*frame) []float32:
		return convert[T](k, v)
	case func(*frame) []float64:
		return convert[T](k, v)
	}
	panic("expr: a vector of an unknown type")
}

func convert[T, From driver.Number](k *compiler, x func(*frame) []From) func(*frame) []T {
	at := k.own()
	return func(f *frame) []T {
		xs := x(f)
		d := temp[T](f, at)
		for j := range d {
			d[j] = T(xs[j])
		}
		return d
	}
}
