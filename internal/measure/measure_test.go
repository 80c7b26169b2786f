package measure

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMediansTakeTurnsAndForgetTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns []string
		slow := []time.Duration{time.Hour, 3 * time.Second, time.Minute, time.Second} // the first is the warm-up
		got, err := Medians(t.Context(), 3,
			func() error {
				time.Sleep(slow[0])
				slow = slow[1:]
				turns = append(turns, "a")
				return nil
			},
			func() error { turns = append(turns, "b"); return nil })
		if err != nil || !reflect.DeepEqual(got, []time.Duration{3 * time.Second, 1}) {
			t.Errorf("medians %v, %v", got, err)
		}
		if want := []string{"a", "b", "a", "b", "a", "b", "a", "b"}; !reflect.DeepEqual(turns, want) {
			t.Errorf("turns %v, want %v", turns, want)
		}
	})
}

func TestMediansEndEarly(t *testing.T) {
	broken := errors.New("broken")
	if _, err := Medians(t.Context(), 5, func() error { return broken }); err != broken {
		t.Errorf("got %v, want the work's own error", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	calls := 0
	_, err := Medians(ctx, 5, func() error { calls++; cancel(broken); return nil })
	if err != broken || calls != 1 {
		t.Errorf("got %v after %d calls, want the cause after 1", err, calls)
	}
	if got, err := Medians(t.Context(), -1); err != nil || len(got) != 0 {
		t.Errorf("nothing to measure: %v, %v", got, err)
	}
}

func TestTimesHaveTheirSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		call := 0
		times, err := InTurn(t.Context(), 3, func() error {
			time.Sleep([]time.Duration{9, 2, 7, 4}[call] * time.Second) // the first is the one to warm up
			call++
			return nil
		})
		if want := (Times{Median: 4 * time.Second, Least: 2 * time.Second, Most: 7 * time.Second}); err != nil || times[0] != want {
			t.Errorf("got %v, %v, want %v", times, err, want)
		}
	})
}
