package mapreduce

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// cutAll cuts a text and returns the splits' texts.
func cutAll(t *testing.T, in Input, size, most int) (all []string, err error) {
	t.Helper()
	offset, number := int64(0), 0
	err = eachSplit(t.Context(), in, size, most, func(s Split) error {
		if s.Number != number || s.Offset != offset && s.Offset != 0 {
			t.Errorf("split %d at %d, want split %d at %d", s.Number, s.Offset, number, offset)
		}
		number++
		offset = s.Offset + int64(len(s.Data))
		all = append(all, string(s.Data))
		return nil
	})
	return all, err
}

func TestCutsAtLineEnds(t *testing.T) {
	for _, c := range []struct {
		name, text string
		size, most int
		want       []string
	}{
		{"nothing", "", 4, 8, nil},
		{"one line end", "\n", 4, 8, []string{"\n"}},
		{"no final line end", "ab\ncd", 4, 8, []string{"ab\n", "cd"}},
		{"all in one", "ab\ncd\n", 6, 8, []string{"ab\ncd\n"}},
		{"one byte too many", "ab\ncd\n", 5, 8, []string{"ab\n", "cd\n"}},
		{"CRLF", "ab\r\ncd\r\n", 5, 8, []string{"ab\r\n", "cd\r\n"}},
		{"CRLF across the border", "abc\r\nd\r\n", 4, 8, []string{"abc\r\n", "d\r\n"}},
		{"empty lines", "\n\n\n\n\n", 2, 8, []string{"\n\n", "\n\n", "\n"}},
		{"a line longer than a split", "a\nbcdefg\nh\n", 4, 8, []string{"a\n", "bcdefg\n", "h\n"}},
		{"a long line first", "bcdefg\nh\n", 4, 8, []string{"bcdefg\n", "h\n"}},
		{"a long last line", "a\nbcdefgh", 4, 8, []string{"a\n", "bcdefgh"}},
		{"as long as it may be", "bcdefgh\ni", 4, 8, []string{"bcdefgh\n", "i"}},
		{"as long as it may be, last", "abcdefgh", 4, 8, []string{"abcdefgh"}},
		{"splits of a byte", "a\n\nb\n", 1, 8, []string{"a\n", "\n", "b\n"}},
	} {
		for kind, wrap := range map[string]func(io.Reader) io.Reader{
			"": func(r io.Reader) io.Reader { return r }, ", byte by byte": iotest.OneByteReader, ", end with data": iotest.DataErrReader,
		} {
			t.Run(c.name+kind, func(t *testing.T) {
				got, err := cutAll(t, Reader("text", wrap(strings.NewReader(c.text))), c.size, c.most)
				if err != nil || strings.Join(got, "|") != strings.Join(c.want, "|") {
					t.Errorf("%q, %v; want %q", got, err, c.want)
				}
			})
		}
	}
}

func TestRefusesALineThatNoMessageHolds(t *testing.T) {
	for _, text := range []string{"abcdefghi", "abcdefgh\n", "a\nabcdefghijk\nb"} {
		got, err := cutAll(t, Reader("text", strings.NewReader(text)), 4, 8)
		if !errors.Is(err, ErrLongLine) || !strings.Contains(err.Error(), "text, at byte") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestSplitsAreTheTextAgain(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		text := make([]byte, random.IntN(300))
		for i := range text {
			text[i] = "ab \r\n"[random.IntN(5)]
		}
		size := 1 + random.IntN(40)
		got, err := cutAll(t, Reader("text", iotest.HalfReader(bytes.NewReader(text))), size, 1000)
		if err != nil || strings.Join(got, "") != string(text) {
			t.Fatalf("%q in splits of %d: %q, %v", text, size, got, err)
		}
		for i, s := range got {
			if i < len(got)-1 && s[len(s)-1] != '\n' || len(s) > size && strings.Count(s, "\n") > 1 {
				t.Fatalf("%q in splits of %d: split %d is %q", text, size, i, s)
			}
		}
	}
}

func TestFilesAreTakenInOrder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"b/2": "two\n", "b/1": "one", "b/empty": "", "a": "zero\n", "c": "three"} {
		path := filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(path), 0o700)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := cutAll(t, Files(filepath.Join(dir, "c"), dir), 100, 100)
	if want := "three|zero\n|one|two\n|three"; err != nil || strings.Join(got, "|") != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if _, err := cutAll(t, Files(filepath.Join(dir, "none")), 100, 100); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestAnErrorOfAReaderNamesItsPlace(t *testing.T) {
	torn := io.MultiReader(strings.NewReader("one\ntwo"), iotest.ErrReader(io.ErrClosedPipe))
	_, err := cutAll(t, Reader("pipe", torn), 4, 100)
	if !errors.Is(err, io.ErrClosedPipe) || !strings.Contains(err.Error(), "pipe at byte 7") {
		t.Error(err)
	}
}

func TestAReadThatWaitsEndsWithTheContext(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	in := func(yield func(Source, error) bool) {
		yield(Source{"pipe", func() (io.ReadCloser, error) { cancel(); return r, nil }}, nil)
	}
	if err := eachSplit(ctx, in, 4, 8, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
