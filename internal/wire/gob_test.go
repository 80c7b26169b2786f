package wire

import (
	"encoding/gob"
	"math"
	"reflect"
	"testing"
	"time"
)

// A shade is what the interfaces below hold.
type shade struct{ Red, Blue int }

// Types that hold an interface and say in some way what they are: by methods that gob knows, or by others.
type (
	plainNote struct{ What any }
	textNote  struct{ What any }
	appends   struct{ What any }
	onlyReads struct{ What any }
	gobValue  struct{ What any }
	gobAddr   struct{ What any }
	binValue  struct{ What any }
	binAddr   struct{ What any }

	HasText struct{ TextNote textNote }
	hasGob  struct{ gobValue }
	HasGob  struct {
		Inner gobValue
		Count int
	}
	hidden struct {
		what  any
		Count int
	}
	chain struct {
		What any
		Next *chain
	}
	embedsHidden struct {
		plainNote
		Count int
	}
	EmbedsText struct {
		TextOf
		Count int
	}
	TextOf           struct{ What any }
	paired[A, B any] struct {
		First  A
		Second B
	}
	channels struct {
		C     chan any
		F     func(any)
		Count int
	}
	asMethod interface{ Method() }
	methodic struct{ N int }
)

func (textNote) MarshalText() ([]byte, error)         { return []byte("text"), nil }
func (*textNote) UnmarshalText([]byte) error          { return nil }
func (appends) AppendBinary(b []byte) ([]byte, error) { return b, nil }
func (*onlyReads) UnmarshalText([]byte) error         { return nil }
func (gobValue) GobEncode() ([]byte, error)           { return []byte("gob"), nil }
func (*gobValue) GobDecode([]byte) error              { return nil }
func (*gobAddr) GobEncode() ([]byte, error)           { return []byte("gob"), nil }
func (*gobAddr) GobDecode([]byte) error               { return nil }
func (binValue) MarshalBinary() ([]byte, error)       { return []byte("bin"), nil }
func (*binValue) UnmarshalBinary([]byte) error        { return nil }
func (*binAddr) MarshalBinary() ([]byte, error)       { return []byte("bin"), nil }
func (*binAddr) UnmarshalBinary([]byte) error         { return nil }
func (TextOf) MarshalText() ([]byte, error)           { return []byte("text"), nil }
func (methodic) Method()                              {}

// Whether a type needs a stream for each value is found by trying it with gob itself: two values in one stream, of which a
// new reader, that knows the definitions alone, gets the second.
func TestTypesThatNeedAStreamForEachValueAreThoseOfGob(t *testing.T) {
	gob.Register(shade{})
	gob.Register(methodic{})
	s := any(shade{1, 2})
	agrees(t, true, s)
	agrees(t, true, []any{s})
	agrees(t, true, [2]any{s, s})
	agrees(t, true, map[string]any{"a": s})
	agrees(t, true, map[any]int{s: 1})
	agrees(t, true, map[string][]map[int]any{"a": {{1: s}}})
	agrees(t, true, &s)
	agrees(t, true, []*any{&s})
	agrees(t, true, plainNote{s})
	agrees(t, true, &plainNote{s})
	agrees(t, true, [][1]*plainNote{{{s}}})
	agrees(t, true, textNote{s})
	agrees(t, true, &textNote{s})
	agrees(t, true, []textNote{{s}})
	agrees(t, true, HasText{textNote{s}})
	agrees(t, true, appends{s})
	agrees(t, true, onlyReads{s})
	agrees(t, true, EmbedsText{TextOf{s}, 1})
	agrees(t, true, chain{s, &chain{What: s}})
	agrees(t, true, paired[int, any]{1, s})
	agrees(t, true, paired[gobValue, []any]{gobValue{s}, []any{s}})
	agrees[asMethod](t, true, methodic{3})
	agrees(t, true, paired[asMethod, int]{methodic{3}, 1})

	agrees(t, false, shade{1, 2})
	agrees(t, false, map[string]shade{"a": {}})
	agrees(t, false, gobValue{s})
	agrees(t, false, gobAddr{s})
	agrees(t, false, binValue{s})
	agrees(t, false, binAddr{s})
	agrees(t, false, &gobValue{s})
	agrees(t, false, &gobAddr{s})
	agrees(t, false, &binValue{s})
	agrees(t, false, &binAddr{s})
	agrees(t, false, []gobValue{{s}})
	agrees(t, false, []*gobAddr{{s}})
	agrees(t, false, [1]binAddr{{s}})
	agrees(t, false, map[string]binValue{"a": {s}})
	agrees(t, false, map[string]*binAddr{"a": {s}})
	agrees(t, false, hasGob{gobValue{s}})
	agrees(t, false, HasGob{gobValue{s}, 1})
	agrees(t, false, hidden{s, 1})
	agrees(t, false, embedsHidden{plainNote{s}, 1})
	agrees(t, false, channels{Count: 1})
	agrees(t, false, paired[gobValue, *binAddr]{gobValue{s}, &binAddr{s}})
	agrees(t, false, time.Unix(1, 0))
	p := &gobAddr{s}
	agrees(t, false, &p)
}

