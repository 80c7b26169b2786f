package manager

import (
	"os"
	"strings"
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

// mentions checks that there is an error which says all of that.
func mentions(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v, want it to say %q", err, part)
		}
	}
}

// kill9 kills a process from outside.
func kill9(pid int) {
	if child, err := os.FindProcess(pid); err == nil {
		child.Kill()
	}
}
