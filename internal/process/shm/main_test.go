package shm

import (
	"os"
	"strings"
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

// mentions checks that there is an error which says all of that.
func mentions(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v, want it to say %q", err, part)
		}
	}
}
