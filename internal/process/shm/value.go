package shm

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"sync/atomic"
	"unsafe"

	"cookbook/internal/process/failure"
)

// A Number is what a [Value] or an [Array] can hold: a number of a size that does not change, without pointers.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr | ~float32 | ~float64
}

// A Value is a number that all processes of a group share.
//
// Load, Store, Add and CompareAndSwap are atomic, so a counter needs no lock. What takes more than one step goes into With.
//
// Python: multiprocessing.Value, whose += takes two steps and loses updates outside of get_lock().
type Value[T Number] struct{ cells[T] }

// NewValue returns a shared number that is v.
//
// Python: multiprocessing.Value(typecode, v).
func NewValue[T Number](in *Space, v T) (*Value[T], error) {
	x := new(Value[T])
	if err := x.make(in, kindValue, 1); err != nil {
		return nil, err
	}
	x.Store(v)
	return x, nil
}

// Load returns the number.
func (x *Value[T]) Load() T { return x.load(0) }

// Store replaces the number.
func (x *Value[T]) Store(v T) { x.store(0, v) }

// Add adds delta and returns the sum, as one step.
func (x *Value[T]) Add(delta T) T { return x.add(0, delta) }

// CompareAndSwap replaces the number if it is old, and reports whether it did. A NaN is equal to itself if its bits are, and
// 0 is not equal to -0.
func (x *Value[T]) CompareAndSwap(old, new T) bool { return x.compareAndSwap(0, old, new) }

// With runs f with the number's own lock held, on the number where it lies; f must not keep the pointer. Load and Store of
// others do not look at the lock. If the lock cannot be acquired, f does not run: if its holder has died while f ran there
// the error wraps [failure.ErrOwnerDied], and the next With runs.
//
// Python: with v.get_lock(): …
func (x *Value[T]) With(ctx context.Context, f func(v *T) error) error {
	return x.with(ctx, kindValue, func(all []T) error { return f(&all[0]) })
}

// String returns the number in digits.
func (x *Value[T]) String() string { return fmt.Sprint(x.Load()) }

// MarshalBinary says which value of which group it is.
func (x *Value[T]) MarshalBinary() ([]byte, error) { return x.marshal(kindValue) }

// UnmarshalBinary finds the value that another process of this group has sent; otherwise, or if it is of another type of
// number, the error wraps [ErrNotHere].
func (x *Value[T]) UnmarshalBinary(data []byte) error { return x.find(data, kindValue) }

// An Array is numbers that all processes of a group share, one after another in memory as a C array has them.
//
// Load, Store, Add and CompareAndSwap of one number are atomic and panic if there is no such number, as an index does. With
// gives all of them at once, under a lock.
//
// Python: multiprocessing.Array.
type Array[T Number] struct{ cells[T] }

// NewArray returns n numbers that are zero.
//
// Python: multiprocessing.Array(typecode, n).
func NewArray[T Number](in *Space, n int) (*Array[T], error) {
	x := new(Array[T])
	if err := x.make(in, kindArray, n); err != nil {
		return nil, err
	}
	return x, nil
}

// Len returns how many numbers there are.
func (x *Array[T]) Len() int { return x.n }

// Load returns number i.
func (x *Array[T]) Load(i int) T { return x.load(i) }

// Store replaces number i.
func (x *Array[T]) Store(i int, v T) { x.store(i, v) }

// Add adds delta to number i and returns the sum, as one step.
func (x *Array[T]) Add(i int, delta T) T { return x.add(i, delta) }

// CompareAndSwap replaces number i if it is old, and reports whether it did; see [Value.CompareAndSwap].
func (x *Array[T]) CompareAndSwap(i int, old, new T) bool { return x.compareAndSwap(i, old, new) }

// With runs f with the array's own lock held, on the numbers where they lie; f must not keep the slice. Otherwise it
// is like [Value.With].
//
// Python: with a.get_lock(): …
func (x *Array[T]) With(ctx context.Context, f func(all []T) error) error {
	return x.with(ctx, kindArray, f)
}

