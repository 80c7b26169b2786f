// Package alonetest holds the promise of a recipe that is a program of its own.
//
//	func TestPromise(t *testing.T) { alonetest.Hold(t, program) }
//
// Where the recipe starts processes, the test's TestMain calls process.Main first.
package alonetest

import (
	"os"
	"strconv"
	"testing"
	"time"

	"cookbook/internal/alone"
	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/transcript"
)

// The variables that make the test longer, and that repeat a failed run.
const (
	runsVariable = "PROMISE_RUNS" // runs under stress
	seedVariable = "PROMISE_SEED" // of each run
)

// Hold runs a program with its default flags and fails the test if a promise breaks: once with its pauses removed, and ten times, or
// three with -short, under stress, which is random pauses between any two lines and another number of processors each time. A run may
// take a minute. The variables PROMISE_RUNS and PROMISE_SEED say another number of runs, and the seed of a run to repeat.
func Hold(t *testing.T, p alone.Program) {
	t.Helper()
	if os.Getenv("GORACE") == "" {
		t.Setenv("GORACE", "atexit_sleep_ms=0") // or every child of a -race build ends with a second's sleep
	}
	times := 10
	if testing.Short() {
		times = 3
	}
	times = int(number(t, runsVariable, uint64(times)))
	trial := command.Trial{Recipe: p.Recipe.ID, Speed: transcript.SpeedMax, Seed: number(t, seedVariable, 0), Timeout: time.Minute}
	prepare := func() (catalog.Run, *transcript.Promise, error) { return p.Prepare() }
	t.Run("without pauses", func(t *testing.T) {
		if r, err := trial.Run(t.Context(), 0, prepare); err != nil {
			t.Errorf("%v\nagain: %s=%d go test", err, seedVariable, r.Seed)
		}
	})
	t.Run("under stress", func(t *testing.T) {
		trial.Stress = true
		for n := range times {
			if r, err := trial.Run(t.Context(), n, prepare); err != nil {
				t.Fatalf("%v\nin run %d of %d, with GOMAXPROCS %d; again: %s=%d go test", err, n+1, times, r.Processors, seedVariable, r.Seed)
			}
		}
	})
}

// number is the value of a variable, or the one that it has if it is not set.
func number(t *testing.T, variable string, unset uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return unset
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < 1 {
		t.Fatalf("%s=%s: want a number from 1 on", variable, text)
	}
	return n
}
