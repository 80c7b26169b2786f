package transcript

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/petermattis/goid"

	"cookbook/internal/turn"
)

// keeper is a scheduler that notes who calls what, and holds every call until it gets leave.
type keeper struct {
	leave chan struct{}

	mu    sync.Mutex
	names map[int64]string
	calls []string
}

var _ turn.Chooser = (*keeper)(nil)

// openKeeper returns a keeper that gives leave at once.
func openKeeper() *keeper {
	k := &keeper{leave: make(chan struct{})}
	close(k.leave)
	return k
}

func (k *keeper) call(format string, args ...any) {
	k.mu.Lock()
	k.calls = append(k.calls, k.names[goid.Get()]+" "+fmt.Sprintf(format, args...))
	k.mu.Unlock()
}

func (k *keeper) wait(ctx context.Context) error {
	select {
	case <-k.leave:
	case <-ctx.Done():
		k.call("ends by itself")
	}
	return context.Cause(ctx)
}

func (k *keeper) Before(step Step) {
	k.call("before %s %s", step.Kind, step.Actor)
	k.wait(context.Background())
}

func (k *keeper) After(step Step) { k.call("after %s %s", step.Kind, step.Actor) }

func (k *keeper) Pause(ctx context.Context, d time.Duration) error {
	k.call("pause %v", d)
	return k.wait(ctx)
}

func (k *keeper) Begin(name string) { k.Before(Step{Kind: Begin, Actor: name}) }

func (k *keeper) Yield() { k.Before(Step{Kind: Yield}) }

func (k *keeper) Timeout(d time.Duration) (<-chan time.Time, func()) { return time.After(d), func() {} }

func (k *keeper) Choose(_ context.Context, what string, options []string) int {
	k.call("choose %s of %v", what, options)
	return len(options) - 1
}

func (k *keeper) Hold(ctx context.Context, step Step) {
	k.call("before %s %s", step.Kind, step.Actor)
	k.wait(ctx)
}

func (k *keeper) Speaks(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.names == nil {
		k.names = map[int64]string{}
	}
	k.names[goid.Get()] = name
}

// child starts a child of a log and returns its own log, and what ends it.
func child(t *testing.T, parent *Log, name string) (l *Log, end func()) {
	parentEnd, childEnd := twoWay()
	var served sync.WaitGroup
	served.Go(func() {
		if err := parent.Serve(name, parentEnd); err != nil {
			t.Error(err)
		}
	})
	l, err := Dial(childEnd)
	if err != nil {
		t.Fatal(err)
	}
	return l, func() { childEnd.Close(); served.Wait(); parentEnd.Close() }
}

func TestASchedulerHoldsTheCallsOfAChildAsThoseOfItsParent(t *testing.T) {
	k, said := openKeeper(), &kept{}
	parent := New(Config{Scheduler: k, Sink: said})
	l, end := child(t, parent, "1")
	ctx := l.Context(t.Context())
	turn.Begin(ctx, "a")
	turn.ChooserOf(ctx).Yield()
	l.Actor("a").Printf("one\ntwo")
	l.Check("sum", 2, 2)
	l.Note("why")
	if err := l.Sleep(t.Context(), time.Hour); err != nil {
		t.Error(err)
	}
	if got := turn.ChooserOf(ctx).Choose(ctx, "from", []string{"x", "y"}); got != 1 {
		t.Errorf("it chose %d", got)
	}
	other := make(chan struct{})
	go func() {
		defer close(other)
		l.Actor("b").Begin()
	}()
	<-other
	end()
	want := []string{
		"1/1 before begin a", "1/1 before yield ", "1/1 before line a", "1/1 after line a", "1/1 before check ", "1/1 after check ",
		"1/1 pause 1h0m0s", "1/1 choose from of [x y]", "1/2 before begin b", "1/2 after begin b",
	}
	slices.Sort(want) // the last After of a goroutine is not waited for
	slices.Sort(k.calls)
	if !slices.Equal(k.calls, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(k.calls, "\n"), strings.Join(want, "\n"))
	}
	if got := said.texts(Line); !slices.Equal(got, []string{"a one", "a two"}) {
		t.Errorf("recorded %q", got)
	}
}

func TestTheGoroutinesOfAChildAreHeldEachByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{leave: make(chan struct{})}
		parent := New(Config{Scheduler: k})
		l, end := child(t, parent, "1")
		var wg sync.WaitGroup
		for _, name := range []string{"a", "b", "c"} {
			wg.Go(func() { l.Actor(name).Printf("hello") })
		}
		synctest.Wait()
		if len(k.calls) != 3 {
			t.Errorf("held: %q", k.calls)
		}
		close(k.leave)
		wg.Wait()
		end()
	})
}

