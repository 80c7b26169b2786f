package services

import (
	"os"
	"testing"

	"cookbook/internal/bench/primitive"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/process"
)

func TestMain(m *testing.M) {
	process.Main()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // or every child of a -race build ends with a second's sleep
	enginetest.VerifyTestMain(m)
}

// Each operation does its work, on the Go side and in plain Go.
func TestOperationsWork(t *testing.T) {
	for _, p := range All() {
		t.Run(p.Name, func(t *testing.T) {
			f, err := primitive.Measure(t.Context(), []primitive.Primitive{p}, 1)
			if err != nil || f.NS[p.Key] <= 0 || p.Plain != nil && f.Plain[p.Key] <= 0 {
				t.Errorf("%v, %v", f, err)
			}
		})
	}
}
