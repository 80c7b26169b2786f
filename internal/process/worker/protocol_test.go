package worker

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"cookbook/internal/process/duplex"
	"cookbook/internal/wire"
)

func TestFailuresOfItemsTravel(t *testing.T) {
	want := []itemFailure{{0, "first", ""}, {3, "", "stack"}, {300, "last", "stack"}}
	b := append(appendFailures(nil, want), "rest"...)
	got, rest, err := cutFailures(b, 301)
	if err != nil || string(rest) != "rest" || !slices.Equal(got, want) {
		t.Errorf("got %v and %q, %v", got, rest, err)
	}
	for _, bad := range []string{"", "\xff", "\x02\x00\x00\x00", "\x01", "\x01\x05\x00\x00", "\x01\x00\x01", "\x01\x00\x00", "\x02\x01\x00\x00\x01\x00\x00", "\x06\x00\x00\x00"} {
		if _, _, err := cutFailures([]byte(bad), 5); !errors.Is(err, wire.ErrNonsense) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

// A request is put together as a parent does it.
func request[A any](t testing.TB, name string, arg A) []byte {
	t.Helper()
	frame, err := wire.Append(appendRequest(wire.NewFrame(nil), 0, name), &arg)
	if err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if err := wire.WriteFrame(&whole, frame, wire.MaxFrame); err != nil {
		t.Fatal(err)
	}
	return whole.Bytes()
}

// serveStream answers the requests in a stream.
func serveStream(t testing.TB, requests io.Reader, answers io.Writer) error {
	t.Helper()
	conn, err := duplex.New(duplex.Second, nil, requests, answers)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return serve(conn)
}

func TestServeRefusesWhatNoParentSays(t *testing.T) {
	good := string(request(t, "test.twice", 4))
	for stream, want := range map[string]error{
		good:                                 nil,
		good + good:                          nil,
		good + "\x00\x00\x00\x00":            wire.ErrNonsense, // an empty request
		good + "\x02\x00\x00\x00\x02\x00":    wire.ErrNonsense, // an unknown flag
		good + "\x02\x00\x00\x00\x00\xff":    wire.ErrNonsense, // no length of a name
		good + "\x03\x00\x00\x00\x00\x09abc": wire.ErrNonsense, // a name that is not there
		good[:len(good)-1]:                   io.ErrUnexpectedEOF,
		good + "GET / HTTP/1.1\r\n":          wire.ErrNonsense,
	} {
		if err := serveStream(t, strings.NewReader(stream), io.Discard); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", stream, err, want)
		}
	}
}

// requestEach is such a request with the flag forEach.
func requestEach[A any](t testing.TB, name string, args ...A) []byte {
	t.Helper()
	frame, err := wire.AppendSlice(appendRequest(wire.NewFrame(nil), forEach, name), args)
	if err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if err := wire.WriteFrame(&whole, frame, wire.MaxFrame); err != nil {
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
	stream := request(f, "f", point{X: 1, Label: "x"})
	stream = append(stream, request(f, "g", 5)...)
	stream = append(stream, request(f, "f", point{})...)
	stream = append(stream, request(f, "h", "ouch")...)
	stream = append(stream, requestEach(f, "g", 1, 2, 3)...)
	stream = append(stream, requestEach(f, "f", point{X: 1}, point{})...)
	stream = append(stream, requestEach(f, "h", "ouch", "")...)
	f.Add(stream)
	f.Add([]byte("\x03\x00\x00\x00\x00\x01x"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var answers bytes.Buffer
		serveStream(t, bytes.NewReader(stream), &answers)
		hear(t, answers.Bytes(), asked(stream))
	})
}

// Whatever a worker says, its parent does not panic.
func FuzzAnswers(f *testing.F) {
	onlyHarmless(f)
	stream := request(f, "f", point{X: 1, Label: "x"})
	stream = append(stream, request(f, "f", point{})...)
	stream = append(stream, request(f, "?", "what")...)
	stream = append(stream, requestEach(f, "g", 1, 2, 3)...)
	stream = append(stream, requestEach(f, "f", point{X: 1}, point{}, point{})...)
	stream = append(stream, requestEach(f, "h", "ouch", "", "ouch")...)
	var answers bytes.Buffer
	if err := serveStream(f, bytes.NewReader(stream), &answers); err != nil {
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
		n, err := wire.ReadHeader(in, wire.MaxFrame)
		if err != nil {
			return flags
		}
		body, err := wire.ReadBody(in, n, nil)
		if err != nil || len(body) == 0 {
			return flags
		}
		flags = append(flags, body[0])
	}
}

// plainly is how a value begins that is not written by gob, as package wire has it.
const plainly = 'r'

// hear reads answers as a parent does: those to requests with these flags, or, if they are nil, those to whatever.
func hear(t *testing.T, stream, flags []byte) {
	in := bufio.NewReader(bytes.NewReader(stream))
	for i := 0; ; i++ {
		n, err := wire.ReadHeader(in, wire.MaxFrame)
		if err == io.EOF {
			return
		}
		var answer []byte
		if err == nil {
			answer, err = wire.ReadBody(in, n, answer)
		}
		if err == nil {
			err = ReadAnswer("f", answer, func(from []byte) error {
				if flags != nil && flags[i]&forEach != 0 {
					_, from, err := cutFailures(from, wire.MaxFrame)
					if err != nil || len(from) > 0 && from[0] == plainly {
						return errors.Join(err, wire.ReadSlice(from, new([]int)))
					}
					return wire.ReadSlice(from, new([]*point))
				}
				if len(from) > 0 && from[0] == plainly {
					return wire.Read(from, new(int))
				}
				return wire.Read(from, new(*point))
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
	in := bufio.NewReader(bytes.NewReader(stream))
	for {
		n, err := wire.ReadHeader(in, wire.MaxFrame)
		if err != nil {
			return
		}
		answer, err := wire.ReadBody(in, n, nil)
		if err != nil {
			return
		}
		ReadAnswer("f", answer, func(from []byte) error {
			ignore := func(int, *RemoteError) {}
			return errors.Join(readEach("f", from, make([]int, 3), ignore), readEach("f", from, make([]*point, 3), ignore))
		})
	}
}
