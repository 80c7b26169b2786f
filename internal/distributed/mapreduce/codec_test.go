package mapreduce

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestWhatIsEncodedIsDecoded(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		keys, values := make([][]byte, n), make([][]string, n)
		for i := range keys {
			keys[i], values[i] = []byte(fmt.Sprint("key ", i)), []string{"value", strings.Repeat("x", i%50)}
		}
		messages, err := encode(keys, values, 2000)
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for _, m := range messages {
			if len(m) > 2000 {
				t.Errorf("a message of %d bytes", len(m))
			}
			gotKeys, gotValues, err := decode[[]string](m)
			if err != nil {
				t.Fatal(err)
			}
			for j, key := range gotKeys {
				if !bytes.Equal(key, keys[i]) || fmt.Sprint(gotValues[j]) != fmt.Sprint(values[i]) {
					t.Fatalf("key %d is %q: %q", i, key, gotValues[j])
				}
				i++
			}
		}
		if i != n {
			t.Errorf("%d keys of %d", i, n)
		}
	}
}

func TestAValueThatNoMessageHoldsIsAnError(t *testing.T) {
	_, err := encode([][]byte{[]byte("small"), []byte("large")}, []string{"", strings.Repeat("x", 3000)}, 2000)
	if !errors.Is(err, ErrValueTooLarge) || !strings.Contains(err.Error(), "large") {
		t.Error(err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, keys := range [][][]byte{{[]byte("a")}, {[]byte("key"), []byte("")}} {
		messages, err := encode(keys, make([]int, len(keys)), 1000)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(messages[0])
	}
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0xff}, 20))
	f.Fuzz(func(t *testing.T, message []byte) {
		keys, values, err := decode[int](message)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Error(err)
			}
			return
		}
		if len(keys) == 0 || len(keys) != len(values) {
			t.Errorf("%d keys, %d values", len(keys), len(values))
		}
		if _, _, err := decode[[]string](message); err != nil && !errors.Is(err, ErrMalformed) {
			t.Error(err)
		}
	})
}
