package jit

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"cookbook/internal/gpu/driver"
)

// FaultWords is how many int64 the last argument of a checked kernel has. All are 0 before the launch; see [Unit.Fault].
const FaultWords = 4

// What is checked: the lower bits of the first word. The others are the position in the file.
const (
	checkIndex = iota
	checkSlice
	checkDivision
	checkBits = 2
)

// Checked returns the same kernels with checks: of each index, each slicing, and each division of integers. What is out of range is
// not touched: a load gives 0, a store does nothing, a slice is empty. The first violation of a launch is written to a slice of
// FaultWords int64, which the kernels take as one more parameter, their last.
func (u *Unit) Checked() *Unit { return &Unit{name: u.name, program: u.program, checked: true} }

// Fault returns the violation that the words of a launch tell, a driver.ErrLost; nil for none.
func (u *Unit) Fault(kernel string, words []int64) error {
	where, what := int32(words[0]), ""
	switch where & (1<<checkBits - 1) {
	case checkIndex:
		what = fmt.Sprintf("index %d is out of range of %d elements", words[1], words[3])
	case checkSlice:
		what = fmt.Sprintf("slice [%d:%d] is out of range of %d elements", words[1], words[2], words[3])
	case checkDivision:
		what = "division by zero"
	}
	if where == 0 {
		return nil
	}
	return fmt.Errorf("kernel %s at %s: %w: %s", kernel, u.program.column(token.Pos(where>>checkBits)), driver.ErrLost, what)
}

// fault is the parameter of a checked kernel that its caller does not see.
func fault() driver.Param {
	return driver.Param{Name: "fault", Slice: true, Elem: reflected(types.Int64), Write: true}
}

// checkHead has what checked programs call: %[1]s begins a function, %[2]s a pointer to memory of the device, %[3]s compares and swaps.
const checkHead = `%[1]s void check_report(%[2]si64 *fault, int at, i64 i, i64 j, i64 n)
{
	if (%[3]s((volatile %[2]sint *)fault, 0, at) == 0) {
		fault[1] = i;
		fault[2] = j;
		fault[3] = n;
	}
}
%[1]s i64 check_index(%[2]si64 *fault, int at, i64 i, i64 n)
{
	if (i >= 0 && i < n)
		return i;
	check_report(fault, at, i, 0, n);
	return -0x10000000000; // negative, also as a part of an index of several dimensions
}
%[1]s bool check_slice(%[2]si64 *fault, int at, i64 i, i64 j, i64 n)
{
	if (i >= 0 && i <= j && j <= n)
		return true;
	check_report(fault, at, i, j, n);
	return false;
}
`

// checks returns the functions that a checked program calls; "" for others.
func (w *writer) checks() string {
	if !w.checked {
		return ""
	}
	return fmt.Sprintf(checkHead, w.dialect.function, w.global, w.swap)
}

// check returns the first arguments of a check.
func (w *writer) check(what int, at token.Pos) string {
	return fmt.Sprintf("check_fault, %d", int(at)<<checkBits|what)
}

// checkedPlace returns the array or slice of an element, as a pointer, and its index in it, which is negative if it is out of range.
func (w *writer) checkedPlace(e ast.Expr) (v *variable, pointer, index string) {
	var indices []ast.Expr
	for i, ok := ast.Unparen(e).(*ast.IndexExpr); ok; i, ok = ast.Unparen(e).(*ast.IndexExpr) {
		indices = append(indices, i.Index)
		e = i.X
	}
	slices.Reverse(indices)
	v = w.variable(e)
	for d, i := range indices {
		n := v.name + "_len"
		if v.kind == array {
			n = fmt.Sprint(v.dims[d])
		}
		one := fmt.Sprintf("check_index(%s, %s, %s)", w.check(checkIndex, i.Pos()), w.value(i), n)
		switch {
		case d == 0:
			index = one
		case d == 1:
			index = fmt.Sprintf("%s * %s + %s", index, n, one)
		default:
			index = fmt.Sprintf("(%s) * %s + %s", index, n, one)
		}
	}
	space, _ := w.space(v)
	if pointer = v.name; v.kind == array && len(v.dims) > 1 {
		pointer = fmt.Sprintf("(%s%s *)%s", space, w.typeOf(v.elem), v.name)
	}
	return v, pointer, index
}

