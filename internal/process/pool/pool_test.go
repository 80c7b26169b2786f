package pool

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/proctest"
	"cookbook/internal/process/worker"
	"cookbook/internal/wire"
)

// What the tests of pools call in children.
var (
	square  = worker.Register("test.square", func(_ context.Context, x int) (int, error) { return x * x, nil })
	ownPid  = worker.Register("test.ownPid", func(_ context.Context, _ int) (int, error) { return os.Getpid(), nil })
	nothing = worker.Register("test.nothing", func(_ context.Context, _ int) (struct{}, error) { return struct{}{}, nil })
	// odd fails for odd items, each in its own way.
	odd = worker.Register("test.odd", func(_ context.Context, x int) (*point, error) {
		switch {
		case x%2 == 0:
			return &point{X: x}, nil
		case x%3 == 0:
			panic(fmt.Sprint("panic of ", x))
		case x%5 == 0:
			runtime.Goexit()
		}
		return nil, fmt.Errorf("error of %d", x)
	})
	// deadly ends the process at 13.
	deadly = worker.Register("test.deadly", func(_ context.Context, x int) (int, error) {
		if x == 13 {
			os.Exit(7)
		}
		return x, nil
	})
	// once ends the process, unless the file is there, which it makes.
	once = worker.Register("test.once", func(_ context.Context, file string) (int, error) {
		f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			f.Close()
			os.Exit(9)
		}
		return os.Getpid(), nil
	})
	remember = worker.Register("test.remember", func(_ context.Context, n int) (int, error) { counter = n; return 0, nil })
	recall   = worker.Register("test.recall", func(context.Context, int) (int, error) { return counter, nil })
	blob     = worker.Register("test.blob", func(_ context.Context, b []byte) (int, error) { return len(b), nil })
)

func newPool(t testing.TB, workers int, opts ...Option) *Pool {
	t.Helper()
	p, err := New(context.Background(), workers, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Terminate)
	return p
}

// upTo is the ints below n.
func upTo(n int) []int { return slices.Collect(intsBelow(n)) }

