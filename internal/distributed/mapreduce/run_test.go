package mapreduce

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
)

// work starts workers in this process until the test ends.
func work(t testing.TB, e *engine.Engine, mappers, reducers int, options ...ServeOption) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	one := func(role Role) {
		conn := enginetest.Conn(t, e)
		go func() { done <- Serve(ctx, conn, role, options...) }()
	}
	for range mappers {
		one(Mapper)
	}
	for range reducers {
		one(Reducer)
	}
	t.Cleanup(func() {
		cancel()
		for range mappers + reducers {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}

// counts is a result as a map.
func counts(t testing.TB, pairs []Pair[int]) map[string]int {
	t.Helper()
	m := map[string]int{}
	for _, p := range pairs {
		if _, twice := m[p.Key]; twice {
			t.Errorf("%q comes twice", p.Key)
		}
		m[p.Key] = p.Value
	}
	return m
}

// randomText is lines of words, with all kinds of line ends.
func randomText(random *mathrand.Rand, size int) []byte {
	var b bytes.Buffer
	for b.Len() < size {
		fmt.Fprintf(&b, "w%d", random.IntN(1+random.IntN(60)))
		b.WriteString([]string{" ", " ", "  ", "\t", "\n", "\r\n", "\n\n"}[random.IntN(7)])
	}
	return b.Bytes()
}

// left fails the test if anything of a job is in the engine.
func left(t *testing.T, conn *engine.Conn) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	names := conn.JS.StreamNames(ctx)
	for name := range names.Name() {
		if name != conn.Name(streamName) {
			t.Errorf("the stream %s is left", name)
		}
	}
	if err := names.Err(); err != nil {
		t.Error(err)
	}
	s, err := conn.JS.Stream(ctx, conn.Name(streamName))
	if err != nil {
		t.Fatal(err)
	}
	info, err := s.Info(ctx)
	if err != nil || info.State.Msgs != 0 {
		t.Errorf("%d messages are left in %s, %v", info.State.Msgs, streamName, err)
	}
}

func TestCountsAreThoseOfAPlainMap(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	work(t, e, 2, 2, func(w *worker) { w.saveAfter = 300 })
	random := mathrand.New(mathrand.NewPCG(7, 8))
	for range 12 {
		text := randomText(random, random.IntN(4000))
		options := []Option{WithSplitSize(1 + random.IntN(400)), WithPartitions(1 + random.IntN(5)), WithWindow(1 + random.IntN(20))}
		pairs, err := Run(t.Context(), conn, words, Reader("text", iotest.HalfReader(bytes.NewReader(text))), options...)
		if got, want := counts(t, pairs), plainCount(text); err != nil || !maps.Equal(got, want) {
			t.Fatalf("%d bytes: %v, %v; want %v", len(text), got, err, want)
		}
		if here, err := RunHere(t.Context(), words, Reader("text", bytes.NewReader(text))); err != nil || !slices.Equal(here, pairs) {
			t.Fatalf("here: %v, %v; want %v", here, err, pairs)
		}
		if !slices.IsSortedFunc(pairs, ByValue[int]) {
			t.Errorf("not sorted: %v", pairs)
		}
	}
	left(t, conn)
}

// oneSide counts words, all in partition 1.
var oneSide = Register("test.one-side", Job[int]{
	Map: words.job.Map, Combine: words.job.Combine, Partition: func([]byte, int) int { return 1 },
})

func TestASplitThatComesTwiceCountsOnce(t *testing.T) {
	e := enginetest.Open(t)
	again := enginetest.Conn(t, e)
	j, err := jobs.Find(oneSide.Name())
	if err != nil {
		t.Fatal(err)
	}
	copies := 0
	work(t, e, 1, 0, WithHook(func(ctx context.Context, stage Stage, s Split) {
		if stage == Mapped { // here comes the same under other ids, which the engine cannot know for a copy
			return
		}
		made, err := j.mapSplit(ctx, s, 2, 1<<20)
		if err != nil {
			t.Error(err)
		}
		for name := range again.JS.StreamNames(ctx).Name() {
			id, ok := strings.CutPrefix(name, again.Name(streamName)+"_")
			if !ok {
				continue
			}
			for p, parts := range made {
				m := message(run{again, id}.shuffle(p), rand.Text(), shuffled{Split: s.Number, Attempt: "other", Parts: len(parts)}, nil)
				if len(parts) == 1 {
					m.Data = parts[0]
				}
				if _, err := again.Publish(ctx, m); ctx.Err() != nil || noStream(err) || errors.Is(err, jetstream.ErrNoStreamResponse) {
					return // the job has ended: the copies of the last split come after all that it waits for
				} else if err != nil {
					t.Error(err)
				}
				copies++
			}
		}
	}))
	work(t, e, 0, 1)
	text := randomText(mathrand.New(mathrand.NewPCG(9, 9)), 2000)
	pairs, err := Run(t.Context(), enginetest.Conn(t, e), oneSide, Reader("text", bytes.NewReader(text)), WithSplitSize(200))
	if got, want := counts(t, pairs), plainCount(text); err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	if copies < 40 {
		t.Errorf("%d copies", copies)
	}
}

func TestCancelLeavesNothing(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	work(t, e, 1, 1)
	for _, at := range []int{1, 3} {
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("enough")
		_, err := Run(ctx, conn, words, Reader("text", &endless{text: []byte("a b c\n")}), WithSplitSize(1000), WithProgress(func(p Progress) {
			if p.Done >= at {
				cancel(why)
			}
		}))
		if !errors.Is(err, why) {
			t.Error(err)
		}
		left(t, conn)
	}
	pairs, err := Run(t.Context(), conn, words, Reader("text", strings.NewReader("a\n")))
	if err != nil || len(pairs) != 1 {
		t.Errorf("the next job: %v, %v", pairs, err)
	}
}

func TestProgressGrowsToTheEnd(t *testing.T) {
	e := enginetest.Open(t)
	work(t, e, 2, 1)
	var last Progress
	text := strings.Repeat("a b\n", 100)
	_, err := Run(t.Context(), enginetest.Conn(t, e), words, Reader("text", strings.NewReader(text)), WithSplitSize(40), WithWindow(3), WithProgress(func(p Progress) {
		if p.Splits < last.Splits || p.Done < last.Done || p.Done > p.Splits || p.Splits-p.Done > 3 || last.All && !p.All {
			t.Errorf("%+v after %+v", p, last)
		}
		last = p
	}))
	if want := (Progress{Splits: 10, Bytes: 400, Done: 10, All: true}); err != nil || last != want {
		t.Errorf("%+v, %v; want %+v", last, err, want)
	}
}

func TestWithoutWorkersARunEnds(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	soon := func(o *options) { o.patience = 150 * time.Millisecond }
	for name, in := range map[string]Input{"a short input": Reader("", strings.NewReader("a")), "one without an end": Reader("", &endless{text: []byte("a\n")})} {
		if _, err := Run(t.Context(), conn, words, in, soon); !errors.Is(err, ErrNoWorkers) {
			t.Errorf("%s: %v", name, err)
		}
	}
	work(t, e, 1, 0)
	if _, err := Run(t.Context(), conn, words, Reader("", strings.NewReader("a")), soon); !errors.Is(err, ErrNoWorkers) {
		t.Errorf("no reducer: %v", err)
	}
	left(t, conn)
}

func TestOptionsHaveRanges(t *testing.T) {
	conn := enginetest.Conn(t, enginetest.Open(t))
	for _, o := range []Option{WithPartitions(0), WithPartitions(maxPartitions + 1), WithSplitSize(-1), WithWindow(0), WithAttempts(0)} {
		if _, err := Run(t.Context(), conn, words, Reader("", strings.NewReader("a")), o); !errors.Is(err, ErrOption) {
			t.Error(err)
		}
	}
}

func TestRegisterWantsFunctions(t *testing.T) {
	for name, j := range map[string]Job[int]{"": words.job, "test.words": words.job, "x": {Map: words.job.Map}, "y": {Combine: words.job.Combine}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q was taken", name)
				}
			}()
			Register(name, j)
		}()
	}
}
