package gpu

import (
	"fmt"
	"go/token"
	"strings"

	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/expr"
	"cookbook/internal/gpu/jit"
)

// Elementwise makes a kernel that computes assignments for every element i of its slices, such as
//
//	d.Elementwise("saxpy", "a float32, x, y []float32", "y[i] += a * x[i]")
//
// It stands for PyCUDA's ElementwiseKernel. Parameters and statements are Go; several statements are separated by semicolons, and may
// have variables (t := x[i] - y[i]). They compute with numbers: operators, conversions, min, max, and math.Abs, Ceil, Floor, Trunc,
// Sqrt, FMA, Exp, Log, Sin, Cos, Tan and Pow. Every operation is rounded on its own. Only element i can be used; all slices have the
// same length, or the launch is an [ErrArgument]. A text that does not compile is an [ErrBuild] that says where. Where Go panics, the
// cpu device fails with [ErrLost]; on others, integers divided by 0 give 0, and a shift by a negative count is one by a very large count.
func (d *Device) Elementwise(name, params, statements string) (*Kernel, error) {
	if !token.IsIdentifier(name) || expr.Reserved(name) || name == "init" || name == "_" {
		return nil, fmt.Errorf("kernel %q: %w: its name is to be one that a function of Go can have, and that means nothing yet", name, ErrArgument)
	}
	list, err := expr.Params(params)
	if err != nil {
		return nil, fmt.Errorf("kernel %s: %w", name, err)
	}
	s, err := expr.CompileStatements(list, statements)
	if err != nil {
		return nil, fmt.Errorf("kernel %s: %w", name, err)
	}
	first := firstSlice(list)
	if first == "" {
		return nil, fmt.Errorf("kernel %s: %q: %w: one parameter at least is a slice", name, params, ErrArgument)
	}
	text := fmt.Sprintf(`package kernels

import (
	"math"

	"gpu"
)

const pi__ = math.Pi // so that math is used

func %s(block__ *gpu.Block, %s) {
	first__, _ := block__.Range(len(%s))
	part__ := gpu.Part(block__, %s)
	for at__ := range part__ {
		i := first__ + at__
		_ = i
		%s
	}
}
`, name, params, first, first, statements)
	kernels, err := d.buildText(name, text, []driver.KernelInfo{{Name: name, Params: s.Params(), Dims: 1, Spread: true, Run: s.Run}})
	if err != nil {
		return nil, err
	}
	kernels[0].equal = true
	return kernels[0], nil
}

// firstSlice returns the name of the first parameter that is a slice, "" for none.
func firstSlice(params []driver.Param) string {
	for _, p := range params {
		if p.Slice {
			return p.Name
		}
	}
	return ""
}

// buildText builds kernels that the cpu device can run as they are; for other devices they are translated from a text in Go.
func (d *Device) buildText(name, text string, infos []driver.KernelInfo) ([]*Kernel, error) {
	if d.info.Language == driver.Go {
		return d.build(driver.Program{Name: name, Kernels: infos})
	}
	names := make([]string, len(infos))
	for i, info := range infos {
		names[i] = info.Name
	}
	unit, err := jit.Read(name, []byte(strings.TrimSpace(text)), names)
	if err != nil {
		return nil, err
	}
	program := driver.Program{Name: name, Kernels: unit.Kernels()}
	if program.Source, program.Lines, err = unit.Source(d.info.Language); err != nil {
		return nil, err
	}
	return d.build(program)
}
