package expr

import (
	"reflect"

	"cookbook/internal/gpu/driver"
)

// frame is what a computation works on: elements lo to lo+n of the arguments, and room for what is in between.
type frame struct {
	lo, n int
	args  []any // slices and numbers of the parameters' types
	temps []any // *[]T of Chunk elements, by number
}

// vector is an operand or operation: func(*frame) []T for one T. What it returns holds until it is called again, or until the
// argument changes that it is a part of.
type vector any

// temp returns the room of that number.
func temp[T driver.Number](f *frame, number int) []T {
	if f.temps[number] == nil {
		s := make([]T, Chunk)
		f.temps[number] = &s
	}
	return (*f.temps[number].(*[]T))[:f.n]
}

// setTemp makes elements of an argument the room of that number.
func setTemp[T driver.Number](f *frame, number int, s []T) {
	if f.temps[number] == nil {
		f.temps[number] = new([]T)
	}
	*f.temps[number].(*[]T) = s
}

// newFrame returns a frame for arguments.
func newFrame(args []reflect.Value, temps int) *frame {
	f := &frame{args: make([]any, len(args)), temps: make([]any, temps)}
	for i, a := range args {
		f.args[i] = a.Interface()
	}
	return f
}

// chunks calls do for all elements from lo to hi, a chunk at a time.
func (f *frame) chunks(lo, hi int, do func()) {
	for f.lo = lo; f.lo < hi; f.lo += Chunk {
		f.n = min(Chunk, hi-f.lo)
		do()
	}
}
