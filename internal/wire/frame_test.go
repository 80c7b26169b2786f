package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

func TestFramesThatAreNotWholeAreErrors(t *testing.T) {
	for stream, want := range map[string]error{
		"":                         io.EOF,
		"\x01\x00":                 io.ErrUnexpectedEOF,
		"\x02\x00\x00\x00a":        io.ErrUnexpectedEOF,
		"\x01\x00\x00\x00":         io.ErrUnexpectedEOF,
		"\x01\x00\x00\x04":         ErrNonsense, // one byte more than may be
		"\x00\x00\x00\x04 so much": io.ErrUnexpectedEOF,
		"\x01\x00\x00\x00a":        nil,
	} {
		if _, err := ReadFrame(bufio.NewReader(strings.NewReader(stream)), nil, MaxFrame); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", stream, err, want)
		}
	}
}

func TestAFrameHasABound(t *testing.T) {
	var b bytes.Buffer
	frame := append(NewFrame(nil), "12345"...)
	if err := WriteFrame(&b, frame, 4); !errors.Is(err, ErrTooLarge) || b.Len() > 0 {
		t.Errorf("written with the bound 4: %v, %q", err, b.Bytes())
	}
	if err := WriteFrame(&b, frame, 5); err != nil {
		t.Error(err)
	}
	sent := b.String()
	if _, err := ReadFrame(bufio.NewReader(strings.NewReader(sent)), nil, 4); !errors.Is(err, ErrNonsense) {
		t.Errorf("read with the bound 4: %v", err)
	}
	if body, err := ReadFrame(bufio.NewReader(strings.NewReader(sent)), nil, 5); err != nil || string(body) != "12345" {
		t.Errorf("read %q, %v", body, err)
	}
}

func TestAFrameThatLiesGetsNoMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := ReadFrame(bufio.NewReader(strings.NewReader("\xff\xff\xff\x7fshort")), nil, 1<<31-1); err != io.ErrUnexpectedEOF {
		t.Errorf("the error is %v", err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
		t.Errorf("it took %d bytes", n)
	}
}

func TestFieldsTravel(t *testing.T) {
	want := []string{"", "one", strings.Repeat("long", 100)}
	b := AppendFields(nil, want...)
	if got, err := CutFields[string](b); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := CutFields[[]byte](b); err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) || cap(got[1]) != 3 {
		t.Errorf("got %q, %v", got, err)
	}
	for _, bad := range []string{"\x01", "\x02a", "\xff", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x01a\x01"} {
		if _, err := CutFields[string]([]byte(bad)); !errors.Is(err, ErrNonsense) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x03\x00\x00\x00\x02ab\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		in := bufio.NewReader(bytes.NewReader(stream))
		for {
			body, err := ReadFrame(in, nil, MaxFrame)
			if err != nil {
				return
			}
			fields, err := CutFields[string](body)
			if err != nil {
				continue
			}
			again, err := CutFields[string](AppendFields(nil, fields...))
			if err != nil || fmt.Sprintf("%q", again) != fmt.Sprintf("%q", fields) {
				t.Errorf("%q came back as %q, %v", fields, again, err)
			}
		}
	})
}

func TestFieldsHaveABound(t *testing.T) {
	many := make([]byte, MaxFields+1) // so many empty fields
	if _, err := CutFields[string](many); !errors.Is(err, ErrNonsense) {
		t.Error(err)
	}
	if err := FitFields(MaxFrame, make([]string, MaxFields+1)...); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if err := FitFields(10, "12345", "6789"); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if err := FitFields(11, "12345", "6789"); err != nil {
		t.Error(err)
	}
}
