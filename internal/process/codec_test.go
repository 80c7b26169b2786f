package process

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"reflect"
	"slices"
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

func TestSlicesTravelAsTheyAre(t *testing.T) {
	var c codec
	for range 2 {
		raw(t, &c, []int{0, -1, math.MaxInt, math.MinInt})
		raw(t, &c, []uint{0, math.MaxUint})
		raw(t, &c, []int64{math.MinInt64, 7})
		raw(t, &c, []uint64{math.MaxUint64})
		raw(t, &c, []float64{0, math.Pi, math.Inf(-1)})
		raw(t, &c, []string{"", "größer", "\x00\xff", strings.Repeat("long", 100)})
		raw(t, &c, []bool{true, false})
		raw(t, &c, []int8{-128, 127})
		raw(t, &c, []int16{-1})
		raw(t, &c, []uint16{65535})
		raw(t, &c, []int32{-1, 1})
		raw(t, &c, []uint32{7})
		raw(t, &c, []float32{1.5})
		raw(t, &c, make([]struct{}, 3))
		raw[int](t, &c, nil)
		raw[string](t, &c, nil)
		raw[float64](t, &c, nil)
	}
	var e ends
	for range 2 { // what gob does not take without a box
		send, got := []*point{{X: 1}, nil, {Next: &point{}}}, []*point(nil)
		b, err := appendSlice(&e.near, nil, send)
		if err == nil {
			err = readSlice(&e.far, b, &got)
		}
		if err != nil || !reflect.DeepEqual(got, send) {
			t.Errorf("pointers came as %v, %v", got, err)
		}
	}
}

// raw checks that a slice is written without gob and comes out as it went in.
func raw[T any](t *testing.T, c *codec, want []T) {
	t.Helper()
	b, err := appendSlice(c, nil, want)
	var got []T
	if err == nil {
		err = readSlice(c, b, &got)
	}
	if err != nil || b[0] != asItIs || !reflect.DeepEqual(got, want) {
		t.Errorf("%#v came as %#v by %q, %v", want, got, b[:1], err)
	}
}

func TestSlicesThatAreNotWholeAreErrors(t *testing.T) {
	for _, err := range []error{
		readValue(new(codec), []byte("r1234567"), new([]int)),
		readValue(new(codec), []byte("r123456789"), new([]float64)),
		readValue(new(codec), []byte("r123"), new([]int16)),
		readValue(new(codec), []byte("r"), new([]string)),
		readValue(new(codec), []byte("r\x02\x01a"), new([]string)),
		readValue(new(codec), []byte("r\x01\x02a"), new([]string)),
		readValue(new(codec), []byte("r\x01\x01ab"), new([]string)),
		readValue(new(codec), []byte("r\xff\xff\xff\xff\xff\x01"), new([]string)),
		readValue(new(codec), []byte("r"), new([]struct{})),
		readValue(new(codec), []byte("r\x01\x01"), new([]struct{})),
		readValue(new(codec), []byte("r\xff\xff\xff\xff\xff\x01"), new([]struct{})),
		readValue(new(codec), []byte("r"), new([]point)),
		readSlice(new(codec), []byte("r"), new([]point)),
		readSlice(new(codec), nil, new([]int)),
	} {
		if err == nil {
			t.Error("a slice that is not whole was read")
		}
	}
}

