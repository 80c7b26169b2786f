package command

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

func TestStressVariesTheProcessorsAndPutsThemBack(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	var seen []int
	trial := Trial{Recipe: "ch9.x", Speed: transcript.SpeedMax, Stress: true, Timeout: time.Minute}
	for n := range 2 * runtime.NumCPU() {
		r, err := trial.Run(t.Context(), n, func() (catalog.Run, *transcript.Promise, error) {
			return func(_ context.Context, out *transcript.Log) error {
				seen = append(seen, runtime.GOMAXPROCS(0))
				out.Check("one is one", 1, 1)
				return nil
			}, nil, nil
		})
		if err != nil || r.Kept != 1 || r.Processors != seen[n] || r.Seed == 0 {
			t.Errorf("run %d: %+v, %v", n, r, err)
		}
	}
	if seen[0] != runtime.NumCPU() {
		t.Errorf("begins with %d processors", seen[0])
	}
	slices.Sort(seen)
	for i, n := range seen {
		if n != i+1 {
			t.Fatalf("processors %v", seen)
		}
	}
	if runtime.GOMAXPROCS(0) != before {
		t.Errorf("leaves %d processors, of %d", runtime.GOMAXPROCS(0), before)
	}
}

func TestATrialThatCannotBePreparedIsNotRun(t *testing.T) {
	unfit := errors.New("unfit")
	_, err := (Trial{Timeout: time.Minute}).Run(t.Context(), 0, func() (catalog.Run, *transcript.Promise, error) { return nil, nil, unfit })
	if err != unfit {
		t.Errorf("got %v", err)
	}
}
