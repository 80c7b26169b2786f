package explore

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

func TestMain(m *testing.M) {
	process.Main()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // of children: with the race detector, each would last a second longer
	goleak.VerifyTestMain(m)
}

// speakers is a program of so many actors with so many lines each, which wait for nothing.
func speakers(actors, lines int) Program {
	return Program{ID: "speakers", Run: func(_ context.Context, out *transcript.Log) error {
		var all sync.WaitGroup
		for a := range actors {
			say := out.Actor(string(rune('A' + a)))
			all.Go(func() {
				for n := range lines {
					say.Printf("%d", n)
				}
			})
		}
		all.Wait()
		return nil
	}}
}

func TestEveryOrderComes(t *testing.T) {
	for _, test := range []struct{ actors, lines, orders int }{{1, 3, 1}, {2, 1, 2}, {2, 2, 6}, {2, 3, 20}, {3, 2, 90}, {3, 3, 1680}} {
		r, err := Search(t.Context(), speakers(test.actors, test.lines), Options{Budget: time.Minute, Exact: true})
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != Complete || r.Orders != test.orders || r.Schedules != test.orders || len(r.Faults) > 0 {
			t.Errorf("%d actors with %d lines: %v, %d orders from %d schedules, %v; want %d", test.actors, test.lines, r.Verdict, r.Orders, r.Schedules, r.Faults, test.orders)
		}
	}
}

func TestDeadlock(t *testing.T) {
	p := Program{ID: "crosswise", Run: func(ctx context.Context, out *transcript.Log) error {
		x, y := make(chan int, 1), make(chan int, 1) // locks whose wait ends with the run
		var both sync.WaitGroup
		cross := func(name string, first, second chan int) {
			for _, lock := range []chan int{first, second} {
				select {
				case lock <- 1:
					defer func() { <-lock }()
				case <-ctx.Done():
					return
				}
				out.Actor(name).Printf("has one more")
			}
		}
		both.Go(func() { out.Actor("A").Begin(); cross("A", x, y) })
		both.Go(func() { out.Actor("B").Begin(); cross("B", y, x) })
		both.Wait()
		return nil
	}}
	r, err := Search(t.Context(), p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Faults) != 1 || r.Faults[0].Kind != Deadlock {
		t.Fatalf("faults: %+v, want one deadlock", r.Faults)
	}
	f := r.Faults[0]
	if f.Preemptions != 1 || f.Steps != 4 || !f.Fewest || f.Passes == nil || f.Decisive != 1 {
		t.Errorf("%d preemptions, %d steps, fewest %v, passes %v, decisive %d; want 1, 4, true, a trace, 1", f.Preemptions, f.Steps, f.Fewest, f.Passes, f.Decisive)
	}
	s, err := ParseToken(f.Token, p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Replay(t.Context(), p, s, transcript.Config{}); err == nil || err.Error() != "deadlock: "+f.Text {
		t.Errorf("replay: %v, want the deadlock", err)
	}
}

// A pause that its context ends is no choice any longer; the actor's next call is one.
func TestPauseEnds(t *testing.T) {
	p := Program{ID: "paused", Run: func(ctx context.Context, out *transcript.Log) error {
		ctx, cancel := context.WithCancel(ctx)
		var both sync.WaitGroup
		both.Go(func() {
			for range 3 {
				out.Sleep(ctx, time.Hour)
				out.Actor("A").Printf("was paused")
			}
		})
		both.Go(func() {
			out.Actor("B").Printf("cancels")
			cancel()
			out.Actor("B").Printf("has cancelled")
		})
		both.Wait()
		return nil
	}}
	r, err := Search(t.Context(), p, Options{Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != Complete || r.Orders != 10 || len(r.Faults) > 0 {
		t.Errorf("%v, %d orders, faults %+v; want all 10 and no fault", r.Verdict, r.Orders, r.Faults)
	}
}