func intsBelow(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// squares checks that the pool is of use.
func squares(t *testing.T, p *Pool, n int, opts ...CallOption) {
	t.Helper()
	got, err := Map(t.Context(), p, square, upTo(n), opts...)
	if err != nil || len(got) != n {
		t.Errorf("%d squares, %v, want %d", len(got), err, n)
	}
	for i, x := range got {
		if x != i*i {
			t.Errorf("square %d is %d", i, x)
			return
		}
	}
}

func TestMapReturnsResultsInTheOrderOfTheArguments(t *testing.T) {
	p := newPool(t, 3)
	for _, n := range []int{0, 1, 2, 3, 100, 10_000} {
		squares(t, p, n)
		squares(t, p, n, WithChunkSize(1+n/7))
	}
	squares(t, p, 50, WithChunkSize(1))
	squares(t, p, 50, WithChunkSize(1000))
	if got, err := Map(t.Context(), p, nothing, upTo(10)); err != nil || len(got) != 10 {
		t.Errorf("results without content: %v, %v", got, err)
	}
	p.Close()
	if err := p.Join(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheDefaultChunkIsAQuarterOfAShare(t *testing.T) {
	for _, c := range []struct{ n, workers, want int }{{1, 4, 1}, {100, 4, 7}, {16, 4, 1}, {17, 4, 2}, {1_000_000, 2, 8192}} {
		if got := chunkSize(c.n, c.workers); got != c.want {
			t.Errorf("chunks of %d for %d items and %d workers, want %d", got, c.n, c.workers, c.want)
		}
	}
}

func TestApplyCallsAndApplyAsyncDoesNotWait(t *testing.T) {
	p := newPool(t, 2)
	if got, err := Apply(t.Context(), p, twice, 21); got != 42 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
	if got, err := Apply(t.Context(), p, move, point{X: 1}); err != nil || got.X != 2 {
		t.Errorf("got %v, %v", got, err)
	}
	file := filepath.Join(t.TempDir(), "running")
	ctx, cancel := context.WithCancelCause(t.Context())
	r := ApplyAsync(ctx, p, forever, file)
	if r.Ready() || r.Successful() {
		t.Error("it is ready at once")
	}
	if _, err := r.GetTimeout(t.Context(), time.Millisecond); !errors.Is(err, failure.ErrTimeout) {
		t.Errorf("GetTimeout: %v", err)
	}
	short, end := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	end(why)
	if err := r.Wait(short); err != why {
		t.Errorf("Wait: %v", err)
	}
	appears(file)
	squares(t, p, 100) // the other worker does that
	cancel(why)
	if _, err := r.Get(t.Context()); err != why || !r.Ready() || r.Successful() {
		t.Errorf("it ended with %v, ready %v", err, r.Ready())
	}
	r = ApplyAsync(t.Context(), p, twice, 2)
	if got, err := r.GetTimeout(t.Context(), time.Minute); err != nil || got != 4 || !r.Successful() || r.Wait(short) != nil {
		t.Errorf("got %d, %v", got, err)
	}
	squares(t, p, 100)
}

// appears waits until a function in another process has made the file.
func appears(file string) {
	for {
		if _, err := os.Stat(file); err == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestTheFirstErrorFailsMapAndEveryItemIsCalled(t *testing.T) {
	p := newPool(t, 2)
	for _, size := range []int{1, 3, 100} {
		got, err := Map(t.Context(), p, odd, []int{0, 2, 4, 15, 7, 5, 8}, WithChunkSize(size))
		var item *ItemError
		var remote *worker.RemoteError
		if got != nil || !errors.As(err, &item) || item.Item != 3 || !errors.As(err, &remote) || remote.Stack == "" {
			t.Errorf("got %v, %v", got, err)
		}
		proctest.Mentions(t, err, "item 3: test.odd panicked in its process: panic of 15")

		var said []string
		for v, err := range Imap(t.Context(), p, odd, slices.Values([]int{0, 7, 5, 15, 25, 4}), WithChunkSize(size)) {
			switch {
			case err != nil:
				said = append(said, err.Error())
			default:
				said = append(said, fmt.Sprint(v.X))
			}
		}
		want := []string{"0", "item 1: test.odd: error of 7", "Goexit", "panic of 15", "Goexit", "4"}
		if !slices.EqualFunc(said, want, strings.Contains) {
			t.Errorf("got %q, want %q", said, want)
		}
	}
	_, err := Apply(t.Context(), p, fail, "no bread")
	if err.Error() != "test.fail: no bread" {
		t.Errorf("Apply: %v", err)
	}
	_, err = Map(t.Context(), p, pipe, make([]struct{}, 3))
	proctest.Mentions(t, err, "item 0: test.pipe: its results cannot be sent", "chan int")
	squares(t, p, 10)
}

func TestCallbacksAreCalledBeforeTheResultIsReady(t *testing.T) {
	p := newPool(t, 2)
	var got atomic.Pointer[[]int]
	var failed atomic.Pointer[error]
	opts := []CallOption{WithCallback(func(r []int) { got.Store(&r) }), WithErrorCallback(func(err error) { failed.Store(&err) })}
	MapAsync(t.Context(), p, square, upTo(4), opts...).Wait(t.Context())
	if r := got.Load(); r == nil || !slices.Equal(*r, []int{0, 1, 4, 9}) || failed.Load() != nil {
		t.Errorf("callback with %v", r)
	}
	got.Store(nil)
	MapAsync(t.Context(), p, fail, []string{"no"}, opts...).Wait(t.Context())
	if err := failed.Load(); err == nil || !strings.Contains((*err).Error(), "item 0: test.fail: no") || got.Load() != nil {
		t.Errorf("error callback with %v", err)
	}
	_, err := ApplyAsync(t.Context(), p, square, 1, WithCallback(func(string) {})).Get(t.Context())
	proctest.Mentions(t, err, "the callback is a func(string), but the result is a int")

	// A callback keeps no worker waiting, and Join waits for it.
	p = newPool(t, 1)
	var inner int
	ApplyAsync(t.Context(), p, square, 2, WithCallback(func(x int) {
		inner, _ = Apply(t.Context(), p, square, x)
		p.Close()
	}))
	for p.Join(t.Context()) != nil { // until the callback has closed it
		runtime.Gosched()
	}
	if inner != 16 {
		t.Errorf("the callback got %d", inner)
	}
}

func TestImapDrawsNoMoreThanItNeeds(t *testing.T) {
	p := newPool(t, 2)
	drawn := 0
	endless := func(yield func(int) bool) {
		for yield(drawn) {
			drawn++
		}
	}
	want := 0
	for x, err := range Imap(t.Context(), p, square, endless, WithChunkSize(3)) {
		if err != nil || x != want*want {
			t.Fatalf("square %d is %d, %v", want, x, err)
		}
		if want++; drawn > want+3*(4*2+1) {
			t.Fatalf("it has drawn %d items for %d", drawn, want)
		}
		if want == 1000 {
			break
		}
	}
	var got []int
	for x, err := range ImapUnordered(t.Context(), p, square, intsBelow(1000)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, x)
	}
	slices.Sort(got)
	for i, x := range got {
		if x != i*i {
			t.Fatalf("square %d is %d", i, x)
		}
	}
	if len(got) != 1000 {
		t.Errorf("%d results", len(got))
	}
}

func TestAnUnorderedResultOvertakes(t *testing.T) {
	p := newPool(t, 2)
	gate := filepath.Join(t.TempDir(), "gate")
	var said []string
	for s, err := range ImapUnordered(t.Context(), p, gated, slices.Values([]string{gate, ""})) {
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, s)
		if err := os.WriteFile(gate, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(said, []string{"", gate}) {
		t.Errorf("got %q", said)
	}
}

// gated waits for a file, if it is named, and returns its name.
var gated = worker.Register("test.gated", func(ctx context.Context, file string) (string, error) {
	for file != "" && ctx.Err() == nil {
		if _, err := os.Stat(file); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	return file, nil
})

func TestADeadlyItemIsGivenUpAndThePoolGoesOn(t *testing.T) {
	for retries := range 3 {
		p := newPool(t, 2, WithRetries(retries))
		_, err := Map(t.Context(), p, deadly, upTo(40), WithChunkSize(8))
		var lost *LostError
		if !errors.Is(err, failure.ErrDied) || !errors.As(err, &lost) || lost.First != 8 || lost.Last != 15 || lost.Tries != retries+1 {
			t.Errorf("got %v", err)
		}
		proctest.Mentions(t, err, "item 8: items 8 to 15 were sent ", " and lost: worker process ", " died: exit status 7")
		var fine, dead []int
		i := 0
		for x, err := range Imap(t.Context(), p, deadly, intsBelow(20), WithChunkSize(2)) {
			switch {
			case err == nil:
				fine = append(fine, x)
			case errors.Is(err, failure.ErrDied):
				dead = append(dead, i)
			default:
				t.Error(err)
			}
			i++
		}
		if len(fine) != 18 || !slices.Equal(dead, []int{12, 13}) {
			t.Errorf("fine %v, dead %v", fine, dead)
		}
		_, err = Apply(t.Context(), p, deadly, 13)
		if !errors.As(err, &lost) {
			t.Errorf("Apply: %v", err)
		}
		proctest.Mentions(t, err, "it was sent ")
		squares(t, p, 100)
		p.Close()
		if err := p.Join(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestAWorkerThatDiesOnceIsReplaced(t *testing.T) {
	p := newPool(t, 1)
	if _, err := Apply(t.Context(), p, once, filepath.Join(t.TempDir(), "once")); err != nil {
		t.Error(err)
	}
	p = newPool(t, 1, WithRetries(0))
	if _, err := Apply(t.Context(), p, once, filepath.Join(t.TempDir(), "once")); !errors.Is(err, failure.ErrDied) {
		t.Errorf("without retries: %v", err)
	}
	squares(t, p, 10)
}

func TestKilledWorkersAreReplacedWhileIdle(t *testing.T) {
	p := newPool(t, 3)
	for range 10 {
		pids, err := Map(t.Context(), p, ownPid, upTo(30), WithChunkSize(1))
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(pids)
		for _, pid := range slices.Compact(pids) {
			proctest.Kill9(pid)
		}
		squares(t, p, 100)
	}
}

func TestNothingIsLostWhileWorkersAreKilledAgainAndAgain(t *testing.T) {
	p := newPool(t, 4, WithRetries(1_000_000))
	var pids sync.Map
	stop := make(chan struct{})
	var killer sync.WaitGroup
	killed := 0
	killer.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			pids.Range(func(pid, _ any) bool {
				proctest.Kill9(pid.(int))
				pids.Delete(pid)
				killed++
				return false
			})
			runtime.Gosched()
		}
	})
	for range 20 {
		got, err := Map(t.Context(), p, ownPid, upTo(200), WithChunkSize(5))
		if err != nil {
			t.Fatal(err)
		}
		for _, pid := range got {
			if pid == 0 {
				t.Fatal("a result is missing")
			}
			pids.Store(pid, true)
		}
		squares(t, p, 2000)
	}
	close(stop)
	killer.Wait()
	if killed == 0 {
		t.Error("nobody was killed")
	}
	p.Close()
	if err := p.Join(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestMaxTasksPerChildRenewsTheProcesses(t *testing.T) {
	for most := 1; most <= 3; most++ {
		p := newPool(t, 2, WithMaxTasksPerChild(most))
		pids, err := Map(t.Context(), p, ownPid, upTo(12), WithChunkSize(1))
		if err != nil {
			t.Fatal(err)
		}
		had := map[int]int{}
		for _, pid := range pids {
			had[pid]++
		}
		for pid, n := range had {
			if n > most {
				t.Errorf("process %d had %d tasks, want at most %d", pid, n, most)
			}
		}
		if len(had) < 12/most {
			t.Errorf("%d processes for 12 tasks, want at least %d", len(had), 12/most)
		}
		p.Close()
		if err := p.Join(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestEveryWorkerIsInitialized(t *testing.T) {
	p := newPool(t, 3, WithInitializer(remember, 42), WithMaxTasksPerChild(1))
	got, err := Map(t.Context(), p, recall, upTo(10), WithChunkSize(1))
	if err != nil || slices.Min(got) != 42 || slices.Max(got) != 42 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAnInitializerThatFailsBreaksThePool(t *testing.T) {
	for want, opt := range map[string]Option{
		"test.fail: no": WithInitializer(fail, "no"), "test.boom panicked": WithInitializer(boom, "ouch"), "exit status 3": WithInitializer(exit, 3),
	} {
		p := newPool(t, 2, opt)
		_, err := Map(t.Context(), p, square, upTo(100))
		if !errors.Is(err, failure.ErrBroken) {
			t.Errorf("Map: %v", err)
		}
		proctest.Mentions(t, err, "the pool is broken: its initializer failed: ", want)
		if _, err := Apply(t.Context(), p, square, 1); !errors.Is(err, failure.ErrBroken) {
			t.Errorf("Apply: %v", err)
		}
		p.Close()
		if err := p.Join(t.Context()); !errors.Is(err, failure.ErrBroken) {
			t.Errorf("Join: %v", err)
		}
	}
}

func TestAClosedPoolDoesWhatItHasAndTakesNoMore(t *testing.T) {
	p := newPool(t, 1)
	if err := p.Join(t.Context()); !errors.Is(err, ErrNotClosed) {
		t.Errorf("Join of an open pool: %v", err)
	}
	r := MapAsync(t.Context(), p, square, upTo(1000), WithChunkSize(10))
	p.Close()
	p.Close()
	if err := p.Join(t.Context()); err != nil || !r.Successful() {
		t.Errorf("Join: %v, successful %v", err, r.Successful())
	}
	if _, err := Map(t.Context(), p, square, upTo(2)); !errors.Is(err, failure.ErrClosed) {
		t.Errorf("Map: %v", err)
	}
	for _, err := range Imap(t.Context(), p, square, intsBelow(2)) {
		if !errors.Is(err, failure.ErrClosed) {
			t.Errorf("Imap: %v", err)
		}
	}
}

func TestTerminateKillsWhatRuns(t *testing.T) {
	p := newPool(t, 2)
	file := filepath.Join(t.TempDir(), "running")
	running, waiting := ApplyAsync(t.Context(), p, forever, file), MapAsync(t.Context(), p, forever, make([]string, 5), WithChunkSize(1))
	appears(file)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("not so long"))
	p.Close()
	if err := p.Join(ctx); err == nil || err.Error() != "not so long" {
		t.Errorf("Join of a busy pool: %v", err)
	}
	p.Terminate()
	_, err1 := running.Get(t.Context())
	_, err2 := waiting.Get(t.Context())
	if !errors.Is(err1, failure.ErrClosed) || !errors.Is(err2, failure.ErrClosed) {
		t.Errorf("got %v and %v", err1, err2)
	}
	proctest.Mentions(t, err1, "the pool was terminated: it is closed")
	if err := p.Join(t.Context()); err != nil {
		t.Error(err)
	}
	p.Terminate()
}

func TestTheEndOfAContextEndsACallOrThePool(t *testing.T) {
	why := errors.New("enough")
	p := newPool(t, 1)
	file := filepath.Join(t.TempDir(), "running")
	ctx, cancel := context.WithCancelCause(t.Context())
	running := MapAsync(ctx, p, forever, []string{file, "", ""}, WithChunkSize(1))
	appears(file)
	other, leave := context.WithCancelCause(t.Context())
	waiting := ApplyAsync(other, p, twice, 1)
	next := ApplyAsync(t.Context(), p, twice, 2)
	leave(why)
	if _, err := waiting.Get(t.Context()); err != why { // while the worker is busy
		t.Errorf("in the queue: %v", err)
	}
	cancel(why)
	if _, err := running.Get(t.Context()); err != why {
		t.Errorf("running: %v", err)
	}
	if got, err := next.Get(t.Context()); got != 4 || err != nil {
		t.Errorf("the next one: %d, %v", got, err)
	}
	if _, err := Map(ctx, p, square, upTo(3)); err != why {
		t.Errorf("Map: %v", err)
	}
	n := 0
	for _, err := range Imap(ctx, p, square, intsBelow(3)) {
		if n++; err != why {
			t.Errorf("Imap: %v", err)
		}
	}
	if n != 1 {
		t.Errorf("Imap yields %d times", n)
	}

	ctx, cancel = context.WithCancelCause(t.Context())
	p, err := New(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	r := MapAsync(t.Context(), p, forever, make([]string, 10), WithChunkSize(1))
	var stream sync.WaitGroup
	stream.Go(func() {
		n := 0
		for _, err := range ImapUnordered(t.Context(), p, forever, slices.Values(make([]string, 100))) {
			if n++; err != why || n > 1 {
				t.Errorf("ImapUnordered: %v, %d times", err, n)
			}
		}
	})
	cancel(why)
	stream.Wait()
	if _, err := r.Get(t.Context()); err != why {
		t.Errorf("Map: %v", err)
	}
	if _, err := Apply(t.Context(), p, twice, 1); err != why {
		t.Errorf("Apply: %v", err)
	}
	if err := p.Join(t.Context()); err != why {
		t.Errorf("Join: %v", err)
	}
}

func TestAChunkThatIsTooLargeIsSentInParts(t *testing.T) {
	p := newPool(t, 1)
	blobs := make([][]byte, 5)
	for i := range blobs {
		blobs[i] = make([]byte, 20<<20+i)
	}
	got, err := Map(t.Context(), p, blob, blobs, WithChunkSize(5))
	if err != nil || len(got) != 5 || got[0] != 20<<20 || got[4] != 20<<20+4 {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = Map(t.Context(), p, blob, [][]byte{{1}, make([]byte, wire.MaxFrame)})
	if !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	proctest.Mentions(t, err, "item 1: the argument of test.blob cannot be sent")
	squares(t, p, 10)
}

func TestMisuseOfAPoolIsAnError(t *testing.T) {
	unknown := func(_ context.Context, x int) (int, error) { return x, nil }
	for want, opts := range map[error][]Option{
		failure.ErrNegative:     {WithRetries(-1)},
		worker.ErrNotRegistered: {WithInitializer(unknown, 1)},
	} {
		if _, err := New(t.Context(), 1, opts...); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	if _, err := New(t.Context(), 1, WithMaxTasksPerChild(-1)); !errors.Is(err, failure.ErrNegative) {
		t.Errorf("got %v", err)
	}
	if _, err := New(t.Context(), -1); !errors.Is(err, failure.ErrNegative) {
		t.Errorf("got %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(ended, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if beforeMain != worker.ErrNoMain {
		t.Errorf("got %v", beforeMain)
	}
	p := newPool(t, 0)
	if p.size != runtime.GOMAXPROCS(0) {
		t.Errorf("%d workers", p.size)
	}
	if _, err := Map(t.Context(), p, unknown, upTo(1)); !errors.Is(err, worker.ErrNotRegistered) {
		t.Errorf("Map: %v", err)
	}
	if _, err := Map(t.Context(), p, square, upTo(1), WithChunkSize(-1)); !errors.Is(err, failure.ErrNegative) {
		t.Errorf("Map: %v", err)
	}
}

func TestManyGoroutinesShareAPool(t *testing.T) {
	p := newPool(t, 2)
	var users sync.WaitGroup
	for i := range 8 {
		users.Go(func() {
			squares(t, p, 500+i)
			for x := range 20 {
				if got, err := Apply(t.Context(), p, twice, x); err != nil || got != 2*x {
					t.Errorf("got %d, %v", got, err)
				}
			}
		})
	}
	users.Wait()
	p.Close()
	if err := p.Join(t.Context()); err != nil {
		t.Error(err)
	}
}
