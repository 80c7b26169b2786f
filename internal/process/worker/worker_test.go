package worker

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/proctest"
	"cookbook/internal/wire"
)

func TestAWorkerServesCallsOneAfterAnother(t *testing.T) {
	w := worker(t)
	for i := range 100 {
		yields(t, w, twice, i, 2*i)
	}
	yields(t, w, pid, struct{}{}, w.Pid())
	if w.Pid() == os.Getpid() {
		t.Error("the worker is this process")
	}
	if err := w.Err(); err != nil {
		t.Errorf("it is said to have ended: %v", err)
	}
}

func TestNothingIsSharedWithAWorker(t *testing.T) {
	w := worker(t)
	yields(t, w, count, struct{}{}, 1)
	yields(t, w, count, struct{}{}, 2)
	if counter != 0 {
		t.Errorf("what the worker counted is seen here: %d", counter)
	}
}

func TestValuesTravelWhole(t *testing.T) {
	w := worker(t)
	for range 3 { // the first begins the streams
		p, err := Do(t.Context(), w, move, point{X: 1, Y: -2, Label: "ö", Next: &point{X: 7}})
		if err != nil || p.X != 2 || p.Y != -2 || p.Label != "ö" || p.Next.X != 7 {
			t.Errorf("a struct came back as %+v, %v", p, err)
		}
		yields(t, w, none, nil, nil)
		if got, err := Do(t.Context(), w, words, "a b c"); err != nil || strings.Join(got, "-") != "a-b-c" {
			t.Errorf("words came as %q, %v", got, err)
		}
	}
	for _, size := range []int{0, 1, 100, 64 << 10, 3 << 20} {
		sent := bytes.Repeat([]byte{byte(size), 'x'}, size/2)
		if got, err := Do(t.Context(), w, echo, sent); err != nil || !bytes.Equal(got, sent) {
			t.Errorf("%d bytes came back as %d, %v", len(sent), len(got), err)
		}
	}
}

func TestAFunctionsErrorComesBack(t *testing.T) {
	w := worker(t)
	_, err := Do(t.Context(), w, fail, "no bread")
	var remote *RemoteError
	if !errors.As(err, &remote) || remote.Func != "test.fail" || remote.Msg != "no bread" || remote.Stack != "" {
		t.Errorf("got %#v", err)
	}
	proctest.Mentions(t, err, "test.fail: no bread")
	yields(t, w, twice, 4, 8)
}

func TestAPanicComesBackWithItsStack(t *testing.T) {
	w := worker(t)
	_, err := Do(t.Context(), w, boom, "ouch")
	var remote *RemoteError
	if !errors.As(err, &remote) || remote.Msg != "ouch" || !strings.Contains(remote.Stack, "main_test.go") {
		t.Errorf("got %#v", err)
	}
	proctest.Mentions(t, err, "test.boom panicked in its process: ouch")
	_, err = Do(t.Context(), w, leave, struct{}{})
	proctest.Mentions(t, err, "Goexit")
	works(t, w)
}

// works checks that a worker is of use: as they are and by gob, values come and go.
func works(t *testing.T, w *Worker) {
	t.Helper()
	yields(t, w, twice, 21, 42)
	if p, err := Do(t.Context(), w, move, point{X: 1}); err != nil || p.X != 2 {
		t.Errorf("a struct came back as %v, %v", p, err)
	}
}

func TestWhatAFunctionPrintsSpoilsNothing(t *testing.T) {
	w := worker(t)
	_, err := Do(t.Context(), w, noisy, struct{}{})
	proctest.Mentions(t, err, "EOF") // its standard input is empty
	works(t, w)
}

func TestAValueThatCannotTravelIsAnErrorAndNoMore(t *testing.T) {
	w := worker(t)
	works(t, w)
	_, err := Do(t.Context(), w, pipe, struct{}{})
	proctest.Mentions(t, err, "test.pipe: its result cannot be sent: ", "chan int")
	works(t, w)
	_, err = Do(t.Context(), w, picky, dainty{13})
	proctest.Mentions(t, err, "test.picky: its argument cannot be read: ", "not to its taste")
	works(t, w)
	yields(t, w, count, struct{}{}, 1) // so that 14 is swallowed there, and not here
	_, err = Do(t.Context(), w, picky, dainty{14})
	proctest.Mentions(t, err, "the result of test.picky cannot be read: ", "not to its taste")
	works(t, w)
	yields(t, w, picky, dainty{15}, dainty{15})
}

func TestMoreThan64MiBIsAnErrorAndNoMore(t *testing.T) {
	w := worker(t)
	if _, err := Do(t.Context(), w, echo, make([]byte, wire.MaxFrame)); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("the argument: %v", err)
	}
	works(t, w)
	_, err := Do(t.Context(), w, large, wire.MaxFrame)
	proctest.Mentions(t, err, "its result cannot be sent", "64 MiB")
	works(t, w)
}

