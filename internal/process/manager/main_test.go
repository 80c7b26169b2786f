package manager

import (
	"os"
	"testing"

	"cookbook/internal/process/worker"

	"go.uber.org/goleak"
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
