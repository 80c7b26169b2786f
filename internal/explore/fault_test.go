package explore

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"cookbook/internal/transcript"
)

func TestLostUpdate(t *testing.T) {
	p := lostUpdate()
	r, err := Search(t.Context(), p, Options{Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Faults) != 1 || r.Verdict != Bounded {
		t.Fatalf("%v, faults: %+v, want one", r.Verdict, r.Faults)
	}
	f := r.Faults[0]
	if f.Kind != Broken || f.Preemptions != 1 || !f.Fewest || !strings.Contains(f.Text, "no update is lost") {
		t.Errorf("%+v, want a broken check after one preemption, and none before", f)
	}
	if f.Passes == nil || f.Decisive < 0 || f.Trace.Steps[f.Decisive].Actor == f.Passes.Steps[f.Decisive].Actor {
		t.Errorf("the nearest run that passes: %+v, differs at step %d", f.Passes, f.Decisive)
	}
}

func TestKindsOfFaults(t *testing.T) {
	leave := make(chan struct{})
	defer close(leave)
	for name, test := range map[string]struct {
		run  func(context.Context, *transcript.Log) error
		kind FaultKind
		text string
	}{
		"an error": {func(context.Context, *transcript.Log) error { return errors.New("no more paper") }, Broken, "no more paper"},
		"a panic":  {func(context.Context, *transcript.Log) error { panic("no more ink") }, Panicked, "no more ink"},
		"waits for ever": {func(ctx context.Context, _ *transcript.Log) error {
			<-ctx.Done()
			return nil
		}, Deadlock, "nothing can run"},
		"pauses for ever": {func(ctx context.Context, out *transcript.Log) error {
			for out.Sleep(ctx, time.Second) == nil {
			}
			return nil
		}, Endless, "pauses again and again"},
		"speaks for ever": {func(ctx context.Context, out *transcript.Log) error {
			for ctx.Err() == nil {
				out.Printf("and again")
			}
			return nil
		}, Endless, "has not ended after"},
		"leaves one behind": {func(ctx context.Context, out *transcript.Log) error {
			go func() { <-leave }()
			return nil
		}, Endless, "1 of the goroutines"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Search(t.Context(), Program{ID: name, Run: test.run}, Options{Budget: time.Second})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Faults) == 0 || r.Faults[0].Kind != test.kind || !strings.Contains(r.Faults[0].Text, test.text) {
				t.Errorf("faults: %+v, want %s: %s", r.Faults, test.kind, test.text)
			}
		})
	}
}

// What the runtime decides is reported, not hidden.
func TestStray(t *testing.T) {
	p := Program{ID: "select", Run: func(ctx context.Context, out *transcript.Log) error {
		x, y := make(chan int, 1), make(chan int, 1)
		for range 8 {
			x <- 1
			y <- 1
			select {
			case <-x:
				out.Actor("x").Printf("came first")
				<-y
			case <-y:
				<-x
				out.Sleep(ctx, 1)
			}
		}
		return nil
	}}
	var both sync.WaitGroup
	one := p.Run
	p.Run = func(ctx context.Context, out *transcript.Log) error {
		both.Go(func() { out.Actor("other").Printf("speaks") })
		defer both.Wait()
		return one(ctx, out)
	}
	r, err := Search(t.Context(), p, Options{Budget: 500 * time.Millisecond, Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict == Complete || len(r.Faults) == 0 || r.Faults[0].Kind != Strayed {
		t.Errorf("%v, faults %+v; want one that strayed", r.Verdict, r.Faults)
	}
}

func TestADeadlockNamesProcessesWithoutTheirNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"main waits for the end of counter (pid 17, started)\nb waits for a (pid 4)": "main waits for the end of counter\nb waits for a",
		"a waits for lock 1 (held by b)":                                             "a waits for lock 1 (held by b)",
		"a waits for b (pid 1":                                                       "a waits for b (pid 1",
	} {
		if got := withoutPids(text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
