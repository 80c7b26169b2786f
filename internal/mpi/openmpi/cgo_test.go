//go:build mpi && linux

package openmpi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cookbook/internal/mpi"
	"cookbook/internal/mpi/engine"
	"cookbook/internal/mpi/openmpi"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
	"cookbook/internal/waitfor"
)

// underMpirun is a context with the engine, if the machine has it.
func underMpirun(t *testing.T) context.Context {
	t.Helper()
	e := openmpi.Engine{}
	if err := e.Check(t.Context()); err != nil {
		if slices.Contains(strings.Split(os.Getenv("COOKBOOK_REQUIRE"), ","), "mpi") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return mpi.WithEngine(t.Context(), e)
}

// gone reports whether a process has ended, whether or not somebody has asked how.
func gone(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return state[0] == 'Z' || state[0] == 'X'
}

// allGone checks that n ranks have said which processes they are, and that these have ended.
func allGone(t *testing.T, h *openmpi.HeardLines, n int) {
	t.Helper()
	lines := h.All()
	if len(lines) != n {
		t.Errorf("%d ranks said who they are, want %d: %q", len(lines), n, lines)
	}
	for _, l := range lines {
		rank, word, _ := strings.Cut(l, ": ")
		pid, err := strconv.Atoi(word)
		if err != nil || !gone(pid) {
			t.Errorf("%s, process %q, is still there (%v)", rank, word, err)
		}
	}
}

// faulty says which process it is. When all have said so, rank 1 does what it is told, and the others wait for a message
// that nobody sends.
var faulty = mpi.Register("openmpi.test.faulty", func(ctx context.Context, c *mpi.Comm, how string) (int, error) {
	mpi.Log(ctx).Actor(strconv.Itoa(c.Rank())).Printf("%d", os.Getpid())
	if err := c.Barrier(); err != nil {
		return 0, err
	}
	if c.Rank() == 1 {
		switch how {
		case "error":
			return 0, errors.New("it does not like it")
		case "panic":
			panic("it falls over")
		case "exit 7":
			fmt.Fprintln(os.Stderr, "a last word")
			os.Exit(7)
		case "exit 0":
			os.Exit(0)
		case "kill":
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		case "abort":
			defer panic("what is deferred runs")
			c.Abort(5)
		case "crash":
			return 1 / (c.Rank() - 1), nil
		}
	}
	_, err := mpi.Recv(c, make([]int, 1), c.Rank(), 1)
	return 0, err
})

func TestAFaultOfOneRankEndsAll(t *testing.T) {
	ctx := underMpirun(t)
	for how, want := range map[string]struct {
		mpi.Error
		says string
	}{
		"error":  {mpi.Error{Class: mpi.ErrFailed, Rank: 1}, "rank 1: it does not like it"},
		"panic":  {mpi.Error{Class: mpi.ErrFailed, Rank: 1}, "panicked: it falls over"},
		"crash":  {mpi.Error{Class: mpi.ErrFailed, Rank: 1}, "divide by zero"},
		"exit 7": {mpi.Error{Class: mpi.ErrDied, Rank: 1}, "rank 1 ended by itself, with exit code 7:\na last word"},
		"exit 0": {mpi.Error{Class: mpi.ErrDied, Rank: 1}, "rank 1 ended by itself, with exit code 0"},
		"kill":   {mpi.Error{Class: mpi.ErrDied, Rank: 1}, "rank 1 was killed by signal 9"},
		"abort":  {mpi.Error{Class: mpi.ErrAborted, Rank: 1, Code: 5}, "rank 1 aborted with code 5"},
	} {
		t.Run(how, func(t *testing.T) {
			var h openmpi.HeardLines
			_, err := mpi.Run(ctx, faulty, 3, how, mpi.WithLog(transcript.New(transcript.Config{Sink: &h})))
			var e *mpi.Error
			if !errors.As(err, &e) || e.Class != want.Class || e.Rank != want.Rank || e.Code != want.Code || !strings.Contains(e.Text, want.says) {
				t.Errorf("the error is %#v: %v", e, err)
			}
			allGone(t, &h, 3)
		})
	}
}

func TestWhatEndsTheRunEndsAllRanks(t *testing.T) {
	ctx := underMpirun(t)
	t.Run("a time-out", func(t *testing.T) {
		var h openmpi.HeardLines
		_, err := mpi.Run(ctx, faulty, 3, "wait", mpi.WithLog(transcript.New(transcript.Config{Sink: &h})), mpi.WithTimeout(3*time.Second))
		if !errors.Is(err, mpi.ErrTimeout) || !strings.Contains(err.Error(), "after 3s: waited for ranks 0, 1, 2") {
			t.Errorf("the error is %v", err)
		}
		allGone(t, &h, 3)
	})
	t.Run("a time-out when some have returned", func(t *testing.T) {
		ctx, board := waitfor.NewContext(ctx)
		h, said := openmpi.HeardLines{}, make(chan struct{}, 2)
		asked := make(chan []waitfor.Wait, 1)
		go func() {
			<-said
			<-said
			asked <- board.Waits()
		}()
		_, err := mpi.Run(ctx, leaving, 3, struct{}{}, mpi.WithLog(transcript.New(transcript.Config{Sink: signalling{&h, said}})), mpi.WithTimeout(3*time.Second))
		if !errors.Is(err, mpi.ErrTimeout) || !strings.Contains(err.Error(), "after 3s: waited for rank 1") {
			t.Errorf("the error is %v", err)
		}
		if waits := <-asked; len(waits) != 1 || waits[0].Who != "mpirun" {
			t.Errorf("meanwhile there waited %v", waits)
		}
	})
	t.Run("a time-out before it has begun", func(t *testing.T) {
		if _, err := mpi.Run(ctx, faulty, 3, "wait", mpi.WithTimeout(time.Millisecond)); !errors.Is(err, mpi.ErrTimeout) {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("its context", func(t *testing.T) {
		h := openmpi.HeardLines{}
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		stop := errors.New("enough")
		said := make(chan struct{}, 3)
		go func() {
			for range 3 {
				<-said
			}
			cancel(stop)
		}()
		_, err := mpi.Run(ctx, faulty, 3, "wait", mpi.WithLog(transcript.New(transcript.Config{Sink: signalling{&h, said}})))
		if err != stop {
			t.Errorf("the error is %v", err)
		}
		allGone(t, &h, 3)
	})
}

// leaving returns, but on rank 1, which waits for what nobody sends.
var leaving = mpi.Register("openmpi.test.leaving", func(ctx context.Context, c *mpi.Comm, _ struct{}) (int, error) {
	if c.Rank() == 1 {
		_, err := mpi.Recv(c, make([]int, 1), 0, 1)
		return 0, err
	}
	mpi.Log(ctx).Printf("goes")
	return 0, nil
})

// signalling tells of each line.
type signalling struct {
	*openmpi.HeardLines
	said chan<- struct{}
}

func (s signalling) Event(e transcript.Event) {
	s.HeardLines.Event(e)
	s.said <- struct{}{}
}

// parentOfRanks is a process of its own that runs ranks which wait, and says who they are.
var parentOfRanks = process.RegisterRole("openmpi.test.parent", func() error {
	said := make(chan struct{}, 3)
	h := &openmpi.HeardLines{}
	go func() {
		for range 3 {
			<-said
		}
		json.NewEncoder(os.Stdout).Encode(h.All())
	}()
	_, err := mpi.Run(mpi.WithEngine(context.Background(), openmpi.Engine{}), faulty, 3, "wait", mpi.WithLog(transcript.New(transcript.Config{Sink: signalling{h, said}})))
	return err
})

func TestRanksDoNotOutliveWhoRunsThem(t *testing.T) {
	ctx := underMpirun(t)
	cmd, err := parentOfRanks.Command(ctx)
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var h openmpi.HeardLines
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&h.Lines); err != nil {
		t.Error(err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	for _, l := range h.Lines {
		_, word, _ := strings.Cut(l, ": ")
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		for !gone(pid) {
			time.Sleep(time.Millisecond) // nobody tells of a stranger's end
		}
	}
	if len(h.Lines) != 3 {
		t.Errorf("%d ranks said who they are", len(h.Lines))
	}
}

// large returns its argument, whatever its size.
var large = mpi.Register("openmpi.test.large", func(_ context.Context, c *mpi.Comm, b []byte) ([]byte, error) {
	in := make([]byte, len(b))
	left, right := (c.Rank()+c.Size()-1)%c.Size(), (c.Rank()+1)%c.Size()
	_, err := mpi.Sendrecv(c, b, right, 0, in, left, 0)
	return in, err
})

func TestArgumentsAndResultsMayBeLarge(t *testing.T) {
	ctx := underMpirun(t)
	b := make([]byte, 20<<20)
	for i := range b {
		b[i] = byte(i % 251)
	}
	all, err := mpi.Run(ctx, large, 2, b)
	if err != nil || len(all) != 2 || !slices.Equal(all[0], b) || !slices.Equal(all[1], b) {
		t.Errorf("%d results, %v", len(all), err)
	}
}

// order receives values by requests that are begun in one order and waited for in another, and among them a buffer.
var order = mpi.Register("openmpi.test.order", func(_ context.Context, c *mpi.Comm, _ struct{}) (string, error) {
	if c.Rank() == 0 {
		return "", errors.Join(
			mpi.SendValue(c, "one", 1, 1), mpi.SendValue(c, "two", 1, 1), mpi.Send(c, []int{3}, 1, 1),
			mpi.SendValue(c, "other", 1, 2), mpi.SendValue(c, "four", 1, 1), c.Barrier(),
		)
	}
	first, e1 := mpi.IrecvValue[string](c, 0, 1)
	second, e2 := mpi.IrecvValue[string](c, mpi.AnySource, 1)
	buf := make([]int, 1)
	third, e3 := mpi.Irecv(c, buf, 0, mpi.AnyTag)
	if err := errors.Join(e1, e2, e3); err != nil {
		return "", err
	}
	d, s, e4 := mpi.RecvValue[string](c, 0, mpi.AnyTag)
	d2, _, e5 := mpi.RecvValue[string](c, 0, 1)
	_, e6 := third.Wait()
	b, _, e7 := second.Wait()
	a, _, e8 := first.Wait()
	if err := errors.Join(e4, e5, e6, e7, e8, c.Barrier()); err != nil {
		return "", err
	}
	return fmt.Sprint(a, " ", b, " ", buf[0], " ", d, " ", s.Tag, " ", d2), nil
})

func TestMessagesGoToReceivesInTheirOrder(t *testing.T) {
	all, err := mpi.Run(underMpirun(t), order, 2, struct{}{}, mpi.WithTimeout(time.Minute))
	if err != nil || all[1] != "one two 3 other 2 four" {
		t.Errorf("received %q, %v", all, err)
	}
}

// crossing has each rank send more than any library keeps, before it waits for the value that the other one sends.
var crossing = mpi.Register("openmpi.test.crossing", func(_ context.Context, c *mpi.Comm, _ struct{}) (int, error) {
	in, err := mpi.IrecvValue[[]int](c, 1-c.Rank(), 0)
	if err != nil {
		return 0, err
	}
	if err := mpi.SendValue(c, make([]int, 1<<20), 1-c.Rank(), 0); err != nil {
		return 0, err
	}
	v, _, err := in.Wait()
	return len(v), err
})

func TestABegunReceiveTakesItsMessageDuringASend(t *testing.T) {
	all, err := mpi.Run(underMpirun(t), crossing, 2, struct{}{}, mpi.WithTimeout(time.Minute))
	if err != nil || all[0] != 1<<20 || all[1] != 1<<20 {
		t.Errorf("received %v, %v", all, err)
	}
}

// forgetful begins requests and forgets them.
var forgetful = mpi.Register("openmpi.test.forgetful", func(_ context.Context, c *mpi.Comm, _ struct{}) (int, error) {
	for range 100 {
		if _, err := mpi.Isend(c, make([]int, 10), c.Rank(), 1); err != nil {
			return 0, err
		}
		if _, err := mpi.Irecv(c, make([]int, 10), c.Rank(), 2); err != nil {
			return 0, err
		}
	}
	sum := 0
	for range 200 {
		sum += len(make([]byte, 1<<20)) // garbage is collected
	}
	return sum, nil
})

func TestForgottenRequestsDoNoHarm(t *testing.T) {
	if _, err := mpi.Run(underMpirun(t), forgetful, 2, struct{}{}, mpi.WithTimeout(time.Minute)); err != nil {
		t.Error(err)
	}
}

func TestRanksThatMpirunCannotStartAreAnError(t *testing.T) {
	ctx := underMpirun(t)
	if _, err := mpi.Run(ctx, faulty, 0, ""); !errors.Is(err, mpi.ErrCount) {
		t.Errorf("no ranks: %v", err)
	}
	hosts := t.TempDir() + "/hosts"
	if err := os.WriteFile(hosts, []byte("this is [no] hostfile = 3 = 4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := mpi.Run(mpi.WithEngine(ctx, openmpi.Engine{Hostfile: hosts}), faulty, 2, "", mpi.WithTimeout(time.Minute))
	if !errors.Is(err, mpi.ErrDied) {
		t.Errorf("a hostfile that is none: %v", err)
	}
}

func TestRanksOnNamedHostsFindTheWayBack(t *testing.T) {
	ctx := underMpirun(t)
	all, err := mpi.Run(mpi.WithEngine(ctx, openmpi.Engine{Hosts: []string{"localhost:2"}}), large, 2, []byte("there and back"))
	if err != nil || string(all[0]) != "there and back" {
		t.Errorf("got %q, %v", all, err)
	}
}

// byHandReport is what a process that mpirun has started by hand writes.
type byHandReport struct {
	Rank    int
	Results []string
	Class   mpi.ErrorClass
	Err     string
	Again   string
	Lines   []string
}

var handed = mpi.Register("openmpi.test.handed", func(ctx context.Context, c *mpi.Comm, how string) (string, error) {
	mpi.Log(ctx).Actor(strconv.Itoa(c.Rank())).Printf("%s in %d", how, c.Size())
	if err := c.Barrier(); err != nil {
		return "", err
	}
	switch {
	case how == "error" && c.Rank() == 1:
		return "", errors.New("it does not like it")
	case how == "abort" && c.Rank() == 1:
		c.Abort(5)
	case how == "abort", how == "error", how == "wait":
		_, err := mpi.Recv(c, make([]int, 1), c.Rank(), 1)
		return "", err
	}
	return fmt.Sprint(how, c.Rank()), nil
})

// byHandRole is a command that mpirun starts by hand.
var byHandRole = process.RegisterRole("openmpi.test.byhand", func() error {
	how := os.Getenv("COOKBOOK_HOW")
	r := byHandReport{}
	r.Rank, _, _ = mpi.Joined()
	var h openmpi.HeardLines
	ctx := mpi.WithEngine(context.Background(), openmpi.ByHand{})
	n, opts := 3, []mpi.Option{mpi.WithLog(transcript.New(transcript.Config{Sink: &h}))}
	switch how {
	case "number":
		n = 5
	case "wait":
		opts = append(opts, mpi.WithTimeout(time.Second))
	}
	var err error
	if r.Results, err = mpi.Run(ctx, handed, n, how, opts...); err != nil {
		r.Class, r.Err = engine.ClassOf(err), err.Error()
	}
	if how != "number" {
		if again, err := mpi.Run(ctx, handed, n, "again", opts...); err != nil {
			r.Again = err.Error()
		} else {
			r.Again = again[2]
		}
	}
	r.Lines = h.All()
	json.NewEncoder(os.Stdout).Encode(r)
	if err := mpi.Leave(); err != nil {
		return err
	}
	if r.Class != 0 {
		os.Exit(3)
	}
	return nil
})

// byHandRun starts three such commands and returns what they wrote, by rank, and how mpirun ended.
func byHandRun(t *testing.T, how string) ([]byHandReport, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(underMpirun(t), time.Minute)
	defer cancel()
	t.Setenv("COOKBOOK_HOW", how)
	self, err := byHandRole.Command(ctx)
	if err != nil {
		t.Fatal(err)
	}
	argv, _, err := mpi.Mpirun(ctx, 3)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, argv[0], "-n", "3", "--oversubscribe", "--mca", "mpi_yield_when_idle", "1", self.Path)
	cmd.Env = append(self.Env, "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil && how == "hello" {
		t.Log(said.String())
	}
	all := make([]byHandReport, 3)
	for line := range strings.Lines(string(out)) {
		var r byHandReport
		if json.Unmarshal([]byte(line), &r) == nil {
			all[r.Rank] = r
		}
	}
	if ctx.Err() != nil {
		t.Fatalf("it does not end: %s%s", out, said.String())
	}
	return all, err
}

func TestCommandsStartedByMpirunAreTheRanks(t *testing.T) {
	all, err := byHandRun(t, "hello")
	if err != nil {
		t.Errorf("mpirun: %v", err)
	}
	for r, got := range all {
		if !slices.Equal(got.Results, []string{"hello0", "hello1", "hello2"}) || got.Again != "again2" {
			t.Errorf("rank %d got %+v", r, got)
		}
		if want := 6 * (1 - min(r, 1)); len(got.Lines) != want {
			t.Errorf("rank %d heard %q, want %d lines", r, got.Lines, want)
		}
	}
}

func TestAnErrorIsThatOfAllCommands(t *testing.T) {
	for how, want := range map[string]struct {
		class mpi.ErrorClass
		says  string
	}{
		"error":  {mpi.ErrFailed, "rank 1: it does not like it"},
		"abort":  {mpi.ErrAborted, "rank 1 aborted with code 5"},
		"wait":   {mpi.ErrTimeout, "not done after 1s"},
		"number": {mpi.ErrCount, "started with 3 ranks by mpirun"},
	} {
		t.Run(how, func(t *testing.T) {
			all, err := byHandRun(t, how)
			var failed *exec.ExitError
			if !errors.As(err, &failed) || failed.ExitCode() != 3 {
				t.Errorf("mpirun: %v", err)
			}
			// mpirun ends the others as soon as one has: it is certain only that the first one has told.
			told := 0
			for r, got := range all {
				if got.Class == 0 {
					continue
				}
				if told++; got.Class != want.class || !strings.Contains(got.Err, want.says) {
					t.Errorf("rank %d: %s: %s", r, got.Class, got.Err)
				}
				if how != "number" && !strings.Contains(got.Again, "of no use") {
					t.Errorf("rank %d ran again: %s", r, got.Again)
				}
			}
			if told == 0 {
				t.Error("no rank has told")
			}
		})
	}
}

// listening returns the addresses at which this process listens, as the kernel writes them.
func listening() ([]string, error) {
	mine := map[string]bool{}
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if link, err := os.Readlink("/proc/self/fd/" + f.Name()); err == nil && strings.HasPrefix(link, "socket:[") {
			mine[strings.TrimSuffix(strings.TrimPrefix(link, "socket:["), "]")] = true
		}
	}
	var all []string
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(table)
		if err != nil {
			continue // no such protocol here
		}
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) > 9 && f[3] == "0A" && mine[f[9]] {
				all = append(all, f[1])
			}
		}
	}
	return all, nil
}

var listens = mpi.Register("openmpi.test.listens", func(_ context.Context, c *mpi.Comm, _ int) ([]string, error) {
	if err := c.Barrier(); err != nil {
		return nil, err
	}
	return listening()
})

func TestOnOneMachineRanksListenNowhere(t *testing.T) {
	ctx := underMpirun(t)
	all, err := mpi.Run(ctx, listens, 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	for r, addresses := range all {
		if len(addresses) > 0 {
			t.Errorf("rank %d listens at %q", r, addresses)
		}
	}
}
