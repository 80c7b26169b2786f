package wire

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type point struct {
	X, Y  int
	Label string
	Next  *point
}

// A mixed is a value that needs everything gob has.
type mixed struct {
	Name  string
	Any   any
	Deep  *mixed
	Parts []float64
}

// A day is plain; gob would lose the field without a capital.
type day struct {
	Number int32
	light  float64
	Hours  [2]uint16
}

type (
	celsius float64
	label   string
	nested  []nested
)

// An opaque says itself how it travels.
type opaque int

func (o opaque) MarshalBinary() ([]byte, error)     { return []byte{byte(o) + 1}, nil }
func (o *opaque) UnmarshalBinary(from []byte) error { *o = opaque(from[0]) - 1; return nil }

var registerOnce = sync.OnceFunc(func() {
	gob.Register(point{})
	gob.Register([]int{})
	gob.Register(map[string]int{})
	gob.Register([]any{})
})

func TestWhichTypesArePlain(t *testing.T) {
	for _, c := range []struct {
		plain bool
		types []reflect.Type
	}{
		{true, []reflect.Type{
			reflect.TypeFor[int](), reflect.TypeFor[bool](), reflect.TypeFor[uintptr](), reflect.TypeFor[complex64](), reflect.TypeFor[celsius](),
			reflect.TypeFor[struct{}](), reflect.TypeFor[day](), reflect.TypeFor[[2]day](), reflect.TypeFor[struct{ D, E [3]day }](),
		}},
		{false, []reflect.Type{
			reflect.TypeFor[string](), reflect.TypeFor[label](), reflect.TypeFor[*int](), reflect.TypeFor[[]int](), reflect.TypeFor[any](),
			reflect.TypeFor[point](), reflect.TypeFor[[1]*int](), reflect.TypeFor[chan int](), reflect.TypeFor[map[int]int](), reflect.TypeFor[nested](),
			reflect.TypeFor[opaque](), reflect.TypeFor[struct{ O opaque }](), reflect.TypeFor[time.Time](),
		}},
	} {
		for _, typ := range c.types {
			for range 2 { // found, then remembered
				if Plain(typ) != c.plain {
					t.Errorf("%v: plain is %t", typ, !c.plain)
				}
			}
		}
	}
}

// there sends a value and returns what comes out.
func there[T any](t testing.TB, v T) T {
	t.Helper()
	var got T
	sent, err := Append(nil, &v)
	if err == nil {
		err = Read(sent, &got)
	}
	if err != nil {
		t.Fatalf("%#v: %v", v, err)
	}
	return got
}

func same[T any](t *testing.T, values ...T) {
	t.Helper()
	for _, v := range values {
		if got := there(t, v); !reflect.DeepEqual(got, v) {
			t.Errorf("%#v came as %#v", v, got)
		}
	}
}

func TestEveryKindOfValueTravels(t *testing.T) {
	for range 2 { // first at the beginning of a stream, then in it
		same(t, 0, -1, math.MaxInt, math.MinInt)
		same[uint](t, 0, math.MaxUint)
		same[int8](t, -128)
		same[uint16](t, 65535)
		same[int64](t, math.MinInt64)
		same[float32](t, 1.5)
		same(t, 0, math.Pi, math.Inf(-1))
		same(t, true, false)
		same(t, "", "größer", "\x00\xff")
		same[label](t, "", "label")
		same(t, []label{"", "label"}, nil)
		same(t, []byte{1, 2, 3})
		same(t, struct{}{})
		same[celsius](t, -273.15)
		same(t, []celsius{1, 2})
		same(t, []float64{1, 2}, nil)
		same(t, map[string][]int{"a": {1}})
		same(t, day{1, 2.5, [2]uint16{3, 4}}, day{})
		same(t, []day{{1, 2.5, [2]uint16{3, 4}}, {}})
		same(t, point{X: 1, Next: &point{Label: "next"}}, point{})
		same(t, &point{X: 1}, nil)
		same[any](t, nil, 1, "text")
		same(t, [2]point{{X: 1}})
		same(t, complex(1, -2))
		same[opaque](t, 3)
		same(t, []opaque{1, 2})
		same(t, nested{nil, {nil}}, nil)
	}
}