func TestFailuresOfItemsTravel(t *testing.T) {
	want := []itemFailure{{0, "first", ""}, {3, "", "stack"}, {300, "last", "stack"}}
	b := append(appendFailures(nil, want), "rest"...)
	got, rest, err := cutFailures(b, 301)
	if err != nil || string(rest) != "rest" || !slices.Equal(got, want) {
		t.Errorf("got %v and %q, %v", got, rest, err)
	}
	for _, bad := range []string{"", "\xff", "\x02\x00\x00\x00", "\x01", "\x01\x05\x00\x00", "\x01\x00\x01", "\x01\x00\x00", "\x02\x01\x00\x00\x01\x00\x00", "\x06\x00\x00\x00"} {
		if _, _, err := cutFailures([]byte(bad), 5); !errors.Is(err, errNonsense) {
			t.Errorf("%q: got %v", bad, err)
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

// requestEach is such a request with the flag forEach.
func requestEach[A any](t testing.TB, c *codec, name string, args ...A) []byte {
	t.Helper()
	frame, err := appendSlice(c, appendRequest(newFrame(nil), forEach, name), args)
	if err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if err := writeFrame(&whole, frame); err != nil {
		t.Fatal(err)
	}
	return whole.Bytes()
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
	stream = append(stream, requestEach(f, &c, "g", 1, 2, 3)...)
	stream = append(stream, requestEach(f, &c, "f", point{X: 1}, point{})...)
	stream = append(stream, requestEach(f, &c, "h", "ouch", "")...)
	f.Add(stream)
	f.Add([]byte("\x03\x00\x00\x00\x00\x01x"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var answers bytes.Buffer
		serve(bytes.NewReader(stream), &answers)
		hear(t, answers.Bytes(), asked(stream))
	})
}

// Whatever a worker says, its parent does not panic.
func FuzzAnswers(f *testing.F) {
	onlyHarmless(f)
	var c codec
	stream := request(f, &c, 0, "f", point{X: 1, Label: "x"})
	stream = append(stream, request(f, &c, 0, "f", point{})...)
	stream = append(stream, request(f, &c, 0, "?", "what")...)
	stream = append(stream, requestEach(f, &c, "g", 1, 2, 3)...)
	stream = append(stream, requestEach(f, &c, "f", point{X: 1}, point{}, point{})...)
	stream = append(stream, requestEach(f, &c, "h", "ouch", "", "ouch")...)
	var answers bytes.Buffer
	if err := serve(bytes.NewReader(stream), &answers); err != nil {
		f.Fatal(err)
	}
	f.Add(answers.Bytes())
	f.Add([]byte("\x0b\x00\x00\x00p\x04ouchstack"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		hear(t, stream, nil)
		hearEach(stream)
	})
}

// asked returns the flags of the requests in a stream, which is not nil.
func asked(stream []byte) []byte {
	in, flags := bufio.NewReader(bytes.NewReader(stream)), []byte{}
	for {
		n, err := readHeader(in)
		if err != nil {
			return flags
		}
		body, err := readBody(in, n, nil)
		if err != nil || len(body) == 0 {
			return flags
		}
		flags = append(flags, body[0])
	}
}

// hear reads answers as a parent does: those to requests with these flags, or, if they are nil, those to whatever.
func hear(t *testing.T, stream, flags []byte) {
	in, w := bufio.NewReader(bytes.NewReader(stream)), new(Worker)
	for i := 0; ; i++ {
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
				if flags != nil && flags[i]&forEach != 0 {
					_, from, err := cutFailures(from, maxFrame)
					if err != nil || len(from) > 0 && from[0] == asItIs {
						return errors.Join(err, readSlice(&w.codec, from, new([]int)))
					}
					return readSlice(&w.codec, from, new([]*point))
				}
				if len(from) > 0 && from[0] == asItIs {
					return readValue(&w.codec, from, new(int))
				}
				return readValue(&w.codec, from, new(*point))
			})
		}
		var remote *RemoteError
		if err != nil && !errors.As(err, &remote) {
			if flags != nil {
				t.Errorf("an answer that no parent understands: %v", err)
			}
			return
		}
	}
}

// hearEach reads answers as the parent of a pool does: of three points, or three ints.
func hearEach(stream []byte) {
	in, w := bufio.NewReader(bytes.NewReader(stream)), new(Worker)
	for {
		n, err := readHeader(in)
		if err != nil {
			return
		}
		answer, err := readBody(in, n, nil)
		if err != nil {
			return
		}
		points := chunk[int, *point]{args: make([]int, 3), results: make([]*point, 3)}
		ints := chunk[int, int]{args: make([]int, 3), results: make([]int, 3)}
		w.understand("f", answer, func(from []byte) error {
			return errors.Join(ints.read(new(codec), from), points.read(&w.codec, from))
		})
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
		same(t, &e, []string{s, "", s})
		same(t, &e, []int64{n, -n})
		same(t, &e, point{X: int(n), Label: s, Next: &point{Label: string(b)}})
		for _, p := range []any{new(int), new(bool), new(string), new(point), new([]string), new([]int), new([]float32)} { // what is no such value
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
			case *[]int:
				readValue(&e.far, b, p)
			case *[]float32:
				readValue(&e.far, b, p)
			}
		}
	})
}