func TestAFunctionThatIsNotRegisteredIsAnError(t *testing.T) {
	_, err := Call(t.Context(), func(_ context.Context, x int) (int, error) { return x, nil }, 1)
	if !errors.Is(err, ErrNotRegistered) {
		t.Errorf("got %v", err)
	}
	proctest.Mentions(t, err, "worker.TestAFunctionThatIsNotRegisteredIsAnError.func1", "process.Register(NAME")
	if _, err := Name[int, int](nil); !errors.Is(err, ErrNotRegistered) {
		t.Errorf("nil: %v", err)
	}
	if name, err := Name(twice); name != "test.twice" || err != nil {
		t.Errorf("got %q, %v", name, err)
	}
}

// late is registered when the test runs, which in a child never happens.
var late = sync.OnceValue(func() func(context.Context, point) (int, error) {
	return Register("test.late", func(_ context.Context, p point) (int, error) { return p.X, nil })
})

func TestAFunctionThatOnlyTheParentKnowsIsAnError(t *testing.T) {
	w := worker(t)
	_, err := Do(t.Context(), w, late(), point{})
	proctest.Mentions(t, err, "test.late: this process knows no function of that name")
	works(t, w)
}

func TestRegisterPanicsOnMisuse(t *testing.T) {
	fresh := func(context.Context, string) (int8, error) { return 0, nil }
	for want, misuse := range map[string]func(){
		"needs a name":                           func() { Register("", fresh) },
		`"test.nil" is nil`:                      func() { Register[int, int]("test.nil", nil) },
		`two functions of the name "test.twice"`: func() { Register("test.twice", fresh) },
		`registered already, as "test.twice"`:    func() { Register("test.again", twice) },
		`two roles of the name "test.parent"`:    func() { RegisterRole("test.parent", func() error { return nil }) },
		"a name and a function":                  func() { RegisterRole("test.nothing", nil) },
	} {
		func() {
			defer func() {
				if said, _ := recover().(string); !strings.Contains(said, want) {
					t.Errorf("the panic says %q, want %q", said, want)
				}
			}()
			misuse()
		}()
	}
}

func TestADeathDuringACallSaysHow(t *testing.T) {
	w := worker(t)
	_, err := Do(t.Context(), w, exit, 3)
	if !errors.Is(err, failure.ErrDied) {
		t.Errorf("got %v", err)
	}
	proctest.Mentions(t, err, "died: exit status 3")
	_, err = Do(t.Context(), w, twice, 1)
	proctest.Mentions(t, err, "died: exit status 3")
	proctest.Mentions(t, w.Close(), "died: exit status 3")
}

func TestADeathBetweenCallsIsNoticed(t *testing.T) {
	w := worker(t)
	works(t, w)
	child, err := os.FindProcess(w.Pid())
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Kill(); err != nil {
		t.Fatal(err)
	}
	<-w.Done()
	if !errors.Is(w.Err(), failure.ErrDied) {
		t.Errorf("got %v", w.Err())
	}
}

func TestKillEndsACall(t *testing.T) {
	w := worker(t)
	works(t, w)
	var calls sync.WaitGroup
	calls.Go(func() {
		if _, err := Do(t.Context(), w, forever, ""); !errors.Is(err, failure.ErrDied) {
			t.Errorf("got %v", err)
		}
	})
	w.Kill()
	calls.Wait()
}

func TestTheEndOfAContextEndsTheWorker(t *testing.T) {
	why := errors.New("enough")
	ends := func(t *testing.T, err error, w *Worker) {
		t.Helper()
		if !errors.Is(err, why) {
			t.Errorf("got %v", err)
		}
		<-w.Done()
		if !errors.Is(w.Err(), why) {
			t.Errorf("the worker ended with %v", w.Err())
		}
	}
	t.Run("of a call", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		w := worker(t)
		works(t, w)
		var calls sync.WaitGroup
		calls.Go(func() {
			_, err := Do(ctx, w, forever, "")
			ends(t, err, w)
		})
		for len(w.turn) == 0 { // until the call is being made
			runtime.Gosched()
		}
		cancel(why)
		calls.Wait()
	})
	t.Run("of a call that waits for its turn, but not the worker then", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		w := worker(t)
		w.turn <- struct{}{}
		var calls sync.WaitGroup
		calls.Go(func() {
			if _, err := Do(ctx, w, twice, 1); !errors.Is(err, why) {
				t.Errorf("got %v", err)
			}
		})
		cancel(why)
		calls.Wait()
		<-w.turn
		works(t, w)
		if _, err := Do(ctx, w, twice, 1); !errors.Is(err, why) {
			t.Errorf("got %v", err)
		}
		works(t, w)
	})
	t.Run("of the worker", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		w, err := Start(ctx)
		if err != nil {
			t.Fatal(err)
		}
		works(t, w)
		cancel(why)
		<-w.Done()
		_, err = Do(t.Context(), w, twice, 1)
		ends(t, err, w)
		ends(t, w.Close(), w)
		if _, err := Start(ctx); !errors.Is(err, why) {
			t.Errorf("one more could be started: %v", err)
		}
	})
}