func TestATypeThatSaysHowItTravelsIsAsked(t *testing.T) {
	o := opaque(3)
	sent, err := Append(nil, &o)
	if err != nil || sent[0] != byGob {
		t.Errorf("written as %q, %v", sent, err)
	}
}

func TestWhatIsThereIsFilled(t *testing.T) {
	kept := make([]int, 0, 4)
	sent, _ := Append(nil, &[]int{1, 2, 3})
	got := kept
	if err := Read(sent, &got); err != nil || &got[0] != &kept[:1][0] {
		t.Errorf("%v, %v", got, err)
	}
	sent, _ = Append(nil, &[]int{1, 2, 3, 4, 5})
	if err := Read(sent, &got); err != nil || fmt.Sprint(got, kept[:4]) != "[1 2 3 4 5] [1 2 3 0]" {
		t.Errorf("%v, %v, %v", got, kept[:4], err)
	}
}

// After a value that cannot be written the next one is whole.
func TestAChannelIsAnError(t *testing.T) {
	type holder struct{ V any }
	same(t, point{X: 1})
	c := make(chan int)
	if _, err := Append(nil, &c); err == nil {
		t.Error("a channel was written")
	}
	if _, err := Append(nil, &holder{c}); err == nil {
		t.Error("a channel was written")
	}
	same(t, point{X: 3})
	same(t, holder{1})
}

func TestValuesThatAreNotWholeAreErrors(t *testing.T) {
	bad := func(v any, from ...string) {
		t.Helper()
		for _, bytes := range from {
			var err error
			switch v := v.(type) {
			case int:
				err = Read([]byte(bytes), &v)
			case bool:
				err = Read([]byte(bytes), &v)
			case struct{}:
				err = Read([]byte(bytes), &v)
			case point:
				err = Read([]byte(bytes), &v)
			}
			if err == nil {
				t.Errorf("%q was read as a %T", bytes, v)
			}
		}
	}
	bad(1, "", "r", "r1234567", "r123456789", "x12345678", "g", "g12345678")
	bad(true, "r", "r12")
	bad(struct{}{}, "r1")
	bad(point{}, "r", "g\x05\x01", "g", "g\x00", "g\xff", "g\x00\x05\x01")
	sent, err := Append(nil, &point{X: 1})
	if err != nil {
		t.Fatal(err)
	}
	bad(point{}, string(sent)+"x", string(sent[:len(sent)-1]))
	same(t, point{X: 1})
}

func TestSlicesTravelAsTheyAre(t *testing.T) {
	for range 2 {
		raw(t, []int{0, -1, math.MaxInt, math.MinInt})
		raw(t, []uint{0, math.MaxUint})
		raw(t, []int64{math.MinInt64, 7})
		raw(t, []uint64{math.MaxUint64})
		raw(t, []float64{0, math.Pi, math.Inf(-1)})
		raw(t, []string{"", "größer", "\x00\xff", strings.Repeat("long", 100)})
		raw(t, []bool{true, false})
		raw(t, []int8{-128, 127})
		raw(t, []int16{-1})
		raw(t, []uint16{65535})
		raw(t, []int32{-1, 1})
		raw(t, []uint32{7})
		raw(t, []float32{1.5})
		raw(t, []day{{light: 1}})
		raw(t, make([]struct{}, 3))
		raw[int](t, nil)
		raw[string](t, nil)
		raw[float64](t, nil)
	}
	for range 2 { // what gob does not take without a box
		send, got := []*point{{X: 1}, nil, {Next: &point{}}}, []*point(nil)
		b, err := AppendSlice(nil, send)
		if err == nil {
			err = ReadSlice(b, &got)
		}
		if err != nil || !reflect.DeepEqual(got, send) {
			t.Errorf("pointers came as %v, %v", got, err)
		}
	}
}

