package explore

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"cookbook/internal/transcript"
)

// transcriptOf replays a schedule and returns all that was said.
func transcriptOf(t *testing.T, p Program, s Schedule) string {
	t.Helper()
	var b strings.Builder
	_, err := Replay(t.Context(), p, s, transcript.Config{Sink: transcript.SinkFunc(func(e transcript.Event) {
		fmt.Fprintln(&b, e.At, e.Actor, e.Kind, e.Text, e.OK)
	})})
	var fault *FaultError
	if err != nil && !errors.As(err, &fault) {
		t.Fatal(err)
	}
	return b.String()
}

// A token replays the same bytes every time, whatever the schedule is.
func TestReplay(t *testing.T) {
	times := 1000
	if testing.Short() {
		times = 50
	}
	for _, p := range []Program{noisy(), lostUpdate()} {
		dice := rand.New(rand.NewPCG(1, 2))
		for range 4 {
			s := Schedule{Seed: dice.Uint64N(1000), Number: 1 + dice.IntN(1000), Length: 30}
			token, ok := s.Token(p)
			if !ok {
				t.Fatalf("%+v has no token", s)
			}
			s, err := ParseToken(token, p)
			if err != nil {
				t.Fatal(err)
			}
			want := transcriptOf(t, p, s)
			for n := range times / 4 {
				if got := transcriptOf(t, p, s); got != want {
					t.Fatalf("%s, replay %d of %s:\n%s\nwant:\n%s", p.ID, n, token, got, want)
				}
			}
		}
	}
}

// What chance finds is made short, and the short schedule shows the same fault.
func TestShorten(t *testing.T) {
	p := lostUpdate()
	s := &search{runner: runner{program: p, quiet: newQuietness(false)}, ctx: t.Context(), result: &Result{Bound: Bound{Preemptions: 0, Departures: -1}}}
	defer alone()()
	for n := 1; ; n++ {
		schedule := Schedule{Seed: 1, Number: n, Length: 5}
		out := s.run(s.ctx, newRandom(schedule).choose, transcript.Config{}, false)
		if out.kind == "" {
			continue
		}
		s.fault(&out, Fault{Schedule: schedule, Preemptions: -1})
		s.explain(&s.result.Faults[0])
		if f := s.result.Faults[0]; f.Preemptions != 1 || len(f.Schedule.Switches) != 1 || !f.Fewest || f.Passes == nil {
			t.Errorf("%+v, want one switch, and a run that passes", f)
		}
		return
	}
}

func TestReplayStrays(t *testing.T) {
	_, err := Replay(t.Context(), lostUpdate(), Schedule{Switches: []Switch{{1, 9}}}, transcript.Config{})
	var strayed *StrayedError
	if !errors.As(err, &strayed) {
		t.Errorf("a schedule with an actor that is not there: %v", err)
	}
}

func TestTokenOfAnother(t *testing.T) {
	token, _ := Schedule{Switches: []Switch{{3, 1}}}.Token(noisy())
	for _, bad := range []string{token, "", "s1.", "s1.A", "r1.AAAA", strings.Repeat("s", 81), "s1.*", token + "="} {
		var refused *TokenError
		if _, err := ParseToken(bad, lostUpdate()); !errors.As(err, &refused) {
			t.Errorf("%q: %v, want it refused", bad, err)
		}
	}
}

func FuzzToken(f *testing.F) {
	p := noisy()
	for _, s := range []Schedule{{}, {Switches: []Switch{{1, 1}, {7, 0}, {300, 12}}}, {Seed: 7, Number: 3, Length: 20}} {
		token, _ := s.Token(p)
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		s, err := ParseToken(token, p)
		if err != nil {
			return
		}
		again, ok := s.Token(p)
		if back, err := ParseToken(again, p); ok && (err != nil || !reflect.DeepEqual(s, back)) {
			t.Errorf("%q is %+v, and its token %q is %+v, %v", token, s, again, back, err)
		}
	})
}
