package process

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
)

// ends are the two ends of a pipe for values.
type ends struct{ near, far codec }

// there sends a value and returns what comes out.
func there[T any](t testing.TB, e *ends, v T) T {
	t.Helper()
	var got T
	sent, err := appendValue(&e.near, nil, &v)
	if err == nil {
		err = readValue(&e.far, sent, &got)
	}
	if err != nil {
		t.Fatalf("%#v: %v", v, err)
	}
	return got
}

func same[T any](t *testing.T, e *ends, values ...T) {
	t.Helper()
	for _, v := range values {
		if got := there(t, e, v); !reflect.DeepEqual(got, v) {
			t.Errorf("%#v came as %#v", v, got)
		}
	}
}

func TestEveryKindOfValueTravels(t *testing.T) {
	type celsius float64
	var e ends
	for range 2 { // first at the beginning of a stream, then in it
		same(t, &e, 0, -1, math.MaxInt, math.MinInt)
		same[uint](t, &e, 0, math.MaxUint)
		same[int8](t, &e, -128)
		same[uint16](t, &e, 65535)
		same[int64](t, &e, math.MinInt64)
		same[float32](t, &e, 1.5)
		same(t, &e, 0, math.Pi, math.Inf(-1))
		same(t, &e, true, false)
		same(t, &e, "", "größer", "\x00\xff")
		same(t, &e, []byte{1, 2, 3})
		same(t, &e, struct{}{})
		same[celsius](t, &e, -273.15)
		same(t, &e, []float64{1, 2}, nil)
		same(t, &e, map[string][]int{"a": {1}})
		same(t, &e, point{X: 1, Next: &point{Label: "next"}}, point{})
		same(t, &e, &point{X: 1}, nil)
		same[any](t, &e, nil, 1, "text")
		same(t, &e, [2]point{{X: 1}})
		same(t, &e, complex(1, -2))
	}
}

// In the middle of a stream a type is not described again, and an error begins a new one.
func TestOneEndThatStumblesBeginsAnew(t *testing.T) {
	var e ends
	first, err := appendValue(&e.near, nil, &point{X: 1})
	if err != nil {
		t.Fatal(err)
	}
	second, err := appendValue(&e.near, nil, &point{X: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(second) >= len(first)/2 {
		t.Errorf("the second value takes %d bytes, the first took %d", len(second), len(first))
	}
	var p point
	if err := readValue(&e.far, second, &p); err == nil {
		t.Error("a value was read whose stream has not begun")
	}
	e.near.restart()
	same(t, &e, point{X: 2})
	c := make(chan int)
	if _, err := appendValue(&e.near, nil, &c); err == nil {
		t.Error("a channel was sent")
	}
	same(t, &e, point{X: 3})
}

func TestValuesThatAreNotWholeAreErrors(t *testing.T) {
	bad := func(v any, from ...string) {
		t.Helper()
		for _, bytes := range from {
			var err error
			switch v := v.(type) {
			case int:
				err = readValue(new(codec), []byte(bytes), &v)
			case bool:
				err = readValue(new(codec), []byte(bytes), &v)
			case struct{}:
				err = readValue(new(codec), []byte(bytes), &v)
			case point:
				err = readValue(new(codec), []byte(bytes), &v)
			}
			if err == nil {
				t.Errorf("%q was read as a %T", bytes, v)
			}
		}
	}
	bad(1, "", "r", "r1234567", "r123456789", "x12345678", "G", "g12345678")
	bad(true, "r", "r12")
	bad(struct{}{}, "r1")
	bad(point{}, "r", "G\x05\x01", "g")
	var e ends
	sent, err := appendValue(&e.near, nil, &point{X: 1})
	if err != nil {
		t.Fatal(err)
	}
	bad(point{}, string(sent)+"x", string(sent[:len(sent)-1]))
}

func TestFramesThatAreNotWholeAreErrors(t *testing.T) {
	for stream, want := range map[string]error{
		"":                         io.EOF,
		"\x01\x00":                 io.ErrUnexpectedEOF,
		"\x02\x00\x00\x00a":        io.ErrUnexpectedEOF,
		"\x01\x00\x00\x00":         io.ErrUnexpectedEOF,
		"\x01\x00\x00\x04":         errNonsense, // one byte more than may be
		"\x00\x00\x00\x04 so much": io.ErrUnexpectedEOF,
	} {
		in := bufio.NewReader(strings.NewReader(stream))
		n, err := readHeader(in)
		if err == nil {
			_, err = readBody(in, n, nil)
		}
		if !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", stream, err, want)
		}
	}
}

// A request is put together as a parent does it.
func request[A any](t testing.TB, c *codec, flags byte, name string, arg A) []byte {
	t.Helper()
	frame, err := appendValue(c, appendRequest(newFrame(nil), flags, name), &arg)
	if err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if err := writeFrame(&whole, frame); err != nil {
		t.Fatal(err)
	}
	return whole.Bytes()
}

func TestServeRefusesWhatNoParentSays(t *testing.T) {
	good := string(request(t, new(codec), 0, "test.twice", 4))
	for stream, want := range map[string]error{
		good:                                 nil,
		good + good:                          nil,
		good + "\x00\x00\x00\x00":            errNonsense, // an empty request
		good + "\x02\x00\x00\x00\x08\x00":    errNonsense, // an unknown flag
		good + "\x02\x00\x00\x00\x00\xff":    errNonsense, // no length of a name
		good + "\x03\x00\x00\x00\x00\x09abc": errNonsense, // a name that is not there
		good[:len(good)-1]:                   io.ErrUnexpectedEOF,
		good + "GET / HTTP/1.1\r\n":          errNonsense,
	} {
		if err := serve(strings.NewReader(stream), io.Discard); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", stream, err, want)
		}
	}
}

