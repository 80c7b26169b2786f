package gpu

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"

	"cookbook/internal/gpu/driver"
)

// Array is numbers of a device in rows and columns, or in any other shape, the last index running fastest. It stands for PyCUDA's
// GPUArray. Arithmetic makes new arrays on the device and copies nothing to the host:
//
//	c := a.Scale(2).Add(b).Mul(d)
//	numbers, err := c.Get()
//
// A failure sticks to the array that was to be made and to all that is made of it: Err, Get and everything that returns an error
// returns it. An array's memory is given back by Free, or, some time after the last use of the array, when more memory is asked for.
type Array[T Number] struct {
	device     *Device
	buffer     *Buffer[T]
	shape      []int
	transposed bool      // the buffer has the columns of the array as its rows
	of         *Array[T] // whose buffer it is, if that of another array
	err        error
}

// NewArray makes an array of zeros.
func NewArray[T Number](d *Device, shape ...int) (*Array[T], error) {
	n, err := count(shape)
	if err != nil {
		return nil, err
	}
	buffer, err := Alloc[T](d, n)
	if err != nil {
		return nil, err
	}
	return newArray(buffer, shape), nil
}

// ArrayOf makes an array with a copy of s, whose length is that of the shape. Without a shape it is a vector.
func ArrayOf[T Number](d *Device, s []T, shape ...int) (*Array[T], error) {
	if len(shape) == 0 {
		shape = []int{len(s)}
	}
	if n, err := count(shape); err != nil {
		return nil, err
	} else if n != len(s) {
		return nil, fmt.Errorf("an array of shape %v: %w: it has %d numbers, and %d were given", shape, ErrArgument, n, len(s))
	}
	buffer, err := Upload(d, s)
	if err != nil {
		return nil, err
	}
	return newArray(buffer, shape), nil
}

// count returns how many numbers an array of a shape has.
func count(shape []int) (int, error) {
	n := 1
	for _, s := range shape {
		if s < 0 || s > 0 && n > math.MaxInt/s {
			return 0, fmt.Errorf("an array of shape %v: %w", shape, ErrArgument)
		}
		n *= s
	}
	return n, nil
}

func newArray[T Number](buffer *Buffer[T], shape []int) *Array[T] {
	a := &Array[T]{device: buffer.device, buffer: buffer, shape: slices.Clone(shape)}
	runtime.AddCleanup(a, func(b *Buffer[T]) { b.device.leave(b) }, buffer)
	return a
}

// Shape returns how many numbers there are in each dimension; nil of an array that failed.
func (a *Array[T]) Shape() []int { return slices.Clone(a.shape) }

// Len returns how many numbers there are.
func (a *Array[T]) Len() int {
	if a.err != nil {
		return 0
	}
	return a.buffer.n
}

// Err returns why the array could not be made.
func (a *Array[T]) Err() error { return a.err }

// Device returns where the array is.
func (a *Array[T]) Device() *Device { return a.device }

// Free gives the memory back. Of a view, [Array.T], it does nothing. A second Free does nothing.
func (a *Array[T]) Free() error {
	if a.err != nil || a.of != nil {
		return nil
	}
	return a.buffer.Free()
}

// Get returns a copy of the numbers, after what was queued for them.
func (a *Array[T]) Get() ([]T, error) {
	plain := a.plain()
	if plain.err != nil {
		return nil, plain.err
	}
	defer runtime.KeepAlive(plain)
	return plain.buffer.Download()
}

// T returns the transposed array: a view of the same numbers. What computes with a view first copies it on the device, so that numbers
// of the same place meet. It is for one and two dimensions.
func (a *Array[T]) T() *Array[T] {
	if a.err != nil {
		return a
	}
	if len(a.shape) > 2 {
		return a.fail(fmt.Errorf("the transpose of an array of shape %v: %w: it is for one and two dimensions", a.shape, ErrUnsupported))
	}
	shape := slices.Clone(a.shape)
	slices.Reverse(shape)
	return &Array[T]{device: a.device, buffer: a.buffer, shape: shape, transposed: a.transposed != (len(shape) == 2), of: a}
}

