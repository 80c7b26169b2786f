package expr

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"math/big"
	"reflect"

	"cookbook/internal/gpu/driver"
)

// integer is an integer of any kind.
type integer interface {
	int | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// float is a floating-point number of any kind.
type float interface{ float32 | float64 }

// compiler makes vectors of a checked text.
type compiler struct {
	*checked
	params  map[string]int // index by name
	slices  map[string]bool
	locals  map[types.Object]int // the room of a variable
	noIndex bool                 // there is no element, so no i
	temps   int
	result  int // the room in which the operation that was compiled last leaves its result; -1 if it was none
}

func newCompiler(c *checked, params []driver.Param) *compiler {
	k := &compiler{checked: c, params: map[string]int{}, slices: map[string]bool{}, locals: map[types.Object]int{}}
	for i, p := range params {
		k.params[p.Name], k.slices[p.Name] = i, p.Slice
	}
	return k
}

// room returns the number of a new temp.
func (k *compiler) room() int {
	k.temps++
	return k.temps - 1
}

// own returns the number of a new temp for the result of an operation, whose operands have been compiled.
func (k *compiler) own() int {
	k.result = k.room()
	return k.result
}

// refusal is what a compiler panics with; caught in [refuse].
type refusal struct{ error }

func (k *compiler) refuse(at ast.Node, format string, args ...any) {
	panic(refusal{k.fail(at.Pos(), format, args...)})
}

// caught runs f and returns what it refuses.
func caught(f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r, ok := p.(refusal)
			if !ok {
				panic(p)
			}
			err = r.error
		}
	}()
	f()
	return nil
}

// kind returns the kind of number of an expression.
func (k *compiler) kind(e ast.Expr) types.BasicKind {
	if b, ok := k.info.TypeOf(e).Underlying().(*types.Basic); ok {
		switch b.Kind() {
		case types.Uint: // as uint(i): the same bits
			return types.Uint64
		case types.UntypedInt, types.UntypedRune: // of a shift's count
			return types.Int
		}
		if b.Info()&types.IsNumeric != 0 && b.Info()&types.IsComplex == 0 {
			return b.Kind()
		}
	}
	k.refuse(e, "a %s cannot be computed with here, only numbers; write a kernel for more", k.info.TypeOf(e))
	return 0
}

// vector compiles an expression of numbers.
func (k *compiler) vector(e ast.Expr) vector {
	switch k.kind(e) {
	case types.Int:
		return integers[int](k, e)
	case types.Int8:
		return integers[int8](k, e)
	case types.Int16:
		return integers[int16](k, e)
	case types.Int32:
		return integers[int32](k, e)
	case types.Int64:
		return integers[int64](k, e)
	case types.Uint8:
		return integers[uint8](k, e)
	case types.Uint16:
		return integers[uint16](k, e)
	case types.Uint32:
		return integers[uint32](k, e)
	case types.Uint64:
		return integers[uint64](k, e)
	case types.Float32:
		return floats[float32](k, e)
	case types.Float64:
		return floats[float64](k, e)
	}
	k.refuse(e, "a %s cannot be computed with here", k.info.TypeOf(e))
	return nil
}

// of compiles an expression whose numbers are of type T.
func of[T driver.Number](k *compiler, e ast.Expr) func(*frame) []T {
	v, ok := k.vector(e).(func(*frame) []T)
	if !ok {
		k.refuse(e, "it is a %s, not a %v", k.info.TypeOf(e), reflect.TypeFor[T]())
	}
	return v
}

// leaf compiles what is no operation: a constant, a parameter, an element, a variable. It is nil for anything else.
func leaf[T driver.Number](k *compiler, e ast.Expr) func(*frame) []T {
	k.result = -1
	if c := k.info.Types[e].Value; c != nil {
		all := make([]T, Chunk)
		value := number[T](c)
		for j := range all {
			all[j] = value
		}
		return func(f *frame) []T { return all[:f.n] }
	}
	switch e := e.(type) {
	case *ast.Ident:
		object := k.info.Uses[e]
		if at, ok := k.locals[object]; ok {
			return func(f *frame) []T { return temp[T](f, at) }
		}
		at := k.room()
		if p, ok := k.params[e.Name]; ok && !k.slices[e.Name] {
			return func(f *frame) []T {
				if f.temps[at] == nil {
					all, value := make([]T, Chunk), f.args[p].(T)
					for j := range all {
						all[j] = value
					}
					f.temps[at] = &all
				}
				return temp[T](f, at)
			}
		}
		if e.Name == "i" && !k.noIndex {
			return func(f *frame) []T {
				d := temp[T](f, at)
				for j := range d {
					d[j] = T(f.lo + j)
				}
				return d
			}
		}
		k.refuse(e, "%s is no number here", e.Name)
	case *ast.IndexExpr:
		p := k.element(e)
		return func(f *frame) []T { return f.args[p].([]T)[f.lo : f.lo+f.n] }
	}
	return nil
}

