package shm

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/process/worker"
)

func TestMain(m *testing.M) {
	worker.Main(nil)
	os.Setenv("GORACE", "atexit_sleep_ms=0") // or every child of a -race build ends with a second's sleep
	goleak.VerifyTestMain(m)
}

type point struct {
	X, Y  int
	Label string
	Next  *point
}
