package jit

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"strings"

	"cookbook/internal/gpu/driver"
)

// need returns the name of a function of C, which is written before the kernels.
func (w *writer) need(name, text string) string {
	w.needs[name] = text
	return name
}

// call returns a call: a conversion, a builtin function, one of package math, or one of the file.
func (w *writer) call(e *ast.CallExpr) string {
	if w.info.Types[e.Fun].IsType() {
		return w.conversion(e)
	}
	if w.info.Types[e.Fun].IsBuiltin() {
		return w.builtin(e)
	}
	if name := w.mathFunction(e); name != "" {
		return w.math(e, name, types.Float64)
	}
	var args []string
	for _, a := range e.Args {
		args = append(args, w.value(a))
	}
	id, ok := ast.Unparen(e.Fun).(*ast.Ident)
	if !ok {
		w.fail(e.Pos(), "only functions of the same file, of package math, min, max and len can be called on a device")
	}
	for _, f := range w.functions {
		if f.object == w.info.Uses[id] {
			if f.wide {
				w.f.wide = true
			}
			if w.checked {
				args = append(args, "check_fault")
			}
			return w.functionName(id.Name) + "(" + strings.Join(args, ", ") + ")"
		}
	}
	w.fail(e.Pos(), "%s cannot be called on a device: there are functions of the same file, of package math, min, max and len", id.Name)
	return ""
}

func (w *writer) builtin(e *ast.CallExpr) string {
	name := ast.Unparen(e.Fun).(*ast.Ident).Name
	switch name {
	case "len":
		v := w.variable(e.Args[0])
		if v.kind == array {
			return fmt.Sprint(v.dims[0])
		}
		return v.name + "_len"
	case "min", "max":
		kind := w.kind(e)
		text := w.typed(e.Args[0], kind)
		for _, a := range e.Args[1:] {
			text = w.extreme(name, kind) + "(" + text + ", " + w.typed(a, kind) + ")"
		}
		return text
	}
	w.fail(e.Pos(), "a device has no %s", name)
	return ""
}

// typed returns an argument; a constant is of the kind given.
func (w *writer) typed(e ast.Expr, kind types.BasicKind) string {
	if c := w.info.Types[e].Value; c != nil {
		return w.constant(c, kind, e)
	}
	return w.value(e)
}

// extreme needs min or max. Of floats, a NaN wins, and -0 is below 0.
func (w *writer) extreme(name string, kind types.BasicKind) string {
	t := w.typeOf(kind)
	sign := map[string]string{"min": "<", "max": ">"}[name]
	full := name + "_" + t
	if !isFloat(kind) {
		return w.need(full, fmt.Sprintf("%s %s(%s x, %s y)\n{\n\treturn x %s y ? x : y;\n}", t, full, t, t, sign))
	}
	zero := map[string]string{"min": "signbit(x) ? x : y", "max": "signbit(x) ? y : x"}[name]
	return w.need(full, fmt.Sprintf("%s %s(%s x, %s y)\n{\n\treturn x != x ? x : y != y ? y : x %s y ? x : y %s x ? y : (%s);\n}", t, full, t, t, sign, sign, zero))
}

// conversion returns T(x).
func (w *writer) conversion(e *ast.CallExpr) string {
	to, x := w.kind(e), e.Args[0]
	if to == types.Float32 {
		if text := w.single(x); text != "" {
			return text
		}
	}
	from := w.kind(x)
	text := w.value(x)
	switch {
	case from == to || w.typeOf(from) == w.typeOf(to):
		return wrap(text)
	case isFloat(from) && isInteger(to):
		return w.truncated(from, to) + "(" + text + ")"
	}
	return "(" + w.typeOf(to) + ")" + wrap(text)
}

// single returns float32(math.Sqrt(float64(x))) for an x that is a float32 as the function of float32, which gives the same bits and
// needs no float64; and so for the other functions that are exact or need not be. It is "" for anything else.
func (w *writer) single(e ast.Expr) string {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return ""
	}
	name := w.mathFunction(call)
	switch name {
	case "Sqrt", "Abs", "Floor", "Ceil", "Trunc", "Round", "RoundToEven", "Exp", "Log", "Sin", "Cos", "Tan", "Pow", "Copysign", "Min", "Max":
	default:
		return ""
	}
	var args []string
	for _, a := range call.Args {
		if c := w.info.Types[a].Value; c != nil {
			f, _ := constant.Float64Val(constant.ToFloat(c))
			if float64(float32(f)) != f {
				return ""
			}
			args = append(args, w.constant(c, types.Float32, a))
			continue
		}
		inner, ok := ast.Unparen(a).(*ast.CallExpr)
		if !ok || !w.info.Types[inner.Fun].IsType() || w.kind(inner) != types.Float64 || w.kind(inner.Args[0]) != types.Float32 {
			return ""
		}
		args = append(args, w.value(inner.Args[0]))
	}
	return w.mathIn(call, name, types.Float32, args)
}