func agrees[T any](t *testing.T, apart bool, v T) {
	t.Helper()
	typ := reflect.TypeFor[T]()
	if c := newGobCodec(typ); c.apart != apart {
		t.Errorf("%v: apart is %t", typ, c.apart)
	}
	stream := newGobCodec(typ)
	stream.apart = false
	if _, err := appendGob(stream, nil, v); err != nil {
		t.Fatalf("%v: %v", typ, err)
	}
	second, err := appendGob(stream, nil, v)
	if err != nil {
		t.Fatalf("%v: %v", typ, err)
	}
	reader := newGobCodec(typ)
	if err := readGob(reader, second, new(T)); (err != nil) != apart {
		t.Errorf("%v: what gob says of the second value in a stream: %v", typ, err)
	}
	for range 2 { // and any reader gets what the package writes
		c := newGobCodec(typ)
		appendGob(c, nil, v)
		b, err := appendGob(c, nil, v)
		if err == nil {
			err = readGob(newGobCodec(typ), b, new(T))
		}
		if err != nil {
			t.Errorf("%v: %v", typ, err)
		}
	}
}

// The manual lists what changes on the way.
func TestWhatChangesOnTheWay(t *testing.T) {
	gob.Register(shade{})
	type part struct {
		Slice   []int
		Map     map[string]int
		Float   float64
		Channel chan int
		Func    func()
		hidden  int
	}
	empty := part{[]int{}, map[string]int{}, math.Copysign(0, -1), make(chan int), func() {}, 1}
	if got := there(t, empty); !reflect.DeepEqual(got, part{Map: map[string]int{}}) {
		t.Errorf("got %#v", got)
	}
	if got := there(t, []int{}); got != nil {
		t.Errorf("an empty slice came as %#v", got)
	}
	if got := there(t, map[string]int{}); got == nil {
		t.Error("an empty map came as nil")
	}
	if got := there(t, math.Copysign(0, -1)); !math.Signbit(got) {
		t.Error("−0 alone came as 0")
	}
	one := 1
	if got := there(t, []*int{&one, &one}); got[0] == got[1] {
		t.Error("two pointers to one thing came as such")
	}
	if got := there[any](t, &shade{1, 2}); got != any(shade{1, 2}) {
		t.Errorf("a pointer in an interface came as %#v", got)
	}
	if now := time.Now(); !there(t, now).Equal(now) || there(t, now) == now {
		t.Error("a time came with its monotonic reading, or as another time")
	}
	type unknown struct{ N int }
	for _, v := range []any{unknown{1}, []any{unknown{1}}, map[string]any{"": &unknown{1}}} {
		if _, err := Append(nil, &v); err == nil {
			t.Errorf("%#v was written without gob.Register", v)
		}
	}
	for _, v := range []any{[]*int{nil}, map[string]*int{"": nil}, struct{ P [1]*shade }{}} {
		gob.Register(v)
		if _, err := Append(nil, &v); err == nil {
			t.Errorf("%#v was written", v)
		}
	}
}