// raw checks that a slice is written without gob and comes out as it went in.
func raw[T any](t *testing.T, want []T) {
	t.Helper()
	b, err := AppendSlice(nil, want)
	var got []T
	if err == nil {
		err = ReadSlice(b, &got)
	}
	if err != nil || b[0] != plainly || !reflect.DeepEqual(got, want) {
		t.Errorf("%#v came as %#v by %q, %v", want, got, b[:1], err)
	}
}

func TestSlicesThatAreNotWholeAreErrors(t *testing.T) {
	for _, err := range []error{
		Read([]byte("r1234567"), new([]int)),
		Read([]byte("r123456789"), new([]float64)),
		Read([]byte("r123"), new([]int16)),
		Read([]byte("r"), new([]string)),
		Read([]byte("r\x02\x01a"), new([]string)),
		Read([]byte("r\x01\x02a"), new([]string)),
		Read([]byte("r\x01\x01ab"), new([]string)),
		Read([]byte("r\xff\xff\xff\xff\xff\x01"), new([]string)),
		Read([]byte("r"), new([]struct{})),
		Read([]byte("r\x01\x01"), new([]struct{})),
		Read([]byte("r\xff\xff\xff\xff\xff\x01"), new([]struct{})),
		Read([]byte("r"), new([]point)),
		ReadSlice([]byte("r"), new([]point)),
		ReadSlice(nil, new([]int)),
	} {
		if err == nil {
			t.Error("a slice that is not whole was read")
		}
	}
}

func TestEachValueByGobCanBeReadAlone(t *testing.T) {
	registerOnce()
	random := rand.New(rand.NewPCG(3, 4))
	anys := []any{
		nil, 1, "text", 2.5, point{X: 1}, []int{1}, map[string]int{"a": 1}, strings.Repeat("long", 10_000), []any{1, point{X: 2}},
	}
	anyOf := func() any { return anys[random.IntN(len(anys))] }
	readAlone(t, true, random, func() mixed {
		m := mixed{Name: fmt.Sprint(random.IntN(100)), Any: anyOf()}
		if random.IntN(3) == 0 {
			m.Deep = &mixed{Any: anyOf(), Parts: make([]float64, 1+random.IntN(300))}
		}
		return m
	})
	readAlone(t, true, random, func() any { return anys[1+random.IntN(len(anys)-1)] })
	readAlone(t, false, random, func() map[string][]point {
		return map[string][]point{fmt.Sprint(random.IntN(9)): make([]point, 1+random.IntN(300))}
	})
	readAlone(t, false, random, func() *point {
		if random.IntN(3) == 0 {
			return nil
		}
		return &point{X: random.Int(), Next: &point{Label: "next"}}
	})
	readAlone(t, false, random, func() time.Time { return time.Unix(random.Int64N(1e9), 0) })
}