// element returns the parameter of x[i].
func (k *compiler) element(e *ast.IndexExpr) int {
	slice, ok := e.X.(*ast.Ident)
	index, plain := e.Index.(*ast.Ident)
	if !ok || !plain || index.Name != "i" || !k.slices[slice.Name] {
		k.refuse(e, "only element i of a parameter can be used, as in x[i]; write a kernel for other elements")
	}
	return k.params[slice.Name]
}

// number returns a constant as a T, to which it fits.
func number[T driver.Number](c constant.Value) T {
	var zero T
	switch any(zero).(type) {
	case float32:
		f, _ := constant.Float32Val(constant.ToFloat(c))
		return T(f)
	case float64:
		f, _ := constant.Float64Val(constant.ToFloat(c))
		return T(f)
	}
	n, _ := new(big.Int).SetString(constant.ToInt(c).ExactString(), 10)
	if n.Sign() < 0 || n.IsInt64() {
		return T(n.Int64())
	}
	return T(n.Uint64())
}

// integers compiles an expression of integers.
func integers[T integer](k *compiler, e ast.Expr) func(*frame) []T {
	if v := common[T](k, e); v != nil {
		return v
	}
	switch e := e.(type) {
	case *ast.UnaryExpr:
		if e.Op == token.XOR {
			return one(k, of[T](k, e.X), func(d, x []T) {
				for j := range d {
					d[j] = ^x[j]
				}
			})
		}
	case *ast.BinaryExpr:
		if e.Op == token.SHL || e.Op == token.SHR {
			return shift[T](k, e)
		}
		if do := integerOp[T](e.Op); do != nil {
			return two(k, of[T](k, e.X), of[T](k, e.Y), do)
		}
	}
	k.refuse(e, "this cannot be computed here; write a kernel for it")
	return nil
}

// floats compiles an expression of floating-point numbers.
func floats[T float](k *compiler, e ast.Expr) func(*frame) []T {
	if v := common[T](k, e); v != nil {
		return v
	}
	if e, ok := e.(*ast.CallExpr); ok {
		if s, ok := e.Fun.(*ast.SelectorExpr); ok {
			return mathCall[T](k, e, functions()[s.Sel.Name])
		}
	}
	k.refuse(e, "this cannot be computed here; write a kernel for it")
	return nil
}

// mathCall compiles a call of package math, whose functions take and return float64.
func mathCall[T float](k *compiler, e *ast.CallExpr, f any) func(*frame) []T {
	args := make([]func(*frame) []float64, len(e.Args))
	for i, a := range e.Args {
		args[i] = of[float64](k, a)
	}
	var call func(*frame) []float64
	switch f := f.(type) {
	case func(float64) float64:
		do := func(d, x []float64) {
			for j := range d {
				d[j] = f(x[j])
			}
		}
		if reflect.ValueOf(f).Pointer() == reflect.ValueOf(math.Sqrt).Pointer() {
			do = func(d, x []float64) {
				for j := range d {
					d[j] = math.Sqrt(x[j]) // one instruction, without a call
				}
			}
		}
		call = one(k, args[0], do)
	case func(x, y float64) float64:
		call = two(k, args[0], args[1], func(d, x, y []float64) {
			for j := range d {
				d[j] = f(x[j], y[j])
			}
		})
	case func(x, y, z float64) float64:
		at := k.own()
		call = func(fr *frame) []float64 {
			x, y, z, d := args[0](fr), args[1](fr), args[2](fr), temp[float64](fr, at)
			for j := range d {
				d[j] = f(x[j], y[j], z[j])
			}
			return d
		}
	default:
		k.refuse(e, "this function cannot be called here; write a kernel for it")
	}
	v, ok := any(call).(func(*frame) []T)
	if !ok {
		k.refuse(e, "functions of package math return float64")
	}
	return v
}