func TestAPauseOfAChildThatIsCancelledReturnsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, said := &keeper{leave: make(chan struct{})}, &kept{}
		parent := New(Config{Scheduler: k, Sink: said})
		l, end := child(t, parent, "1")
		why := errors.New("enough")
		ctx, stop := context.WithCancelCause(t.Context())
		paused := make(chan error)
		go func() { paused <- l.Sleep(ctx, time.Hour) }()
		synctest.Wait()
		stop(why)
		if err := <-paused; !errors.Is(err, why) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		if want := []string{"1/1 pause 1h0m0s", "1/1 ends by itself"}; !slices.Equal(k.calls, want) {
			t.Errorf("got %q, want %q", k.calls, want)
		}
		if err := l.Sleep(ctx, time.Hour); !errors.Is(err, why) {
			t.Errorf("a pause that was over before it began: %v", err)
		}
		close(k.leave)
		l.Printf("and the wire is in order")
		end()
		if got := said.texts(Line); len(got) != 1 {
			t.Errorf("recorded %q", got)
		}
	})
}

func TestTheEndOfAChildEndsItsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{leave: make(chan struct{})}
		l, end := child(t, New(Config{Scheduler: k}), "1")
		var both sync.WaitGroup
		both.Go(func() { l.Sleep(t.Context(), time.Hour) })
		synctest.Wait()
		both.Go(func() { l.Actor("a").Printf("hello") })
		synctest.Wait()
		end() // would hang
		both.Wait()
		slices.Sort(k.calls)
		if want := []string{"1/1 ends by itself", "1/1 pause 1h0m0s", "1/2 before line a", "1/2 ends by itself"}; !slices.Equal(k.calls, want) {
			t.Errorf("got %q, want %q", k.calls, want)
		}
	})
}

func TestAGrandchildIsHeldByItsGrandparent(t *testing.T) {
	k, said := openKeeper(), &kept{}
	l1, end1 := child(t, New(Config{Scheduler: k, Sink: said}), "1")
	l2, end2 := child(t, l1, "1:1")
	l2.Actor("x").Printf("hello")
	end2()
	end1()
	if want := []string{"1/1:1/1 before line x", "1/1:1/1 after line x"}; !slices.Equal(k.calls, want) {
		t.Errorf("got %q, want %q", k.calls, want)
	}
	if got := said.texts(Line); len(got) != 1 {
		t.Errorf("recorded %q", got)
	}
}

func TestStrangersAmongTheHeld(t *testing.T) {
	var wire *WireError
	for name, said := range map[string]string{
		"an event of nobody":   `{"kind":"line","actor":"a"}`,
		"a step of nobody":     `{"kind":"before","step":"line","id":1}`,
		"an unknown step":      `{"kind":"before","step":"end","id":1,"speaker":"1"}`,
		"a choice of nothing":  `{"kind":"choose","id":1,"speaker":"1"}`,
		"a choice of too much": `{"kind":"choose","id":1,"speaker":"1","options":["` + strings.Repeat(`","`, maxOptions) + `"]}`,
		"an end":               `{"kind":"end","id":1,"speaker":"1"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if err := New(Config{Scheduler: openKeeper()}).Serve("1", once{strings.NewReader(said + "\n")}); !errors.As(err, &wire) {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := New(Config{}).Serve("1", once{strings.NewReader(`{"kind":"before","step":"line","id":1,"speaker":"1"}` + "\n")}); !errors.As(err, &wire) {
		t.Errorf("a child that nobody told to ask: %v", err)
	}
	var many strings.Builder
	for i := range maxLanes + 1 {
		fmt.Fprintf(&many, `{"kind":"before","step":"check","id":1,"speaker":"%d"}`+"\n", i)
	}
	if err := New(Config{Scheduler: openKeeper()}).Serve("1", once{strings.NewReader(many.String())}); !errors.As(err, &wire) {
		t.Errorf("too many goroutines: %v", err)
	}
}

func TestAParentThatTalksNonsenseIsAsGoodAsGone(t *testing.T) {
	l, err := Dial(once{strings.NewReader(`{"recipe":"x","speed":1,"held":true}` + "\nyes\n")})
	if err != nil {
		t.Fatal(err)
	}
	<-l.remote.held.gone
	l.Printf("nobody hears this")
	if err := l.Sleep(t.Context(), time.Hour); err != nil {
		t.Error(err)
	}
}

func FuzzServeHeld(f *testing.F) {
	f.Add([]byte(`{"kind":"before","step":"line","actor":"a","id":1,"speaker":"1"}` + "\n" + `{"kind":"line","actor":"a","id":2,"speaker":"1"}` + "\n"))
	f.Add([]byte(`{"kind":"pause","length":5,"id":1,"speaker":"1"}` + "\n" + `{"kind":"cancel","id":1,"speaker":"2"}` + "\n"))
	f.Add([]byte(`{"kind":"pause","id":1,"speaker":"1"}` + "\n" + `{"kind":"pause","id":1,"speaker":"2"}` + "\n"))
	f.Add([]byte(`{"kind":"choose","options":["x","y"],"id":1,"speaker":"1"}` + "\n"))
	f.Fuzz(func(t *testing.T, said []byte) {
		k := &kept{}
		New(Config{Sink: k, Scheduler: openKeeper()}).Serve("1", once{strings.NewReader(string(said))})
		for _, e := range k.events {
			if e.Kind != Line && e.Kind != Note && e.Kind != Check && e.Kind != Progress || strings.ContainsAny(e.Text+e.Actor, "\x1b\n") {
				t.Fatalf("recorded %+v", e)
			}
		}
	})
}
