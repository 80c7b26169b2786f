package mapreduce

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cookbook/internal/distributed/engine/enginetest"
)

// index lists for each word the lines that it is in, without a Combine, in two partitions by the first letter.
var index = Register("test.index", Job[string]{
	Map: func(_ context.Context, s Split, emit func([]byte, string)) error {
		for line := range bytes.Lines(s.Data) {
			for word := range fields(line) {
				emit(word, strings.TrimSpace(string(line)))
			}
		}
		return nil
	},
	Reduce: func(key string, lines []string) (string, error) {
		if key == "fail" {
			return "", errors.New("as it was told")
		}
		slices.Sort(lines)
		return strings.Join(lines, "|"), nil
	},
	Partition: func(key []byte, partitions int) int { return int(key[0]) % partitions },
})

func TestReduceGetsAllValuesOfAKey(t *testing.T) {
	e := enginetest.Open(t)
	work(t, e, 2, 2)
	text := "b a\nc a\na c\n"
	got, err := Run(t.Context(), enginetest.Conn(t, e), index, Reader("text", strings.NewReader(text)), WithSplitSize(4))
	if want := []Pair[string]{{"a", "a c|b a|c a"}, {"b", "b a"}, {"c", "a c|c a"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

// bulky emits so much for each split that it takes several messages.
var bulky = Register("test.bulky", Job[[]byte]{
	Map: func(_ context.Context, s Split, emit func([]byte, []byte)) error {
		for i := range 40 {
			emit(fmt.Appendf(nil, "%s %d", bytes.TrimSpace(s.Data), i), bytes.Repeat([]byte{byte(i)}, 100_000))
		}
		return nil
	},
	Combine: func(a, b []byte) []byte { return append(a, b...) },
	Reduce:  func(_ string, values [][]byte) ([]byte, error) { return values[0][:min(len(values[0]), 200_000)], nil },
})

func TestASplitMayTakeSeveralMessages(t *testing.T) {
	e := enginetest.Open(t)
	work(t, e, 2, 1, func(w *worker) { w.saveAfter = 1 << 20 })
	got, err := Run(t.Context(), enginetest.Conn(t, e), bulky, Reader("text", strings.NewReader("a\nb\nc\n")), WithSplitSize(2), WithPartitions(3))
	if err != nil || len(got) != 120 {
		t.Fatalf("%d keys, %v", len(got), err)
	}
	for _, p := range got {
		if len(p.Value) != 100_000 {
			t.Errorf("%s: %d bytes", p.Key, len(p.Value))
		}
	}
}

// faulty fails as the text says.
var faulty = Register("test.faulty", Job[int]{
	Map: func(_ context.Context, s Split, emit func([]byte, int)) error {
		for word := range fields(s.Data) {
			switch string(word) {
			case "error":
				return errors.New("no such word")
			case "panic":
				panic("dismay")
			case "kill":
				killMe()
			}
			emit(word, 1)
		}
		return nil
	},
	Combine: func(a, b int) int {
		if a == 1 && b == 1 {
			return 2
		}
		panic("too many")
	},
})

func TestAnErrorOfMapNamesTheSplit(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	work(t, e, 2, 2)
	for text, want := range map[string]string{"error": "no such word", "panic": "panic: dismay"} {
		_, err := Run(t.Context(), conn, faulty, Reader("notes.txt", strings.NewReader("good\n"+text+"\ngood\n")), WithSplitSize(6))
		var split *SplitError
		if !errors.As(err, &split) || split.Source != "notes.txt" || split.Offset != 5 || split.Size != 6 || split.Text != want {
			t.Errorf("%s: %v", text, err)
		}
	}
	left(t, conn)
}

func TestAnErrorInAReducerEndsTheJob(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	work(t, e, 1, 1)
	_, err := Run(t.Context(), conn, index, Reader("text", strings.NewReader("a fail\n")))
	var failed *ReduceError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), `"fail": as it was told`) {
		t.Errorf("Reduce fails: %v", err)
	}
	_, err = Run(t.Context(), conn, faulty, Reader("text", strings.NewReader("a\na\na\n")), WithSplitSize(2))
	if !errors.As(err, &failed) || failed.Text != "panic: too many" {
		t.Errorf("Combine panics: %v", err)
	}
	left(t, conn)
}

func TestAJobThatNoWorkerKnowsIsAnError(t *testing.T) {
	e := enginetest.Open(t)
	work(t, e, 1, 1)
	stranger := &Handle[int]{"test.stranger", words.job}
	_, err := Run(t.Context(), enginetest.Conn(t, e), stranger, Reader("text", strings.NewReader("a\n")))
	if err == nil || !strings.Contains(err.Error(), "test.words") {
		t.Error(err)
	}
}