// readAlone writes values by either of two codecs and reads them by either of two.
func readAlone[T any](t *testing.T, apart bool, random *rand.Rand, next func() T) {
	t.Helper()
	typ := reflect.TypeFor[T]()
	writers, readers := [2]*gobCodec{newGobCodec(typ), newGobCodec(typ)}, [2]*gobCodec{newGobCodec(typ), newGobCodec(typ)}
	if writers[0].apart != apart {
		t.Errorf("%v: apart is %t", typ, !apart)
	}
	for range 500 {
		sent := next()
		var got T
		b, err := appendGob(writers[random.IntN(2)], nil, sent)
		if err == nil {
			err = readGob(readers[random.IntN(2)], b, &got)
		}
		if err == nil && !reflect.DeepEqual(sent, got) {
			err = fmt.Errorf("got %v, want %v", got, sent)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The streams are shared, and each is used by one goroutine at a time.
func TestManyGoroutinesWriteAndRead(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 2 * maxIdle {
		wg.Go(func() {
			for n := range 100 {
				p := point{X: n, Label: fmt.Sprint(i)}
				if got := there(t, p); got != p {
					t.Errorf("%v came as %v", p, got)
				}
			}
		})
	}
	wg.Wait()
	if c := gobCodecOf(reflect.TypeFor[point]()); len(c.writers) > maxIdle || len(c.readers) > maxIdle {
		t.Errorf("it keeps %d and %d streams", len(c.writers), len(c.readers))
	}
}

// Processes number their types differently, so one that reads from many meets many definitions of one type.
func TestAReaderRemembersManyDefinitions(t *testing.T) {
	c := newGobCodec(reflect.TypeFor[point]())
	for range 3 {
		for i := range 2 * maxIdle {
			c.keepReader(&gobReader{definitions: []byte{byte(i)}})
			if r := c.reader([]byte{byte(i)}); r == nil || r.definitions[0] != byte(i) {
				t.Errorf("the reader of %d is %v", i, r)
			} else {
				c.keepReader(r)
			}
		}
	}
	if len(c.readers) != maxIdle || c.reader([]byte{0}) != nil || c.reader(nil) != nil {
		t.Errorf("it keeps %d streams", len(c.readers))
	}
}

func FuzzValues(f *testing.F) {
	f.Add("text", int64(-1), 1.5, []byte("bytes"))
	sent, _ := Append(nil, &point{X: 1, Next: &point{Label: "next"}})
	f.Add("", int64(0), 0.0, sent)
	f.Fuzz(func(t *testing.T, s string, n int64, x float64, b []byte) {
		same(t, s)
		same(t, n)
		if got := there(t, x); math.Float64bits(got) != math.Float64bits(x) {
			t.Errorf("%v came as %v", x, got)
		}
		if got := there(t, b); !bytes.Equal(got, b) {
			t.Errorf("%q came as %q", b, got)
		}
		same(t, []string{s, "", s})
		same(t, []int64{n, -n})
		same(t, point{X: int(n), Label: s, Next: &point{Label: string(b)}})
		Read(b, new(int)) // what is perhaps no such value
		Read(b, new(day))
		Read(b, new(string))
		Read(b, new(point))
		Read(b, new(any))
		Read(b, new([]string))
		Read(b, new([]int))
		Read(b, new([]float32))
		ReadSlice(b, new([]*point))
	})
}

func TestALockDoesNotTravelLocked(t *testing.T) {
	type guarded struct {
		mu sync.Mutex
		N  int
	}
	type counted struct {
		Hits atomic.Int64
		N    int
	}
	if Plain(reflect.TypeFor[guarded]()) || Plain(reflect.TypeFor[counted]()) || Plain(reflect.TypeFor[sync.Mutex]()) {
		t.Error("what must not be copied is plain")
	}
	var from, to guarded
	from.mu.Lock()
	from.N = 3
	data, err := Append(nil, &from)
	if err != nil {
		t.Fatal(err)
	}
	if err := Read(data, &to); err != nil || to.N != 3 || !to.mu.TryLock() {
		t.Errorf("got %d, %v, or a lock that is held", to.N, err)
	}
}

func TestAMethodOfThePointerSaysHowAValueTravels(t *testing.T) {
	type job struct {
		Seed rand.PCG // has MarshalBinary by its address
		N    int
	}
	j := job{Seed: *rand.NewPCG(1, 2), N: 3}
	got := there(t, j)
	if got.N != 3 || got.Seed.Uint64() != j.Seed.Uint64() {
		t.Errorf("got %+v", got)
	}
}

func TestALargeValueIsNotKept(t *testing.T) {
	type large struct {
		Name string
		Data []byte
	}
	v := large{"x", make([]byte, 2*maxBuffer)}
	there(t, v)
	c := gobCodecOf(reflect.TypeFor[large]())
	if len(c.readers) != 0 || len(c.writers) != 0 {
		t.Errorf("%d readers and %d writers hold a large value", len(c.readers), len(c.writers))
	}
	there(t, large{"x", nil})
	if len(c.readers) != 1 || len(c.writers) != 1 {
		t.Errorf("%d readers and %d writers are kept for small ones", len(c.readers), len(c.writers))
	}
}