func TestTheEndOfAContextEndsACallOfAWorkerThatStandsStill(t *testing.T) {
	for _, size := range []int{1, atOnce, 100 << 10, 1 << 20} { // through memory, and through a pipe that has no room for all
		w := worker(t)
		works(t, w)
		proctest.Stop(t, w.Pid())
		why := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		var calls sync.WaitGroup
		calls.Go(func() {
			if _, err := Do(ctx, w, echo, make([]byte, size)); !errors.Is(err, why) {
				t.Errorf("%d bytes: got %v", size, err)
			}
		})
		for len(w.turn) == 0 { // until the call is being made
			runtime.Gosched()
		}
		cancel(why)
		calls.Wait()
	}
}

func TestAFunctionThatEndsItsGoroutineEndsNoWorker(t *testing.T) {
	w := worker(t)
	for i := range 20 {
		_, err := Do(t.Context(), w, leave, struct{}{})
		proctest.Mentions(t, err, "Goexit")
		yields(t, w, count, struct{}{}, i+1)
	}
	ended := busy(t, w, until) // its context ends with the parent all the same
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if said, err := ended(); err != nil || said != ErrParentGone.Error() {
		t.Errorf("the function returned %q, %v", said, err)
	}
}

// busy makes a call that goes on until the worker ends, and returns when the function runs. It gives the function the name
// of a file to make.
func busy[R any](t *testing.T, w *Worker, f func(context.Context, string) (R, error)) (ended func() (R, error)) {
	t.Helper()
	var (
		call   sync.WaitGroup
		result R
		err    error
	)
	file := filepath.Join(t.TempDir(), "running")
	call.Go(func() { result, err = Do(context.Background(), w, f, file) })
	for {
		if _, err := os.Stat(file); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	return func() (R, error) { call.Wait(); return result, err }
}

func TestCloseLetsAFunctionComeToItsEnd(t *testing.T) {
	w := worker(t)
	ended := busy(t, w, until)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if said, err := ended(); err != nil || said != ErrParentGone.Error() {
		t.Errorf("the function returned %q, %v", said, err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("closed once more: %v", err)
	}
	if _, err := Do(t.Context(), w, twice, 1); !errors.Is(err, failure.ErrClosed) {
		t.Errorf("a call after Close: %v", err)
	}
}

func TestCloseDoesNotWaitForAFunctionThatTakesNoNotice(t *testing.T) {
	w := worker(t)
	ended := busy(t, w, forever)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if _, err := ended(); !errors.Is(err, failure.ErrClosed) {
		t.Errorf("the call ended with %v", err)
	}
}

func TestAWorkerThatDoesNotEndIsKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signal stops a process there")
	}
	w := worker(t)
	works(t, w)
	proctest.Stop(t, w.Pid())
	err := w.Close()
	if !errors.Is(err, failure.ErrDied) {
		t.Errorf("got %v", err)
	}
	proctest.Mentions(t, err, "killed")
}

// The parent and its worker hold the same pipe open: it ends when both are gone.
func TestNoWorkerOutlivesItsParent(t *testing.T) {
	cmd, err := parent.Command(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	alive, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer alive.Close()
	cmd.Stderr = theirs
	said, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	theirs.Close()
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(said).ReadString('\n'); err != nil || !strings.Contains(line, "busy") {
		t.Errorf("the parent said %q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	cmd.Wait()
	if rest, err := io.ReadAll(alive); err != nil || len(rest) > 0 {
		t.Errorf("the two wrote %q, %v", rest, err)
	}
}

func TestCallStartsAProcessForOneCall(t *testing.T) {
	first, err1 := Call(t.Context(), count, struct{}{})
	second, err2 := Call(t.Context(), count, struct{}{})
	if err := errors.Join(err1, err2); err != nil || first != 1 || second != 1 {
		t.Errorf("the counts are %d and %d, %v; want 1 in each process", first, second, err)
	}
	_, err := Call(t.Context(), fail, "no")
	proctest.Mentions(t, err, "test.fail: no")
	_, err = Call(t.Context(), exit, 0)
	proctest.Mentions(t, err, "died: exit status 0")
}

func TestCallsOfManyGoroutinesTakeTurns(t *testing.T) {
	w := worker(t)
	var calls sync.WaitGroup
	for i := range 8 {
		calls.Go(func() {
			for j := range 50 {
				yields(t, w, twice, i*j, 2*i*j)
			}
		})
	}
	calls.Wait()
}