// onlyHarmless leaves one function in the registry: a fuzzer may find the name of any.
func onlyHarmless(f *testing.F) {
	registry.Lock()
	defer registry.Unlock()
	all := registry.functions
	registry.functions = map[string]function{"f": all["test.move"], "g": all["test.twice"], "h": all["test.boom"]}
	f.Cleanup(func() { registry.functions = all })
}

// Whatever a parent says, a worker neither panics nor hangs, and answers in frames that can be read.
func FuzzServe(f *testing.F) {
	onlyHarmless(f)
	var c codec
	stream := request(f, &c, 0, "f", point{X: 1, Label: "x"})
	stream = append(stream, request(f, &c, 0, "g", 5)...)
	stream = append(stream, request(f, &c, restartResults, "f", point{})...)
	stream = append(stream, request(f, &c, 0, "h", "ouch")...)
	f.Add(stream)
	f.Add([]byte("\x03\x00\x00\x00\x00\x01x"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var answers bytes.Buffer
		serve(bytes.NewReader(stream), &answers)
		hear(t, answers.Bytes(), true)
	})
}

// Whatever a worker says, its parent does not panic.
func FuzzAnswers(f *testing.F) {
	onlyHarmless(f)
	var c codec
	stream := request(f, &c, 0, "f", point{X: 1, Label: "x"})
	stream = append(stream, request(f, &c, 0, "f", point{})...)
	stream = append(stream, request(f, &c, 0, "?", "what")...)
	var answers bytes.Buffer
	if err := serve(bytes.NewReader(stream), &answers); err != nil {
		f.Fatal(err)
	}
	f.Add(answers.Bytes())
	f.Add([]byte("\x0b\x00\x00\x00p\x04ouchstack"))
	f.Fuzz(func(t *testing.T, stream []byte) { hear(t, stream, false) })
}

// hear reads answers as a parent does.
func hear(t *testing.T, stream []byte, wellFormed bool) {
	in, w := bufio.NewReader(bytes.NewReader(stream)), new(Worker)
	for {
		n, err := readHeader(in)
		if err == io.EOF {
			return
		}
		var answer []byte
		if err == nil {
			answer, err = readBody(in, n, answer)
		}
		if err == nil {
			err = w.understand("f", answer, func(from []byte) error {
				if len(from) > 0 && from[0] == asItIs {
					return readValue(&w.codec, from, new(int))
				}
				return readValue(&w.codec, from, new(*point))
			})
		}
		var remote *RemoteError
		if err != nil && !errors.As(err, &remote) {
			if wellFormed {
				t.Errorf("an answer that no parent understands: %v", err)
			}
			return
		}
	}
}

func FuzzValues(f *testing.F) {
	f.Add("text", int64(-1), 1.5, []byte("bytes"))
	f.Fuzz(func(t *testing.T, s string, n int64, x float64, b []byte) {
		var e ends
		same(t, &e, s)
		same(t, &e, n)
		if got := there(t, &e, x); math.Float64bits(got) != math.Float64bits(x) {
			t.Errorf("%v came as %v", x, got)
		}
		if got := there(t, &e, b); !bytes.Equal(got, b) {
			t.Errorf("%q came as %q", b, got)
		}
		same(t, &e, point{X: int(n), Label: s, Next: &point{Label: string(b)}})
		for _, p := range []any{new(int), new(bool), new(string), new(point), new([]string)} { // what is no such value
			switch p := p.(type) {
			case *int:
				readValue(&e.far, b, p)
			case *bool:
				readValue(&e.far, b, p)
			case *string:
				readValue(&e.far, b, p)
			case *point:
				readValue(&e.far, b, p)
			case *[]string:
				readValue(&e.far, b, p)
			}
		}
	})
}
