package gpu

import (
	"context"
	"fmt"
	"strings"

	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/expr"
)

// Reduction maps the elements of slices to numbers of type T, and makes one number of them all. It stands for PyCUDA's
// ReductionKernel.
//
// The order of the operations depends on the number of elements alone, so that a result has the same bits on every device, and for
// any number of processors. The elements are divided among at most 256 blocks; in a block, element k goes to sum k mod 256; the sums
// are then reduced in pairs, and the results of the blocks in the same way by one block.
type Reduction[T Number] struct {
	device       *Device
	parts, total *Kernel
}

// blockElements is how many elements a block of a reduction has, at least, and mostBlocks how many blocks there are, at most.
const (
	blockElements = 4 * expr.Lanes
	mostBlocks    = 256
)

// NewReduction makes a reduction of three expressions in Go: of the element, as in x[i] * y[i]; of two numbers a and b, as in a + b; and
// the number that changes nothing when it is reduced, as 0. All are of type T. See [Device.Elementwise] for what expressions may
// hold and for errors.
func NewReduction[T Number](d *Device, params, mapped, reduced, zero string) (*Reduction[T], error) {
	return newReduction(d, params, mapped, reduced, neutral[T]{text: zero})
}

// neutral is the neutral number of a reduction, as a text; also as a value, if it is no constant.
type neutral[T Number] struct {
	text  string
	value T
	known bool
}

func newReduction[T Number](d *Device, params, mapped, reduced string, zero neutral[T]) (*Reduction[T], error) {
	fail := func(err error) (*Reduction[T], error) { return nil, fmt.Errorf("reduction: %w", err) }
	list, err := expr.Params(params)
	if err != nil {
		return fail(err)
	}
	first := firstSlice(list)
	if first == "" {
		return fail(fmt.Errorf("%q: %w: one parameter at least is a slice", params, ErrArgument))
	}
	constant := zero.text
	if zero.known {
		constant = "0"
	}
	r, err := expr.CompileReduction[T](list, mapped, reduced, constant)
	if err != nil {
		return fail(err)
	}
	of := elemType[T]()
	one := []driver.Param{{Name: "x", Slice: true, Elem: of}}
	again, err := expr.CompileReduction[T](one, "x[i]", reduced, constant)
	if err != nil {
		return fail(err)
	}
	if zero.known {
		r.Neutral, again.Neutral, r.Zero = zero.value, zero.value, zero.text
	}
	out := driver.Param{Name: "out__", Slice: true, Elem: of, Write: true}
	block := Dim{X: expr.Lanes, Y: 1, Z: 1}
	text := strings.Join([]string{"package kernels\n\nimport (\n\t\"math\"\n\n\t\"gpu\"\n)\n\nconst pi__ = math.Pi // so that math is used\n",
		fmt.Sprintf("func reduce__(a, b %v) %v { return %s }\n", of, of, r.Reduce),
		fmt.Sprintf("func infinity__(sign %v) %v { return sign / (sign - sign) }\n", of, of),
		reductionText("parts", params, first, r.Map, r.Zero, of.String()),
		reductionText("total", fmt.Sprintf("x []%v", of), "x", "x[i]", r.Zero, of.String()),
	}, "\n")
	kernels, err := d.buildText("reduction", text, []driver.KernelInfo{
		{Name: "parts", Params: append(list, out), Block: block, Dims: 1, Run: r.Run},
		{Name: "total", Params: append(one, out), Block: block, Dims: 1, Run: again.Run},
	})
	if err != nil {
		return nil, err
	}
	kernels[0].equal = true
	return &Reduction[T]{device: d, parts: kernels[0], total: kernels[1]}, nil
}

// reductionText is a kernel that does what expr's Reduction does.
func reductionText(name, params, first, mapped, neutral, of string) string {
	return strings.NewReplacer("NAME", name, "PARAMS", params, "FIRST", first, "MAPPED", mapped, "NEUTRAL", neutral, "TYPE", of).Replace(
		`func NAME(block__ *gpu.Block, PARAMS, out__ []TYPE) {
	var own__, sums__ [256]TYPE
	lo__, hi__ := block__.Range(len(FIRST))
	for t__ := range block__.X(256) {
		own__[t__] = NEUTRAL
	}
	for row__ := lo__; row__ < hi__; row__ += 256 {
		for t__ := range block__.X(256) {
			i := row__ + t__
			if i < hi__ {
				own__[t__] = reduce__(own__[t__], MAPPED)
			}
		}
	}
	for t__ := range block__.X(256) {
		sums__[t__] = own__[t__]
	}
	for w__ := 128; w__ > 0; w__ /= 2 {
		for t__ := range block__.X(256) {
			if t__ < w__ {
				sums__[t__] = reduce__(sums__[t__], sums__[t__+w__])
			}
		}
	}
	for t__ := range block__.X(256) {
		if t__ == 0 {
			out__[block__.Idx.X] = sums__[0]
		}
	}
}
`)
}

// Run reduces the elements of the arguments, which are as for [Kernel.Launch], in the device's own queue, and waits for the result.
// Of no elements it is the neutral number.
func (r *Reduction[T]) Run(ctx context.Context, args ...any) (T, error) {
	var zero T
	n, err := r.parts.elements(args)
	if err != nil {
		return zero, err
	}
	blocks := min(max((n+blockElements-1)/blockElements, 1), mostBlocks)
	parts, err := Alloc[T](r.device, blocks)
	if err != nil {
		return zero, err
	}
	defer parts.Free()
	total, err := Alloc[T](r.device, 1)
	if err != nil {
		return zero, err
	}
	defer total.Free()
	first, err := r.parts.launch(ctx, r.device.queue, Shape{Grid: Dim{X: blocks}}, append(append([]any(nil), args...), parts), 1)
	if err != nil {
		return zero, err
	}
	second, err := r.total.Launch(ctx, Shape{Grid: Dim{X: 1}}, parts, total)
	if err != nil {
		return zero, err
	}
	for _, e := range []*Event{first, second} {
		if err := e.Wait(ctx); err != nil {
			return zero, err
		}
	}
	out, err := total.Download()
	if err != nil {
		return zero, err
	}
	return out[0], nil
}