// String returns all numbers as a slice of them is printed.
func (x *Array[T]) String() string {
	all := make([]T, x.n)
	for i := range all {
		all[i] = x.load(i)
	}
	return fmt.Sprint(all)
}

// MarshalBinary says which array of which group it is.
func (x *Array[T]) MarshalBinary() ([]byte, error) { return x.marshal(kindArray) }

// UnmarshalBinary finds the array that another process of this group has sent; otherwise, or if it is of another type of
// number, the error wraps [ErrNotHere].
func (x *Array[T]) UnmarshalBinary(data []byte) error { return x.find(data, kindArray) }

// cells is numbers in shared memory.
type cells[T Number] struct {
	object
	s    *cellsState
	base unsafe.Pointer // of the first
	n    int
}

// A cellsState is what lies before the numbers.
type cellsState struct {
	m    mutex
	kind uint32 // of number, as package reflect counts kinds
	_    uint32
	n    uint64
	_    [cacheLine - 24]byte
}

func (x *cells[T]) make(in *Space, kind uint32, n int) error {
	if n < 0 {
		return failure.Of("make", title("", kind), fmt.Errorf("%d numbers: %w", n, failure.ErrNegative))
	}
	var t T
	size, before := int(unsafe.Sizeof(t)), int(unsafe.Sizeof(cellsState{}))
	if n > (math.MaxInt-before)/size {
		return failure.Of("make", title("", kind), fmt.Errorf("%d numbers: %w", n, ErrNoRoom))
	}
	s, err := makeLarger(&x.object, in, "", kind, before+roundUp4(n*size), func(s *cellsState) {
		s.kind, s.n = uint32(reflect.TypeFor[T]().Kind()), uint64(n)
	})
	if err == nil {
		x.use(s)
	}
	return err
}

func roundUp4(n int) int { return (n + 3) &^ 3 }

func (x *cells[T]) find(data []byte, kind uint32) error {
	s, err := findObject[cellsState](&x.object, data, kind)
	if err != nil {
		return err
	}
	size, _ := x.space.arena.object(kind, x.at)
	var t T
	if k := reflect.TypeFor[T]().Kind(); s.kind != uint32(k) {
		return failure.Of("read", title("", kind), fmt.Errorf("of %v as one of %v: %w", reflect.Kind(s.kind), k, ErrNotHere))
	}
	if room := uint64(size) - uint64(unsafe.Sizeof(*s)); s.n > room/uint64(unsafe.Sizeof(t)) {
		return failure.Of("read", title("", kind), fmt.Errorf("%d numbers in %d bytes: %w", s.n, room, ErrNotHere))
	}
	x.use(s)
	return nil
}

func (x *cells[T]) use(s *cellsState) {
	x.s, x.n, x.base = s, int(s.n), unsafe.Add(unsafe.Pointer(s), unsafe.Sizeof(*s))
}

// cell returns where number i lies.
func (x *cells[T]) cell(i int) unsafe.Pointer {
	if uint(i) >= uint(x.n) {
		panic(fmt.Sprintf("process: number %d of an array of %d", i, x.n))
	}
	var t T
	return unsafe.Add(x.base, uintptr(i)*unsafe.Sizeof(t))
}

// bits and number change between a number and its bits, as the lowest of a word.
func bits[T Number](v T) uint64 {
	switch unsafe.Sizeof(v) {
	case 1:
		return uint64(*(*uint8)(unsafe.Pointer(&v)))
	case 2:
		return uint64(*(*uint16)(unsafe.Pointer(&v)))
	case 4:
		return uint64(*(*uint32)(unsafe.Pointer(&v)))
	}
	return *(*uint64)(unsafe.Pointer(&v))
}

func number[T Number](b uint64) (v T) {
	switch unsafe.Sizeof(v) {
	case 1:
		*(*uint8)(unsafe.Pointer(&v)) = uint8(b)
	case 2:
		*(*uint16)(unsafe.Pointer(&v)) = uint16(b)
	case 4:
		*(*uint32)(unsafe.Pointer(&v)) = uint32(b)
	default:
		*(*uint64)(unsafe.Pointer(&v)) = b
	}
	return v
}

