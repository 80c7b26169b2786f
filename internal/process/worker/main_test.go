package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	Main(nil)
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
	count = Register("test.count", func(context.Context, struct{}) (int, error) { counter++; return counter, nil })
	fail  = Register("test.fail", func(_ context.Context, s string) (int, error) { return 0, errors.New(s) })
	boom  = Register("test.boom", func(_ context.Context, s string) (int, error) { panic(s) })
	leave = Register("test.leave", func(context.Context, struct{}) (int, error) { runtime.Goexit(); return 0, nil })
	exit  = Register("test.exit", func(_ context.Context, code int) (int, error) { os.Exit(code); return 0, nil })
	move  = Register("test.move", func(_ context.Context, p point) (*point, error) { p.X++; return &p, nil })
	none  = Register("test.none", func(context.Context, *point) (*point, error) { return nil, nil })
	words = Register("test.words", func(_ context.Context, s string) ([]string, error) { return strings.Fields(s), nil })
	pipe  = Register("test.pipe", func(context.Context, struct{}) (chan int, error) { return make(chan int), nil })
	noisy = Register("test.noisy", func(context.Context, struct{}) (int, error) {
		fmt.Println("this would spoil the answer")
		return os.Stdin.Read(make([]byte, 1))
	})
	// until makes a file, waits for the end of its context and says why it ended.
	until = Register("test.until", func(ctx context.Context, file string) (string, error) {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			return "", err
		}
		<-ctx.Done()
		return context.Cause(ctx).Error(), nil
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

// parent is a process of its own that starts a worker, says so, and waits for it.
var parent = RegisterRole("test.parent", func() error {
	w, err := Start(context.Background())
	if err != nil {
		return err
	}
	if _, err := Do(context.Background(), w, twice, 1); err != nil {
		return err
	}
	fmt.Println("the worker is busy")
	_, err = Do(context.Background(), w, forever, "")
	return err
})

var (
	reader = RegisterRole("test.reader", func() error { _, err := fmt.Print("read: " + os.Getenv(variable)); return err })
	_      = RegisterRole("test.failing", func() error { return errors.New("it failed") })
	_      = RegisterRole("test.leaving", func() error {
		time.AfterFunc(time.Hour, func() {}) // without it the run-time system would see that nothing goes on
		runtime.Goexit()
		return nil
	})
)

func worker(t testing.TB) *Worker {
	t.Helper()
	w, err := Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// yields calls f and checks its result.
func yields[A any, R comparable](t *testing.T, w *Worker, f func(context.Context, A) (R, error), arg A, want R) {
	t.Helper()
	got, err := Do(t.Context(), w, f, arg)
	if err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestMainWithoutAChildReturns(t *testing.T) { Main(nil) }

func TestWithoutMainNothingIsStarted(t *testing.T) {
	mainCalled.Store(false)
	defer mainCalled.Store(true)
	if _, err := Start(t.Context()); !errors.Is(err, ErrNoMain) {
		t.Errorf("StartWorker: %v", err)
	}
	if _, err := reader.Command(t.Context()); !errors.Is(err, ErrNoMain) {
		t.Errorf("Command: %v", err)
	}
}

func TestARoleRunsAsAProcess(t *testing.T) {
	cmd, err := reader.Command(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if out, err := cmd.Output(); err != nil || string(out) != "read: " {
		t.Errorf("it wrote %q, %v", out, err)
	}
}

func TestARoleThatFailsSaysSoAndExitsWith1(t *testing.T) {
	for as, want := range map[string]string{asRole + "test.failing": "it failed", asRole + "test.leaving": "called runtime.Goexit", asRole + "test.nobody": `no role "test.nobody"`, "king": `"king"`} {
		cmd, err := command(t.Context(), as)
		if err != nil {
			t.Fatal(err)
		}
		_, err = cmd.Output()
		var failed *exec.ExitError
		if !errors.As(err, &failed) || failed.ExitCode() != 1 || !strings.Contains(string(failed.Stderr), want) {
			t.Errorf("as %q it ended with %v, want exit code 1 and %q", as, err, want)
		}
	}
}
