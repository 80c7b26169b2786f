package transcript

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kept is a sink that keeps the events.
type kept struct{ events []Event }

func (k *kept) Event(e Event) { k.events = append(k.events, e) }

func (k *kept) texts(kind Kind) []string {
	var all []string
	for _, e := range k.events {
		if e.Kind == kind {
			all = append(all, strings.TrimSpace(string(e.Mark)+" "+e.Actor+" "+e.Text))
		}
	}
	return all
}

func promise(t *testing.T, text string) *Promise {
	t.Helper()
	p, err := ParsePromise("p.txt", text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEndReturnsTheFirstThingThatWentWrong(t *testing.T) {
	failure := errors.New("no such thing")
	var mismatch *Mismatch
	var check *CheckError
	for _, tt := range []struct {
		name string
		run  func(*Log) error
		is   func(error) bool
	}{
		{"nothing", func(l *Log) error { l.Printf("hello"); return nil }, func(err error) bool { return err == nil }},
		{"the recipe's error before a broken promise", func(l *Log) error { return failure }, func(err error) bool { return errors.Is(err, failure) }},
		{"a check before a broken promise", func(l *Log) error { l.Check("sum", 1, 2); return nil }, func(err error) bool { return errors.As(err, &check) }},
		{"a broken promise", func(l *Log) error { l.Printf("goodbye"); return nil }, func(err error) bool { return errors.As(err, &mismatch) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := &kept{}
			l := New(Config{Promise: promise(t, "= main  hello"), Sink: k})
			err := l.End(tt.run(l))
			if !tt.is(err) {
				t.Errorf("got %v", err)
			}
			end := k.events[len(k.events)-1]
			if end.Kind != End || end.OK != (err == nil) || end.Err != err {
				t.Errorf("last event %+v", end)
			}
		})
	}
}

func TestChecksCompareDeeply(t *testing.T) {
	k := &kept{}
	l := New(Config{Sink: k})
	for _, ok := range []bool{
		l.Check("numbers", 3, 3),
		l.Check("slices", []int{1, 2}, []int{1, 2}),
		l.Check("it holds", true, true),
		!l.Check("types differ", 3, int64(3)),
	} {
		if !ok {
			t.Error("wrong verdict")
		}
	}
	want := []string{"numbers: 3", "slices: [1 2]", "it holds", "types differ: got 3, want 3"}
	if got := k.texts(Check); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := l.End(nil); err == nil || err.Error() != "check failed: types differ: got 3, want 3" {
		t.Errorf("End: %v", err)
	}
}

func TestNothingIsRecordedBehindTheEnd(t *testing.T) {
	k := &kept{}
	l := New(Config{Sink: k})
	l.End(nil)
	l.Printf("late")
	l.Check("late", 1, 2)
	if len(k.events) != 1 {
		t.Errorf("events %v", k.events)
	}
	if l.End(nil) == nil {
		t.Error("a second End is not an error")
	}
}

func TestTextCannotSteerATerminal(t *testing.T) {
	k := &kept{}
	l := New(Config{Sink: k})
	l.Printf("red \x1b[31m and bell \a and \u009b31m and \xff and \u202e")
	l.Printf("two\nlines\n")
	l.Printf("%s", strings.Repeat("x", 2*maxText))
	got := k.texts(Line)
	want := []string{"main red ␛[31m and bell ␇ and �31m and � and �", "main two", "main lines"}
	if !slices.Equal(got[:3], want) {
		t.Errorf("got %q", got[:3])
	}
	if n := len(got[3]); n > maxText+10 {
		t.Errorf("a line of %d bytes", n)
	}
}

func TestAnActorsNumbersDependOnTheSeedAlone(t *testing.T) {
	draw := func(seed uint64, actor string) [4]int {
		r := New(Config{Seed: seed}).Actor(actor).Rand()
		return [4]int{r.IntN(1000), r.IntN(1000), r.IntN(1000), r.IntN(1000)}
	}
	if first, again := draw(1, "a"), draw(1, "a"); first != again {
		t.Error("same seed, same actor: other numbers")
	}
	if draw(1, "a") == draw(2, "a") || draw(1, "a") == draw(1, "b") {
		t.Error("other seed or actor: same numbers")
	}
}

func TestSleepIsBookTime(t *testing.T) {
	for _, tt := range []struct {
		speed Speed
		want  time.Duration
	}{{1, 10 * time.Second}, {20, 500 * time.Millisecond}, {SpeedMax, 0}} {
		synctest.Test(t, func(t *testing.T) {
			l, start := New(Config{Speed: tt.speed}), time.Now()
			if err := l.Sleep(t.Context(), 10*time.Second); err != nil || time.Since(start) != tt.want {
				t.Errorf("speed %v: slept %v, %v", tt.speed, time.Since(start), err)
			}
		})
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	why := errors.New("enough")
	for _, cfg := range []Config{{Speed: 1}, {Speed: SpeedMax}, {Scheduler: NewStress(1)}} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		if err := New(cfg).Sleep(ctx, time.Hour); err != why {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}

func TestParseSpeed(t *testing.T) {
	for s, want := range map[string]Speed{"1": 1, "0.5": 0.5, "0.001": 0.001, "1e+06": 1e6, "max": SpeedMax} {
		if got, err := ParseSpeed(s); got != want || err != nil || got.String() != s {
			t.Errorf("%s: %v %v", s, got, err)
		}
	}
	for _, s := range []string{"", "0", "-1", "fast", "inf", "nan", "1e999", "0.0009", "1e-10", "1e-320", "1000001", "1e308"} {
		if got, err := ParseSpeed(s); err == nil {
			t.Errorf("%q is %v", s, got)
		}
	}
	if SpeedMax != Speed(math.MaxFloat64) {
		t.Error("SpeedMax must survive JSON")
	}
}

func TestJSONSaysWhichPromiseBroke(t *testing.T) {
	var b strings.Builder
	l := New(Config{Recipe: "ch0.x", Sink: JSON(&b), Promise: promise(t, "= a  one\n* a  more\n= a  {n:int}")})
	for _, text := range []string{"one", "more", "two"} {
		l.Actor("a").Printf("%s", text)
	}
	l.End(nil)
	for _, want := range []string{
		`"mark":"*","text":"more","expected":"* a  more","promise_line":2}`,
		`"mark":"!","text":"two","expected":"= a  {n:int}","promise_line":3}`,
		`"promises_kept":2,"broken":{"file":"p.txt","line":3,"expected":"= a  {n:int}","actor":"a","got":"two","reason":"but expected was"}`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("there is no %s in\n%s", want, b.String())
		}
	}
}

func TestJSONLinesHaveStableKeys(t *testing.T) {
	var b strings.Builder
	l := New(Config{Recipe: "ch0.x", Sink: JSON(&b), Promise: promise(t, "= t1  a < b\n✓ sum"), Seed: 7})
	l.Actor("t1").Printf("a < b")
	l.Note("why")
	l.Check("sum", 1, 2)
	l.Progress("work", 1, 2)
	l.Rand()
	l.End(errors.New("broken\x1b\u202e"))
	want := []string{
		`{"recipe":"ch0.x","at_ms":T,"actor":"t1","kind":"line","mark":"=","text":"a < b","expected":"= t1  a < b","promise_line":1}`,
		`{"recipe":"ch0.x","at_ms":T,"kind":"note","text":"why"}`,
		`{"recipe":"ch0.x","at_ms":T,"kind":"check","text":"sum: got 1, want 2","ok":false,"claim":"sum"}`,
		`{"recipe":"ch0.x","at_ms":T,"kind":"progress","text":"work","done":1,"total":2}`,
		`{"recipe":"ch0.x","at_ms":T,"kind":"end","ok":false,"error":"broken\u001b\u202e","promises_kept":1,"seed":7,"elapsed_ms":T}`,
	}
	for i, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		var e struct {
			At float64 `json:"at_ms"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		at, _ := json.Marshal(e.At)
		if got := strings.ReplaceAll(line, "_ms\":"+string(at), "_ms\":T"); got != want[i] {
			t.Errorf("got  %s\nwant %s", got, want[i])
		}
	}
}

// pipe is one end of a two-way stream.
type pipe struct {
	io.Reader
	io.WriteCloser
}

func twoWay() (a, b pipe) {
	ar, bw := io.Pipe()
	br, aw := io.Pipe()
	return pipe{ar, aw}, pipe{br, bw}
}

func TestAChildSpeaksInItsParentsLog(t *testing.T) {
	parentEnd, childEnd := twoWay()
	k := &kept{}
	parent := New(Config{Recipe: "ch3.x", Promise: promise(t, "= child  one\n= main  two\n= child  three\n✓ sum"), Sink: k, Speed: 7, Seed: 9})
	var served sync.WaitGroup
	served.Go(func() {
		if err := parent.Serve("child", parentEnd); err != nil {
			t.Error(err)
		}
	})
	child, err := Dial(childEnd)
	if err != nil {
		t.Fatal(err)
	}
	if child.Speed() != 7 || child.cfg.Seed != 9 {
		t.Errorf("the child runs at speed %v with seed %d", child.Speed(), child.cfg.Seed)
	}
	child.Actor("child").Printf("one") // returns when it is recorded, so that
	parent.Printf("two")               // this comes second, every time
	child.Actor("child").Printf("three")
	child.Check("sum", 2, 2)
	childEnd.Close()
	served.Wait()
	if err := parent.End(nil); err != nil {
		t.Error(err)
	}
	want := []string{"= child one", "= main two", "= child three"}
	if got := k.texts(Line); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestAFailedCheckOfAChildFailsTheRun(t *testing.T) {
	parentEnd, childEnd := twoWay()
	parent := New(Config{})
	var served sync.WaitGroup
	served.Go(func() { parent.Serve("child", parentEnd) })
	child, err := Dial(childEnd)
	if err != nil {
		t.Fatal(err)
	}
	child.Check("sum", 2, 3)
	childEnd.Close()
	served.Wait()
	if err := parent.End(nil); err == nil || err.Error() != "check failed: sum: got 2, want 3" {
		t.Error(err)
	}
}

// once is a stream that says a fixed text and swallows what it is told.
type once struct{ io.Reader }

func (once) Write(p []byte) (int, error) { return len(p), nil }

func TestStrangersOnTheWire(t *testing.T) {
	var wire *WireError
	for _, tt := range []struct {
		name, said string
		is         func(error) bool
	}{
		{"an end", "", func(err error) bool { return err == nil }},
		{"half an event", `{"kind":"li`, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		{"no JSON", "GET / HTTP/1.1\n", func(err error) bool { return errors.As(err, &wire) }},
		{"another kind", `{"kind":"end"}` + "\n", func(err error) bool { return errors.As(err, &wire) }},
		{"nobody's line", `{"kind":"line","text":"x"}` + "\n", func(err error) bool { return errors.As(err, &wire) }},
		{"no claim", `{"kind":"check"}` + "\n", func(err error) bool { return errors.As(err, &wire) }},
		{"progress backwards", `{"kind":"progress","done":3,"total":2}` + "\n", func(err error) bool { return errors.As(err, &wire) }},
		{"no end", strings.Repeat("x", 2*maxFrame), func(err error) bool { return errors.As(err, &wire) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := New(Config{}).Serve("child", once{strings.NewReader(tt.said)}); !tt.is(err) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := Dial(once{strings.NewReader("hello?\n")}); !errors.As(err, &wire) {
		t.Errorf("Dial: %v", err)
	}
	if _, err := Dial(once{strings.NewReader("")}); !errors.Is(err, io.EOF) {
		t.Errorf("Dial: %v", err)
	}
}

func TestALongLineOfAChildFitsTheWire(t *testing.T) {
	parentEnd, childEnd := twoWay()
	k := &kept{}
	parent := New(Config{Sink: k})
	var served sync.WaitGroup
	served.Go(func() {
		if err := parent.Serve("child", parentEnd); err != nil {
			t.Error(err)
		}
	})
	child, err := Dial(childEnd)
	if err != nil {
		t.Fatal(err)
	}
	child.Actor(strings.Repeat("<", 1000)).Printf("%s", strings.Repeat("<\u2028", 100_000))
	childEnd.Close()
	served.Wait()
	if len(k.events) != 1 {
		t.Errorf("%d events", len(k.events))
	}
}

func FuzzServe(f *testing.F) {
	f.Add([]byte(`{"kind":"line","actor":"a","text":"hello"}` + "\n" + `{"kind":"check","claim":"c","ok":true}` + "\n"))
	f.Add([]byte(`{"kind":"progress","done":1,"total":2}` + "\nGET /"))
	f.Fuzz(func(t *testing.T, said []byte) {
		k := &kept{}
		New(Config{Sink: k}).Serve("child", once{strings.NewReader(string(said))})
		for _, e := range k.events {
			if e.Kind == End || e.Kind == Line && e.Actor == "" || strings.ContainsAny(e.Text+e.Actor, "\x1b\n") {
				t.Fatalf("recorded %+v", e)
			}
		}
	})
}
