package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"testing"

	"go.uber.org/goleak"
)

// beforeMain is what comes of the start of a process before Main was called.
var beforeMain error

func TestMain(m *testing.M) {
	if os.Getenv("COOKBOOK_PROCESS") == "" { // not a child
		g, err := NewGroup(context.Background())
		if err != nil {
			panic(err)
		}
		beforeMain = New(g, twice, 1).Start()
		g.Close()
	}
	Main()
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
	twice = Register("test.twice", func(_ context.Context, x int) (int, error) { return 2 * x, nil })
	echo  = Register("test.echo", func(_ context.Context, b []byte) ([]byte, error) { return b, nil })
	large = Register("test.large", func(_ context.Context, n int) ([]byte, error) { return make([]byte, n), nil })
	pid   = Register("test.pid", func(context.Context, struct{}) (int, error) { return os.Getpid(), nil })
	fail  = Register("test.fail", func(_ context.Context, s string) (int, error) { return 0, errors.New(s) })
	boom  = Register("test.boom", func(_ context.Context, s string) (int, error) { panic(s) })
	leave = Register("test.leave", func(context.Context, struct{}) (int, error) { runtime.Goexit(); return 0, nil })
	exit  = Register("test.exit", func(_ context.Context, code int) (int, error) { os.Exit(code); return 0, nil })
	move  = Register("test.move", func(_ context.Context, p point) (*point, error) { p.X++; return &p, nil })
	noisy = Register("test.noisy", func(context.Context, struct{}) (int, error) {
		fmt.Println("this would spoil the answer")
		return os.Stdin.Read(make([]byte, 1))
	})
	// forever makes a file, if it is named, and takes no notice of its context.
	forever = Register("test.forever", func(_ context.Context, file string) (int, error) {
		if file != "" {
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				return 0, err
			}
		}
		for {
			runtime.Gosched()
		}
	})
	picky = Register("test.picky", func(_ context.Context, d dainty) (dainty, error) { return d, nil })
)

var counter int

// dainty is read with pleasure, unless it is 13 or comes back as 14.
type dainty struct{ n byte }

func (d dainty) MarshalBinary() ([]byte, error) { return []byte{d.n}, nil }

func (d *dainty) UnmarshalBinary(b []byte) error {
	if d.n = b[0]; d.n == 13 || d.n == 14 && counter == 0 {
		return errors.New("not to its taste")
	}
	return nil
}