// truncated needs the conversion of a float to an integer. What does not fit gives what it does on amd64: the least number, and of the
// unsigned types of 64 bits a number around 2⁶³.
func (w *writer) truncated(from, to types.BasicKind) string {
	f, t := w.typeOf(from), w.typeOf(to)
	end := ""
	if from == types.Float32 {
		end = "f"
	}
	wide := fmt.Sprintf("(x >= -0x1p63%s && x < 0x1p63%s ? (i64)x : %s)", end, end, fmt.Sprintf("(-9223372036854775807%s - 1)", w.suffix[0]))
	narrow := fmt.Sprintf("(x > %s && x < 0x1p31%s ? (i32)x : (-2147483647 - 1))", map[types.BasicKind]string{types.Float32: "-0x1.000002p31f", types.Float64: "-0x1.00000002p31"}[from], end)
	text := fmt.Sprintf("(%s)%s", t, wide)
	switch to {
	case types.Int8, types.Int16, types.Int32, types.Uint8, types.Uint16:
		text = fmt.Sprintf("(%s)%s", t, narrow)
	case types.Uint, types.Uint64:
		text = fmt.Sprintf("x < 0x1p63%s ? (u64)%s : x < 0x1p64%s ? (u64)x : 0x8000000000000000%s", end, wide, end, w.suffix[1])
	}
	name := "to_" + t + "_" + f
	return w.need(name, fmt.Sprintf("%s %s(%s x)\n{\n\treturn %s;\n}", t, name, f, text))
}

// mathFunction returns the name of the function of package math that is called; "" for none.
func (w *writer) mathFunction(e *ast.CallExpr) string {
	s, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if object, ok := w.info.Uses[s.Sel].(*types.Func); ok && object.Pkg() == stubs()["math"] {
		return object.Name()
	}
	return ""
}

// math returns a call of package math.
func (w *writer) math(e *ast.CallExpr, name string, kind types.BasicKind) string {
	var args []string
	for _, a := range e.Args {
		args = append(args, w.value(a))
	}
	return w.mathIn(e, name, kind, args)
}

// mathIn returns a call of package math for float64, or for float32.
func (w *writer) mathIn(e *ast.CallExpr, name string, kind types.BasicKind, args []string) string {
	all := strings.Join(args, ", ")
	w.typeOf(kind)
	c := map[string]string{
		"Sqrt": "sqrt", "Abs": "fabs", "Floor": "floor", "Ceil": "ceil", "Trunc": "trunc", "Round": "round", "RoundToEven": "rint", "FMA": "fma",
		"Copysign": "copysign", "Mod": "fmod", "Exp": "exp", "Log": "log", "Sin": "sin", "Cos": "cos", "Tan": "tan", "Pow": "pow",
	}[name]
	switch {
	case c != "":
		if kind == types.Float32 && w.language == driver.CUDAC {
			c += "f"
		}
		return c + "(" + all + ")"
	case name == "Min" || name == "Max":
		return w.mathExtreme(name, kind) + "(" + all + ")"
	case name == "Float32bits":
		return w.bits[0] + "(" + all + ")"
	case name == "Float32frombits":
		return w.bits[1] + "(" + all + ")"
	case name == "Float64bits":
		return "(u64)" + w.bits[2] + "(" + all + ")"
	case name == "Float64frombits":
		return w.bits[3] + "(" + all + ")"
	case name == "IsNaN":
		return wrap(args[0]) + " != " + wrap(args[0])
	case name == "IsInf":
		f := w.typeOf(types.Float64)
		return w.need("is_inf", fmt.Sprintf("bool is_inf(%s x, i64 sign)\n{\n\treturn sign >= 0 && x > 0x1.fffffffffffffp1023 || sign <= 0 && x < -0x1.fffffffffffffp1023;\n}", f)) + "(" + all + ")"
	case name == "Inf":
		return w.need("infinity", "double infinity(i64 sign)\n{\n\treturn sign >= 0 ? 1.0 / 0.0 : -1.0 / 0.0;\n}") + "(" + all + ")"
	case name == "NaN":
		return w.need("not_a_number", "double not_a_number(void)\n{\n\treturn 0.0 / 0.0;\n}") + "()"
	}
	w.fail(e.Pos(), "a device has no math.%s", name)
	return ""
}

// mathExtreme needs math.Min or math.Max, in which an infinity wins against a NaN, other than with min and max.
func (w *writer) mathExtreme(name string, kind types.BasicKind) string {
	t := w.typeOf(kind)
	lower := w.extreme(strings.ToLower(name), kind)
	infinite := map[string]string{"Min": "-1 / (%s)0", "Max": "1 / (%s)0"}[name]
	infinite = fmt.Sprintf(infinite, t)
	full := lower + "_math" // which is written behind it
	return w.need(full, fmt.Sprintf("%s %s(%s x, %s y)\n{\n\treturn x == %s || y == %s ? %s : %s(x, y);\n}", t, full, t, t, infinite, infinite, infinite, lower))
}