// space returns where a slice or array is: what stands before a pointer to it, and a letter.
func (w *writer) space(v *variable) (before, letter string) {
	switch {
	case v.kind == slice && !v.local:
		return w.global, "g"
	case v.kind == slice || w.f.kernel && v.mask == 0:
		return w.local, "l"
	}
	return "", "p"
}

// checkedLoad returns an element, or 0 if there is none.
func (w *writer) checkedLoad(e ast.Expr) string {
	v, pointer, index := w.checkedPlace(e)
	if w.inRegister(v) {
		if w.f.fits(v) {
			return v.name
		}
		return fmt.Sprintf("(%s < 0 ? 0 : %s)", index, v.name)
	}
	before, letter := w.space(v)
	t := w.typeOf(v.elem)
	name := "check_load_" + letter + "_" + t
	return w.need(name, fmt.Sprintf("%s %s(const %s%s *x, i64 i)\n{\n\treturn i < 0 ? (%s)0 : x[i];\n}", t, name, before, t, t)) +
		fmt.Sprintf("(%s, %s)", pointer, index)
}

// checkedStore returns the assignment of a value to an element.
func (w *writer) checkedStore(e ast.Expr, value string) string {
	v, pointer, index := w.checkedPlace(e)
	if w.inRegister(v) {
		if w.f.fits(v) {
			return v.name + " = " + value
		}
		return fmt.Sprintf("%s = %s < 0 ? %s : %s", v.name, index, v.name, wrap(value))
	}
	before, letter := w.space(v)
	t := w.typeOf(v.elem)
	name := "check_store_" + letter + "_" + t
	return w.need(name, fmt.Sprintf("void %s(%s%s *x, i64 i, %s value)\n{\n\tif (i >= 0)\n\t\tx[i] = value;\n}", name, before, t, t)) +
		fmt.Sprintf("(%s, %s, %s)", pointer, index, value)
}

func (w *writer) inRegister(v *variable) bool {
	return w.f.kernel && v.kind == array && w.f.register(v)
}

// checkedSlice declares a pointer and a length that are a part of another slice, with what is before its name, from lo to hi. As in
// Go, hi may be behind the end of a slice that is itself a part of a longer one.
func (w *writer) checkedSlice(v, of *variable, before string, at token.Pos, lo, hi string) []string {
	root := of.root.name
	if of.local {
		root = "shared__"
	}
	name, capacity := "check_of_"+v.name, root+"_len"
	if of.local {
		capacity = "shared__len"
	}
	if of.name != root {
		capacity = fmt.Sprintf("%s - (%s - %s)", capacity, of.name, root)
	}
	return []string{
		fmt.Sprintf("const bool %s = check_slice(%s, %s, %s, %s)", name, w.check(checkSlice, at), lo, hi, capacity),
		fmt.Sprintf("%s = %s + (%s ? %s : 0)", before, of.name, name, wrap(lo)),
		fmt.Sprintf("const i64 %s_len = %s ? %s - %s : 0", v.name, name, wrap(hi), wrap(lo)),
	}
}

// checkedDivision needs a division, of which text is the one without checks, that reports a zero.
func (w *writer) checkedDivision(name, text string, at token.Pos, x, y ast.Expr) string {
	text = strings.Replace(text, name+"(", "check_"+name+"("+w.global+"i64 *fault, int at, ", 1)
	text = strings.Replace(text, "{\n", "{\n\tif (y == 0)\n\t\tcheck_report(fault, at, 0, 0, 0);\n", 1)
	return w.need("check_"+name, text) + fmt.Sprintf("(%s, %s, %s)", w.check(checkDivision, at), w.value(x), w.value(y))
}
