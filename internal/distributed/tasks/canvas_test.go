package tasks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/process/proctest"
)

var (
	double = Register("test.double", func(_ context.Context, x int) (int, error) { return 2 * x, nil })
	total  = Register("test.total", func(_ context.Context, all []int) (int, error) {
		sum := 0
		for _, n := range all {
			sum += n
		}
		return sum, nil
	})
	show = Register("test.show", func(_ context.Context, all []int) (string, error) { return fmt.Sprint(all), nil })
	// killsOnce kills its worker the first time that it is called for a file.
	killsOnce = Register("test.kills-once", func(_ context.Context, file string) (int, error) { return killUnless(file) })
)

func TestAChainHandsEachResultOn(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e, WithConcurrency(2))
	app := client(t, e)
	r, err := Then(Then(add.S(pair{2, 3}), double), double).Apply(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, r); got != 20 {
		t.Errorf("(2 + 3) * 2 * 2 = %d", got)
	}
	long := add.S(pair{1, 0})
	for range 40 {
		long = Then(long, double)
	}
	if r, err = long.Apply(t.Context(), app); err != nil {
		t.Fatal(err)
	}
	if got := get(t, r); got != 1<<40 {
		t.Error(got)
	}
	drained(t, app)
}

func TestAChainThatBreaksSaysWhere(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e)
	app := client(t, e)
	r, err := Then(Then(bad.S("no luck"), double), double).Apply(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Get(limited(t))
	var failed *TaskError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "test.bad") || !strings.Contains(err.Error(), "no luck") {
		t.Error(err)
	}
	drained(t, app)
}

func TestAGroupOfAnySizeIsDone(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e, WithConcurrency(4))
	app := client(t, e)
	for _, n := range []int{0, 1, 2, maxBatch, maxBatch + 1} {
		calls := make([]Signature[int], n)
		for i := range calls {
			calls[i] = double.S(i)
		}
		g, err := Group(t.Context(), app, calls...)
		if err != nil {
			t.Fatalf("%d: %v", n, err)
		}
		results, err := g.Get(limited(t))
		if err != nil || len(results) != n {
			t.Fatalf("%d: %d results, %v", n, len(results), err)
		}
		for i, v := range results {
			if v != 2*i {
				t.Fatalf("%d: call %d came to %d", n, i, v)
			}
		}
		if ready, err := g.Ready(t.Context()); err != nil || ready != n {
			t.Errorf("%d of %d are ready, %v", ready, n, err)
		}
	}
	drained(t, app)
}

func TestAGroupSaysWhichCallHasFailed(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e)
	g, err := Group(t.Context(), client(t, e), double.S(1), bad.S("no luck"), double.S(3))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Get(limited(t)); err == nil || !strings.Contains(err.Error(), "call 1 of a group") {
		t.Error(err)
	}
}

func TestAChordGathersInTheOrderOfItsCalls(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e, WithConcurrency(4))
	app := client(t, e)
	for _, n := range []int{0, 1, 7, maxBatch + 1} {
		calls := make([]Signature[int], n)
		want := []int{}
		for i := range calls {
			calls[i] = add.S(pair{i, 1})
			if i%3 == 0 {
				calls[i] = Then(calls[i], double)
			}
			want = append(want, (i+1)*(1+[]int{1, 0, 0}[i%3]))
		}
		r, err := Chord(t.Context(), app, calls, show)
		if err != nil {
			t.Fatal(err)
		}
		if got := get(t, r); got != fmt.Sprint(want) {
			t.Errorf("%d: %.100s", n, got)
		}
	}
	drained(t, app)
}

func TestAChordWhoseCallFailsFailsAtOnce(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e, WithConcurrency(2))
	app := client(t, e)
	for name, calls := range map[string][]Signature[int]{
		"a call":  {double.S(1), bad.S("no luck"), double.S(3)},
		"a chain": {double.S(1), Then(bad.S("no luck"), double)},
		"all":     {bad.S("no luck"), bad.S("no luck")},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Chord(t.Context(), app, calls, total)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Get(limited(t)); err == nil || !strings.Contains(err.Error(), "no luck") {
				t.Error(err)
			}
		})
	}
	drained(t, app)
}

func TestAChordMayBeACallOfAnother(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e)
	app := client(t, e)
	r, err := Chord(t.Context(), app, []Signature[int]{double.S(1), double.S(2)}, total, WithPriority(High))
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, r); got != 6 {
		t.Error(got)
	}
}

