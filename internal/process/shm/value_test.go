//go:build linux

package shm

import (
	"context"
	"slices"
	"testing"
)

var addUp = scene("add up", func(ctx context.Context, s stage, x *shared) error {
	for i := range x.N {
		x.Count.Add(1)
		x.Numbers.Add(i%x.Numbers.Len(), 1)
		err := x.Other.With(ctx, func(v *int64) error { *v++; return nil })
		if err != nil {
			return err
		}
	}
	return nil
})

func TestNumbersAreSharedAndLoseNoUpdate(t *testing.T) {
	g := space(t)
	x := &shared{
		Count: must[*Value[int64]](t)(NewValue[int64](g, 5)), Other: must[*Value[int64]](t)(NewValue[int64](g, 0)),
		Numbers: must[*Array[int32]](t)(NewArray[int32](g, 7)), N: 7000,
	}
	p1, p2 := start(t, g, addUp, x), start(t, g, addUp, x)
	p1.ends()
	p2.ends()
	if x.Count.Load() != 14005 || x.Other.Load() != 14000 {
		t.Errorf("%v and %v, want 14005 and 14000", x.Count, x.Other)
	}
	if got := x.Numbers.String(); got != "[2000 2000 2000 2000 2000 2000 2000]" {
		t.Errorf("array %v", got)
	}
}

func TestNumbersOfAllSizesKeepToTheirPlace(t *testing.T) {
	g := space(t)
	sendsNumbers[int8](t, g, -128)
	sendsNumbers[uint8](t, g, 255)
	sendsNumbers[int16](t, g, -32768)
	sendsNumbers[uint16](t, g, 65535)
	sendsNumbers[int32](t, g, -1<<31)
	sendsNumbers[uint32](t, g, 2)
	sendsNumbers[float32](t, g, -1.5)
	sendsNumbers[float64](t, g, 2.5e300)
	sendsNumbers[int](t, g, -1)
	sendsNumbers[uint64](t, g, 1<<63)
}

func sendsNumbers[T Number](t *testing.T, g *Space, v T) {
	a := must[*Array[T]](t)(NewArray[T](g, 9))
	want := make([]T, 9)
	for i := range want {
		a.Store(i, v-T(i))
		want[i] = v - T(i)
	}
	want[4] += 3
	if got := a.Add(4, 3); got != want[4] {
		t.Errorf("%T: added to %v, want %v", v, got, want[4])
	}
	if !a.CompareAndSwap(5, want[5], 1) || a.CompareAndSwap(5, 2, 3) {
		t.Errorf("%T: CompareAndSwap does not look", v)
	}
	want[5] = 1
	is(t, a.With(t.Context(), func(all []T) error {
		if !slices.Equal(all, want) {
			t.Errorf("%T: %v, want %v", v, all, want)
		}
		return nil
	}), nil)
	data := must[[]byte](t)(a.MarshalBinary())
	var same Array[T]
	is(t, same.UnmarshalBinary(data), nil)
	if same.Load(8) != want[8] {
		t.Errorf("%T: found %v", v, &same)
	}
	var other Array[uintptr]
	is(t, other.UnmarshalBinary(data), ErrNotHere)
	defer func() {
		if recover() == nil {
			t.Errorf("%T: there is a number 9 of 9", v)
		}
	}()
	a.Load(9)
}
