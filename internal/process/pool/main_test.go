package pool

import (
	"context"
	"errors"
	"os"
	"runtime"
	"testing"

	"cookbook/internal/process/worker"

	"go.uber.org/goleak"
)

// beforeMain is what a pool says before Main was called.
var beforeMain error

func TestMain(m *testing.M) {
	_, beforeMain = New(context.Background(), 1)
	worker.Main(nil)
	os.Setenv("GORACE", "atexit_sleep_ms=0") // or every child of a -race build ends with a second's sleep
	goleak.VerifyTestMain(m)
}

type point struct {
	X, Y  int
	Label string
	Next  *point
}

// What the tests call in children.
var (
	twice = worker.Register("test.twice", func(_ context.Context, x int) (int, error) { return 2 * x, nil })
	fail  = worker.Register("test.fail", func(_ context.Context, s string) (int, error) { return 0, errors.New(s) })
	boom  = worker.Register("test.boom", func(_ context.Context, s string) (int, error) { panic(s) })
	exit  = worker.Register("test.exit", func(_ context.Context, code int) (int, error) { os.Exit(code); return 0, nil })
	move  = worker.Register("test.move", func(_ context.Context, p point) (*point, error) { p.X++; return &p, nil })
	pipe  = worker.Register("test.pipe", func(context.Context, struct{}) (chan int, error) { return make(chan int), nil })
	// forever makes a file, if it is named, and takes no notice of its context.
	forever = worker.Register("test.forever", func(_ context.Context, file string) (int, error) {
		if file != "" {
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				return 0, err
			}
		}
		for {
			runtime.Gosched()
		}
	})
)

var counter int
