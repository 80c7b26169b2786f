package futures

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/process"
)

var (
	double   = Register("test.double", func(_ context.Context, x int) (int, error) { return 2 * x, nil })
	draw     = Register("test.draw", func(ctx context.Context, _ int) (uint64, error) { return Rand(ctx).Uint64(), nil })
	picky    = Register("test.picky", func(_ context.Context, x int) (int, error) { return picked(x) })
	kills    = Register("test.kills", func(context.Context, int) (int, error) { return 0, kill() })
	blow     = Register("test.blow", func(_ context.Context, n int) ([]byte, error) { return make([]byte, n), nil })
	length   = Register("test.length", func(_ context.Context, b []byte) (int, error) { return len(b), nil })
	letters  = Register("test.letters", func(_ context.Context, x int) (string, error) { return fmt.Sprintf("<%d>", x), nil })
	killOnce = Register("test.kill-once", func(_ context.Context, file string) (int, error) { return killUnless(file) })
	endless  = Register("test.endless", func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); return 0, context.Cause(ctx) })
	join     = RegisterReducer("test.join", func(a, b string) string { return a + b })
	add      = RegisterReducer("test.add", func(a, b int) int { return a + b })
)

func picked(x int) (int, error) {
	switch x {
	case 7:
		return 0, errors.New("not a seven")
	case 8:
		panic("an eight")
	}
	return x, nil
}

func kill() error {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	self.Kill()
	select {}
}

// killUnless kills its process, but only the first time.
func killUnless(file string) (int, error) {
	if f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		f.Close()
		kill()
	}
	return os.Getpid(), nil
}

var workerProcess = process.Register("test.serve", func(ctx context.Context, at engine.Address) (struct{}, error) {
	c, err := engine.Connect(ctx, at)
	if err != nil {
		return struct{}{}, err
	}
	defer c.Close()
	return struct{}{}, Serve(ctx, c, 1)
})

