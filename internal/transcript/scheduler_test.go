package transcript

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// inTurn lets two actors speak in turn only, whatever they would do by themselves: a Scheduler that holds calls.
type inTurn struct {
	mu    sync.Mutex
	cond  *sync.Cond
	next  string
	steps []string
}

func (s *inTurn) Before(step Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for step.Kind == Line && step.Actor != s.next {
		s.cond.Wait()
	}
	s.steps = append(s.steps, fmt.Sprint("before ", step.Kind, " ", step.Actor))
}

func (s *inTurn) After(step Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps = append(s.steps, fmt.Sprint("after ", step.Kind, " ", step.Actor))
	s.next = map[string]string{"a": "b", "b": "a"}[step.Actor]
	s.cond.Broadcast()
}

func (s *inTurn) Pause(ctx context.Context, d time.Duration) error {
	s.steps = append(s.steps, fmt.Sprint("pause ", d))
	return context.Cause(ctx)
}

func TestASchedulerDecidesWhenCallsGoOn(t *testing.T) {
	s := &inTurn{next: "a"}
	s.cond = sync.NewCond(&s.mu)
	k := &kept{}
	l := New(Config{Sink: k, Scheduler: s})
	var wg sync.WaitGroup
	for _, name := range []string{"b", "a"} {
		wg.Go(func() {
			for i := range 3 {
				l.Actor(name).Printf("%d", i)
			}
		})
	}
	wg.Wait()
	if got, want := k.texts(Line), []string{"a 0", "b 0", "a 1", "b 1", "a 2", "b 2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	s.steps = nil
	l.Check("so it is", true, true)
	l.Sleep(t.Context(), time.Hour)
	if want := []string{"before check ", "after check ", "pause 1h0m0s"}; !slices.Equal(s.steps, want) {
		t.Errorf("got %q, want %q", s.steps, want)
	}
}

func TestStressWithOneSeedTakesTheSameTurns(t *testing.T) {
	took := func(seed uint64) (d time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			s := NewStress(seed)
			for range 50 {
				s.Before(Step{Kind: Line})
				if err := s.Pause(t.Context(), time.Hour); err != nil {
					t.Error(err)
				}
			}
			d = time.Since(start)
		})
		return d
	}
	if first, again, other := took(1), took(1), took(2); first != again || first == other || first > time.Second {
		t.Errorf("the pauses of seed 1 take %v and %v, those of seed 2 %v", first, again, other)
	}
}

func TestASlowPaceDoesNotOverflow(t *testing.T) {
	for speed, want := range map[Speed]time.Duration{2: time.Second / 2, 0.5: 2 * time.Second, 1e-300: math.MaxInt64} {
		if got := divide(time.Second, speed); got != want {
			t.Errorf("at speed %v: got %v, want %v", speed, got, want)
		}
	}
}