// Reshape returns the same numbers in another shape; of a transposed array they are copied.
func (a *Array[T]) Reshape(shape ...int) *Array[T] {
	plain := a.plain()
	if plain.err != nil {
		return plain
	}
	if n, err := count(shape); err != nil || n != plain.Len() {
		return a.fail(fmt.Errorf("an array of shape %v as %v: %w: the numbers of elements differ", a.shape, shape, ErrArgument))
	}
	return &Array[T]{device: a.device, buffer: plain.buffer, shape: slices.Clone(shape), of: plain}
}

// fail returns an array that could not be made.
func (a *Array[T]) fail(err error) *Array[T] { return &Array[T]{device: a.device, err: err} }

// transpose copies a matrix of the given number of columns so that rows become columns.
func transpose[T Number](b *Block, cols int, from, to []T) {
	first, _ := b.Range(len(to))
	part := Part(b, to)
	rows := len(to) / cols
	for i := range part {
		at := first + i
		part[i] = from[at%cols*rows+at/cols]
	}
}

// plain returns the array itself, or a copy of a transposed one whose rows follow one another.
func (a *Array[T]) plain() *Array[T] {
	if a.err != nil || !a.transposed || a.Len() == 0 {
		return a
	}
	k, err := cached(a.device, "transpose "+elemType[T]().String(), func() (*Kernel, error) {
		of := elemType[T]()
		text := fmt.Sprintf(`package kernels

import "gpu"

func transpose(b *gpu.Block, cols int, from, to []%v) {
	first, _ := b.Range(len(to))
	part := gpu.Part(b, to)
	rows := len(to) / cols
	for i := range part {
		at := first + i
		part[i] = from[at%%cols*rows+at/cols]
	}
}
`, of)
		kernels, err := a.device.buildText("transpose", text, []driver.KernelInfo{{Name: "transpose", Dims: 1, Spread: true,
			Params: []driver.Param{{Name: "cols", Elem: reflect.TypeFor[int]()}, {Name: "from", Slice: true, Elem: of}, {Name: "to", Slice: true, Elem: of, Write: true}},
			Run:    runner(reflect.ValueOf(transpose[T]))}})
		if err != nil {
			return nil, err
		}
		return kernels[0], nil
	})
	if err != nil {
		return a.fail(err)
	}
	return a.result(func(to *Array[T]) error {
		_, err := k.Launch(context.Background(), Shape{}, a.shape[1], a.buffer, to)
		return err
	})
}

// result makes an array of the same shape, and computes it.
func (a *Array[T]) result(compute func(to *Array[T]) error) *Array[T] {
	to, err := NewArray[T](a.device, a.shape...)
	if err == nil {
		err = compute(to)
	}
	if err != nil {
		return a.fail(err)
	}
	return to
}

// argument makes an array an argument of a kernel, as its buffer.
func (a *Array[T]) argument(q *Queue) (driver.Arg, reflect.Type, func(), error) {
	switch {
	case a == nil:
		return driver.Arg{}, nil, nil, fmt.Errorf("nil is no array: %w", ErrArgument)
	case a.err != nil:
		return driver.Arg{}, nil, nil, a.err
	case a.transposed && a.Len() > 0:
		return driver.Arg{}, nil, nil, fmt.Errorf("a transposed array: %w: its numbers do not lie in their order; pass its Copy()", ErrArgument)
	}
	return a.buffer.argument(q)
}

// written returns the commands that write to the array.
func (a *Array[T]) written() *writers { return &a.buffer.wrote }

// Copy returns a copy on the device, whose rows follow one another.
func (a *Array[T]) Copy() *Array[T] {
	if a.err != nil || a.transposed {
		return a.plain()
	}
	return a.result(func(to *Array[T]) error {
		_, err := a.buffer.CopyTo(a.device.queue, to.buffer, 0, 0, a.Len())
		return err
	})
}

// cached returns what was made for a device under a key before, or makes it.
func cached[V any](d *Device, key string, make func() (V, error)) (V, error) {
	d.cacheMu.Lock()
	defer d.cacheMu.Unlock()
	if v, ok := d.cache[key]; ok {
		return v.(V), nil
	}
	v, err := make()
	if err == nil {
		d.cache[key] = v
	}
	return v, err
}
