package mpi

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime/metrics"
	"strings"
	"testing"

	"cookbook/internal/mpi/engine"
)

// here is a communicator for errors.
var here = &Comm{t: outside{}}

// conformLong has a name as long as that of a type can be in a message, and longer.
type conformLong[T any] struct{ V T }

type (
	conformLong2 = conformLong[conformLong[int]]
	conformLong4 = conformLong[conformLong[conformLong2]]
	conformLong8 = conformLong[conformLong[conformLong[conformLong[conformLong4]]]]
)

// conformBack encodes a value and decodes it.
func conformBack[T any](t *testing.T, v T) {
	t.Helper()
	b, err := encode(here, engine.CallSend, v)
	if err != nil {
		t.Errorf("encode %T: %v", v, err)
		return
	}
	if got, err := decode[T](here, engine.CallRecv, b); err != nil || !reflect.DeepEqual(got, v) {
		t.Errorf("%T came back as %v, %v, want %v", v, got, err, v)
	}
	for n := range min(len(b), 200) {
		if got, err := decode[T](here, engine.CallRecv, b[:n]); err != nil && !errors.Is(err, ErrType) {
			t.Errorf("%d of %d bytes of a %T: %v, %v, want ErrType", n, len(b), v, got, err)
		}
	}
}

func TestValuesComeBack(t *testing.T) {
	conformBack(t, 42)
	conformBack(t, math.MinInt64)
	conformBack(t, uint8(200))
	conformBack(t, 1.5)
	conformBack(t, 1+2i)
	conformBack(t, true)
	conformBack(t, "wörds")
	conformBack(t, conformText("by another name"))
	conformBack(t, []byte("bytes"))
	conformBack(t, []bool{true, false})
	conformBack(t, [0]int{})
	conformBack(t, struct{}{})
	conformBack(t, []struct{}{{}, {}, {}})
	conformBack(t, conformDay{1, 2.5, [2]uint16{3, 4}})
	conformBack(t, &conformTree{Name: "a", Weights: map[string]float64{"w": 1}, Children: []*conformTree{{Name: "b"}}})
	conformBack(t, (*conformTree)(nil))
	conformBack(t, any(nil))
	conformBack(t, any("words"))
	conformBack(t, map[int]string{1: "one"})
	conformBack(t, Loc[float64]{1.5, 3})
	conformBack(t, conformLong8{})
	conformBack(t, []conformLong8{{}, {}})
}

// Around the length that the byte for it can hold.
func TestTypesWithLongNamesComeBack(t *testing.T) {
	for n := 225; n <= 260; n++ { // struct { A… int }
		name := strings.Repeat("A", n)
		typ := reflect.StructOf([]reflect.StructField{{Name: name, Type: reflect.TypeFor[int]()}})
		b := append([]byte{byte(len(typing(typ)))}, typing(typ)...)
		if len(b)-1 > maxTyping || !strings.HasPrefix(typ.String(), typing(typ)) {
			t.Fatalf("a name of %d bytes is written as %d", len(typ.String()), len(b)-1)
		}
		b = append(b, 'r', 1, 2, 3, 4, 5, 6, 7, 8)
		if _, err := decode[int](here, engine.CallRecv, b); !errors.Is(err, ErrType) {
			t.Errorf("a type whose name has %d bytes, asked for as an int: %v, want ErrType", len(typ.String()), err)
		}
	}
}

func TestAnotherTypeThanWasSentIsAnError(t *testing.T) {
	b, err := encode(here, engine.CallSend, []int32{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"[]int64": conformAs[[]int64](b), "[]uint32": conformAs[[]uint32](b), "string": conformAs[string](b),
		"interface {}": conformAs[any](b), "conformTree": conformAs[conformTree](b), "*[]int32": conformAs[*[]int32](b),
	} {
		if !errors.Is(err, ErrType) || !strings.Contains(err.Error(), "[]int32") || !strings.Contains(err.Error(), what) {
			t.Errorf("asked for as %s: %v, want ErrType with both names", what, err)
		}
	}
}

func conformAs[T any](b []byte) error {
	_, err := decode[T](here, engine.CallRecv, b)
	return err
}

func TestWhatCannotBeEncodedIsAnError(t *testing.T) {
	for _, err := range []error{
		conformRefused(make(chan int)), conformRefused(func() {}), conformRefused([]chan int{nil}),
		conformRefused(map[string]func(){"f": nil}), conformRefused(any(struct{ X int }{1})),
	} {
		if !errors.Is(err, ErrType) {
			t.Errorf("encode: %v, want ErrType", err)
		}
	}
}

func conformRefused[T any](v T) error {
	_, err := encode(here, engine.CallSend, v)
	return err
}

// FuzzDecode reads nonsense as values of all forms: memory, strings, slices, gob.
func FuzzDecode(f *testing.F) {
	add := func(b []byte, err error) {
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	add(encode(here, engine.CallSend, 42))
	add(encode(here, engine.CallSend, "words"))
	add(encode(here, engine.CallSend, []float64{1, 2}))
	add(encode(here, engine.CallSend, conformDay{Month: 3}))
	add(encode(here, engine.CallSend, conformTree{Name: "a", Weights: map[string]float64{"w": 1}, Children: []*conformTree{{Name: "b"}}}))
	add(encode(here, engine.CallSend, map[string][]int{"a": {1, 2}}))
	add(encode(here, engine.CallSend, [][]string{{"a"}, {"b", "c"}}))
	add(encode(here, engine.CallSend, any("words")))
	f.Add([]byte{255})
	f.Add([]byte{254, 1, 2, 3})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		conformNonsense[int](t, b)
		conformNonsense[string](t, b)
		conformNonsense[[]float64](t, b)
		conformNonsense[conformDay](t, b)
		conformNonsense[conformTree](t, b)
		conformNonsense[map[string][]int](t, b)
		conformNonsense[[][]string](t, b)
		conformNonsense[any](t, b)
		// As if its sender had named the type, whatever follows.
		conformNonsense[map[string][]int](t, conformNamed[map[string][]int](b))
		conformNonsense[[][]string](t, conformNamed[[][]string](b))
		conformNonsense[conformTree](t, conformNamed[conformTree](b))
		conformNonsense[[]float64](t, conformNamed[[]float64](b))
	})
}

// conformNamed puts the name of a type before nonsense.
func conformNamed[T any](b []byte) []byte {
	name := typing(reflect.TypeFor[T]())
	return append(append([]byte{byte(len(name))}, name...), b...)
}

// conformNonsense decodes and looks at the error, and at the memory that it took, if it is not gob's to limit: gob believes
// the length that it reads of a map.
func conformNonsense[T any](t *testing.T, b []byte) {
	taken := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(taken)
	before := taken[0].Value.Uint64()
	v, err := decode[T](here, engine.CallRecv, b)
	metrics.Read(taken)
	if took := taken[0].Value.Uint64() - before; took > 1<<20+4*uint64(len(b)) && !conformGob(b) {
		t.Errorf("%d bytes as a %s take %d", len(b), reflect.TypeFor[T](), took)
	}
	if err != nil && !errors.Is(err, ErrType) {
		t.Errorf("as a %s: %v, want ErrType", reflect.TypeFor[T](), err)
	}
	if err == nil {
		_ = fmt.Sprint(v) // what came can be looked at
	}
}

func conformGob(b []byte) bool { return len(b) > 1 && len(b) > 1+int(b[0]) && b[1+int(b[0])] == 'g' }