// session is one with that number of workers, each a process.
func session(t testing.TB, workers int) *Session {
	t.Helper()
	e := enginetest.Open(t)
	g, err := process.NewGroup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	for range workers {
		if err := process.New(g, workerProcess, e.Address()).Start(); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(t.Context(), enginetest.Conn(t, e))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func TestResultsStandInTheOrderOfTheInputs(t *testing.T) {
	s := session(t, 2)
	for _, n := range []int{0, 1, 2, 63, 64, 65, 5000} {
		for _, chunk := range []int{0, 1, 7, 10_000} {
			if n/max(chunk, 1) > 1000 {
				continue
			}
			got, err := Map(t.Context(), s, double, upTo(n), WithChunk(chunk))
			if err != nil || len(got) != n {
				t.Fatalf("%d in chunks of %d: %d results, %v", n, chunk, len(got), err)
			}
			for i, v := range got {
				if v != 2*i {
					t.Fatalf("%d in chunks of %d: item %d is %d", n, chunk, i, v)
				}
			}
		}
	}
}

func TestEachResultComesOnceAsCompleted(t *testing.T) {
	s := session(t, 2)
	seen := map[int]int{}
	for r, err := range MapAsCompleted(t.Context(), s, double, upTo(300), WithChunk(3)) {
		if err != nil || r.Value != 2*r.Item {
			t.Fatal(r, err)
		}
		seen[r.Item]++
		if r.Item == 100 { // another job while results of this one wait
			if got, err := Map(t.Context(), s, double, upTo(50)); err != nil || got[49] != 98 {
				t.Fatal(got, err)
			}
		}
	}
	if len(seen) != 300 {
		t.Errorf("%d of 300", len(seen))
	}
}

func TestALoopThatIsLeftCancelsTheRest(t *testing.T) {
	s := session(t, 1)
	for r, err := range MapAsCompleted(t.Context(), s, double, upTo(100), WithChunk(1)) {
		if err != nil {
			t.Fatal(r, err)
		}
		break
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	go func() {
		for !s.workers(ctx) {
		}
		cancel(enough)
	}()
	if _, err := Map(ctx, s, endless, upTo(3)); !errors.Is(err, enough) {
		t.Error(err)
	}
	// The worker is free for others: the call without an end was told.
	if got, err := Map(t.Context(), s, double, upTo(3)); err != nil || got[2] != 4 {
		t.Error(got, err)
	}
}

func TestTheResultDoesNotDependOnTheWorkers(t *testing.T) {
	one, three := session(t, 1), session(t, 3)
	var want []uint64
	var wantText string
	for i, s := range []*Session{one, three} {
		got, err := Map(t.Context(), s, draw, upTo(500), WithSeed(7), WithChunk(1+20*i))
		if err != nil {
			t.Fatal(err)
		}
		text, err := MapReduce(t.Context(), s, letters, join, upTo(500), WithChunk(1+20*i))
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want, wantText = got, text
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || text != wantText || !strings.HasPrefix(text, "<0><1><2>") {
			t.Errorf("session %d differs", i)
		}
	}
	if here, err := draw.Call(t.Context(), 7, 499, 499); err != nil || here != want[499] {
		t.Error("this process draws another number", err)
	}
	other, err := Map(t.Context(), one, draw, upTo(1), WithSeed(8))
	if err != nil || other[0] == want[0] {
		t.Error("another seed, the same number", err)
	}
}

func TestMapReduceFoldsAll(t *testing.T) {
	s := session(t, 2)
	for _, n := range []int{0, 1, 1000} {
		if got, err := MapReduce(t.Context(), s, double, add, upTo(n)); err != nil || got != n*(n-1) {
			t.Errorf("%d: %d, %v", n, got, err)
		}
	}
}

func TestAnErrorNamesItsItem(t *testing.T) {
	s := session(t, 2)
	for name, test := range map[string]struct {
		inputs []int
		item   int
		want   string
	}{
		"an error": {[]int{1, 2, 7, 3}, 2, "item 2: not a seven"},
		"a panic":  {[]int{8}, 0, "item 0: test.picky panicked: an eight"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Map(t.Context(), s, picky, test.inputs)
			var item *ItemError
			if !errors.As(err, &item) || item.Item != test.item || !strings.HasPrefix(err.Error(), test.want) {
				t.Error(err)
			}
		})
	}
	if _, err := Map(t.Context(), s, Function[int, int]{name: "test.nothing"}, upTo(1)); err == nil || !strings.Contains(err.Error(), "test.double") {
		t.Error(err)
	}
}

func TestAKilledWorkersInputsGoToAnotherOne(t *testing.T) {
	s := session(t, 2)
	got, err := Map(t.Context(), s, killOnce, []string{t.TempDir() + "/once"})
	if err != nil || got[0] == 0 {
		t.Error(got, err)
	}
}

func TestInputsThatKillEveryWorkerAreGivenUp(t *testing.T) {
	s := session(t, maxLives+1)
	_, err := Map(t.Context(), s, kills, upTo(1))
	if !errors.Is(err, ErrLost) {
		t.Error(err)
	}
}

func TestNoWorkersIsAnError(t *testing.T) {
	s := session(t, 0)
	if _, err := Map(t.Context(), s, double, upTo(3), WithWait(0)); !errors.Is(err, ErrNoWorkers) {
		t.Error(err)
	}
}

func TestAnEngineThatHasGoneIsNotTakenForNoWorkers(t *testing.T) {
	e := enginetest.Open(t)
	s, err := Open(t.Context(), enginetest.Conn(t, e))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	lost := s.conn.NC.StatusChanged(nats.RECONNECTING)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	<-lost
	if _, err := Map(t.Context(), s, double, upTo(3), WithWait(0)); !errors.Is(err, engine.ErrNoServer) || errors.Is(err, ErrNoWorkers) {
		t.Error(err)
	}
}

func TestLargeInputsAndResultsTravelInParts(t *testing.T) {
	s := session(t, 1)
	big := make([][]byte, 8)
	for i := range big {
		big[i] = make([]byte, 400_000)
	}
	if got, err := Map(t.Context(), s, length, big, WithChunk(8)); err != nil || got[7] != 400_000 {
		t.Error(got, err)
	}
	if got, err := Map(t.Context(), s, blow, []int{400_000, 400_000, 400_000, 5}, WithChunk(4)); err != nil || len(got[2]) != 400_000 || len(got[3]) != 5 {
		t.Error(err)
	}
	if _, err := Map(t.Context(), s, length, [][]byte{nil, make([]byte, 2<<20)}); !errors.Is(err, engine.ErrTooLarge) || !strings.Contains(err.Error(), "item 1") {
		t.Error(err)
	}
	if _, err := Map(t.Context(), s, blow, []int{1, 2 << 20}); err == nil || !strings.Contains(err.Error(), "item 1") {
		t.Error(err)
	}
}

// What is not a chunk is thrown away, and the worker goes on.
func TestMalformedChunksDoNotEndAWorker(t *testing.T) {
	s := session(t, 1)
	for _, h := range []nats.Header{nil, {headerJob: {"a"}}, {headerFirst: {"-1"}, headerCount: {"3"}}, {headerFirst: {"0"}, headerCount: {"99999999999999999999"}}} {
		m := &nats.Msg{Subject: s.conn.Subject(streamName, "chunk", "x"), Header: h, Data: []byte("nonsense")}
		if _, err := s.conn.Publish(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := Map(t.Context(), s, double, upTo(2)); err != nil || got[1] != 2 {
		t.Error(got, err)
	}
}

func FuzzChunk(f *testing.F) {
	f.Add("job", "test.double", "test.add", "1", "0", "3", []byte("abc"))
	f.Fuzz(func(t *testing.T, job, function, reducer, seed, first, count string, body []byte) {
		h := nats.Header{headerJob: {job}, headerFunction: {function}, headerReducer: {reducer}, headerReply: {"r"}, headerSeed: {seed}, headerFirst: {first}, headerCount: {count}}
		c, err := readChunk(h, body)
		if err != nil || function == kills.name || function == endless.name || function == killOnce.name || function == blow.name {
			return
		}
		c.limit = 1 << 20
		if call, err := functions.Find(function); err == nil {
			if rs := call(t.Context(), c); rs.bad < 0 && len(rs.body) != len(rs.count) {
				t.Error(rs)
			}
		}
	})
}