// A call of a chord is delivered twice, and counted once.
func TestACallThatIsCountedTwiceCountsOnce(t *testing.T) {
	app := client(t, enginetest.Open(t))
	last, err := total.Request([]int{})
	if err != nil {
		t.Fatal(err)
	}
	m := membership{Chord: "chord-x", Count: 2, Final: linkOf(last)}
	success := Record{State: Success, Result: []byte("1")}
	for range 3 {
		if err := app.count(t.Context(), m, success); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := app.counted(t.Context(), app.conn.Subject("chord", m.Chord)); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	// Now the other one, with both results there: however often it is counted, the last call is sent once.
	for i := range 2 {
		if err := app.settle(t.Context(), memberID(m.Chord, i), success); err != nil {
			t.Fatal(err)
		}
	}
	m.Index = 1
	for range 3 {
		if err := app.count(t.Context(), m, success); err != nil {
			t.Fatal(err)
		}
	}
	if depth, err := app.Queues(t.Context()); err != nil || depth[DefaultQueue] != 1 {
		t.Errorf("%v, %v", depth, err)
	}
}

func TestChordsAndChainsOutliveWorkersThatAreKilled(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	for range 3 {
		startWorker(t, e, app)
	}
	calls := []Signature[int]{Then(killsOnce.S(t.TempDir()+"/a"), double), killsOnce.S(t.TempDir() + "/b"), double.S(3)}
	r, err := Chord(t.Context(), app, calls, total)
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, r); got != 2+1+6 {
		t.Error(got)
	}
}

func TestAChordOutlivesARestartOfTheEngine(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	calls := make([]Signature[int], 50)
	for i := range calls {
		calls[i] = double.S(i)
	}
	r, err := Chord(t.Context(), app, calls, total)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	serve(t, e, WithConcurrency(2))
	if got := get(t, r); got != 49*50 {
		t.Error(got)
	}
}

func TestWhatCannotBeLinkedIsRefused(t *testing.T) {
	app := client(t, enginetest.Open(t))
	for name, err := range map[string]error{
		"a key":               second(double.S(1, WithKey("k")).Apply(t.Context(), app)),
		"a key later":         second(Then(double.S(1), double, WithKey("k")).Apply(t.Context(), app)),
		"an ignored result":   second(Group(t.Context(), app, double.S(1, WithIgnoreResult()))),
		"no call":             second(Signature[int]{}.Apply(t.Context(), app)),
		"a chord with a key":  second(Chord(t.Context(), app, []Signature[int]{double.S(1)}, total, WithKey("k"))),
		"a chord of an error": second(Chord(t.Context(), app, []Signature[int]{double.S(1, WithPriority(7))}, total)),
	} {
		if !errors.Is(err, ErrOption) {
			t.Errorf("%s: %v", name, err)
		}
	}
	endless := add.S(pair{})
	for range 2000 {
		endless = Then(endless, double)
	}
	if _, err := endless.Apply(t.Context(), app); !errors.Is(err, engine.ErrTooLarge) {
		t.Error(err)
	}
}

// killUnless kills its process, but only the first time that it is called for a file.
func killUnless(file string) (int, error) {
	if f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		f.Close()
		proctest.Kill9(os.Getpid())
		select {}
	}
	return 1, nil
}

func second[T any](_ T, err error) error { return err }

// Headers that others have written do not end a worker, whatever they hold.
func TestMalformedLinksDoNotEndAWorker(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e)
	app := client(t, e)
	for i, value := range []string{"", "{", "[]", "[{}]", `[{"Header":{"Task-Name":"test.double","Task-Id":"a b"},"Queue":"x"}]`, `{"Chord":"*","Count":1}`, `{"Chord":"c","Index":-1,"Count":1}`, `{"Chord":"c","Index":0,"Count":1}`} {
		for _, name := range []string{headerNext, headerChord} {
			r, err := double.Request(i)
			if err != nil {
				t.Fatal(err)
			}
			r.More = map[string]string{name: value}
			if err := app.send(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			if got := get(t, resultOf[int](app, r)); got != 2*i {
				t.Errorf("%s %s: %d", name, value, got)
			}
		}
	}
	drained(t, app)
}

func FuzzLinks(f *testing.F) {
	f.Add(`[{"Header":{"Task-Name":"test.double","Task-Id":"a"},"Queue":"x","Rank":1}]`, `{"Chord":"c","Index":0,"Count":1}`)
	f.Fuzz(func(t *testing.T, next, chord string) {
		r := &Request{ID: "a", Name: "test.double", More: map[string]string{headerChord: chord}}
		if m, err := readMembership(r); err == nil && (m.Index >= m.Count || m.Count > maxChord) {
			t.Error(m)
		}
		r.More[headerNext] = next
		if rest, err := readLinks(r); err == nil {
			for _, one := range rest {
				if !validID(one.ID) || !validID(one.Queue) || one.Name == "" {
					t.Error(one)
				}
			}
		}
	})
}

func TestLimitsHoldInsideAChain(t *testing.T) {
	e := enginetest.Open(t)
	serve(t, e)
	r, err := Then(patient.S(struct{}{}, WithHardLimit(50*time.Millisecond)), show2).Apply(t.Context(), client(t, e))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Get(limited(t)); !errors.Is(err, ErrHardLimit) {
		t.Error(err)
	}
}

var show2 = Register("test.show2", func(_ context.Context, s string) (string, error) { return s, nil })