func (x *cells[T]) load(i int) T {
	b := loadCell[T](x.cell(i))
	x.raceAcquire(0)
	runtime.KeepAlive(x)
	return number[T](b)
}

func (x *cells[T]) store(i int, v T) {
	x.raceRelease(0)
	for p := x.cell(i); !swapCell[T](p, loadCell[T](p), bits(v)); {
	}
	runtime.KeepAlive(x)
}

func (x *cells[T]) add(i int, delta T) T {
	x.raceRelease(0)
	sum := addCell(x.cell(i), delta)
	x.raceAcquire(0)
	runtime.KeepAlive(x)
	return sum
}

// addCell adds as one step: whole numbers of a word by the machine's own addition.
func addCell[T Number](p unsafe.Pointer, delta T) T {
	one := T(1)
	whole := one/2 == 0
	switch size := unsafe.Sizeof(delta); {
	case whole && size == 8:
		return number[T](atomic.AddUint64((*uint64)(p), bits(delta)))
	case whole && size == 4:
		return number[T](uint64(atomic.AddUint32((*uint32)(p), uint32(bits(delta)))))
	}
	for {
		old := loadCell[T](p)
		sum := number[T](old) + delta
		if swapCell[T](p, old, bits(sum)) {
			return sum
		}
	}
}

func (x *cells[T]) compareAndSwap(i int, old, new T) bool {
	x.raceRelease(0)
	swapped := swapCell[T](x.cell(i), bits(old), bits(new))
	x.raceAcquire(0)
	runtime.KeepAlive(x)
	return swapped
}

func loadCell[T Number](p unsafe.Pointer) uint64 {
	var v T
	switch unsafe.Sizeof(v) {
	case 8:
		return atomic.LoadUint64((*uint64)(p))
	case 4:
		return uint64(atomic.LoadUint32((*uint32)(p)))
	}
	word, shift, mask := around[T](p)
	return uint64(atomic.LoadUint32(word) >> shift & mask)
}

func swapCell[T Number](p unsafe.Pointer, old, new uint64) bool {
	var v T
	switch unsafe.Sizeof(v) {
	case 8:
		return atomic.CompareAndSwapUint64((*uint64)(p), old, new)
	case 4:
		return atomic.CompareAndSwapUint32((*uint32)(p), uint32(old), uint32(new))
	}
	word, shift, mask := around[T](p)
	for {
		all := atomic.LoadUint32(word)
		if uint64(all>>shift&mask) != old {
			return false
		}
		if atomic.CompareAndSwapUint32(word, all, all&^(mask<<shift)|uint32(new)<<shift) {
			return true
		}
	}
}

// around returns the word in which a number of one or two bytes lies, and where.
func around[T Number](p unsafe.Pointer) (word *uint32, shift, mask uint32) {
	var v T
	in := uintptr(p) & 3
	mask = 1<<(8*unsafe.Sizeof(v)) - 1
	shift = uint32(8 * in)
	if bigEndian() {
		shift = uint32(8 * (4 - unsafe.Sizeof(v) - in))
	}
	return (*uint32)(unsafe.Add(p, -int(in))), shift, mask
}

func bigEndian() bool {
	n := uint16(1)
	return *(*byte)(unsafe.Pointer(&n)) == 0
}

// with runs f under the lock.
func (x *cells[T]) with(ctx context.Context, kind uint32, f func(all []T) error) (err error) {
	w := x.wait(ctx, noLimit)
	died, err := x.s.m.lock(x.me, &w)
	if err != nil {
		return failure.Of("lock", title("", kind), err)
	}
	x.raceAcquire(1)
	defer func() {
		x.raceRelease(1)
		x.s.m.done(x.me)
		runtime.KeepAlive(x)
	}()
	if died {
		return failure.Of("lock", title("", kind), failure.ErrOwnerDied)
	}
	return f(unsafe.Slice((*T)(x.base), x.n))
}
