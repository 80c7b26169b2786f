package process

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cookbook/internal/process/proctest"
	"cookbook/internal/transcript"
	"cookbook/internal/wire"
)

// slotOf returns the slot of this process, 0 where no memory is shared.
func slotOf(g *Group) int {
	if g.space == nil {
		return 0
	}
	return g.space.Slot()
}

// What the tests run in processes of a loggedGroup.
var (
	introduce = Register("test.introduce", func(ctx context.Context, _ struct{}) (identity, error) {
		p := Current(ctx)
		return identity{p.Name(), p.Pid(), p.Daemon(), p.IsAlive(), p.String(), slotOf(CurrentGroup(ctx)), CurrentGroup(ctx).me == p}, nil
	})
	say = Register("test.say", func(ctx context.Context, text string) (struct{}, error) {
		Log(ctx).Actor(Current(ctx).Name()).Printf("%s", text)
		return struct{}{}, nil
	})
	// waits says that it is there, and waits for the end of its context.
	waits = Register("test.wait", func(ctx context.Context, _ struct{}) (struct{}, error) {
		Log(ctx).Actor(Current(ctx).Name()).Printf("here")
		<-ctx.Done()
		Log(ctx).Actor(Current(ctx).Name()).Printf("%v", context.Cause(ctx))
		return struct{}{}, context.Cause(ctx)
	})
	myself = Register("test.myself", func(ctx context.Context, what string) (struct{}, error) {
		p := Current(ctx)
		switch what {
		case "join":
			return struct{}{}, p.Join(ctx)
		case "start":
			return struct{}{}, p.Start()
		case "terminate":
			p.Terminate()
			select {}
		}
		return struct{}{}, nil
	})
)

// An identity is what a process knows of itself.
type identity struct {
	Name   string
	Pid    int
	Daemon bool
	Alive  bool
	Text   string
	Slot   int
	IsMe   bool
}

// loggedGroup makes a loggedGroup whose processes speak into the returned record.
func loggedGroup(t testing.TB) (*Group, *record) {
	t.Helper()
	r := &record{lines: make(chan string, 1000)}
	log := transcript.New(transcript.Config{Sink: r})
	g, err := NewGroup(t.Context(), WithLog(log))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g, r
}

// A record is the lines of a log, "actor: text".
type record struct{ lines chan string }

func (r *record) Event(e transcript.Event) {
	if e.Kind == transcript.Line {
		r.lines <- e.Actor + ": " + e.Text
	}
}

// hears checks what the next lines are, and waits for them.
func (r *record) hears(t *testing.T, want ...string) {
	t.Helper()
	for _, line := range want {
		if got := <-r.lines; got != line {
			t.Fatalf("the log has %q, want %q", got, line)
		}
	}
}

// rest returns the lines that are left.
func (r *record) rest() []string {
	var lines []string
	for {
		select {
		case line := <-r.lines:
			lines = append(lines, line)
		default:
			return lines
		}
	}
}

// started starts processes.
func started(t testing.TB, processes ...*Process) {
	t.Helper()
	for _, p := range processes {
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
	}
}

// afterJoin starts a process and waits for its end.
func afterJoin(t testing.TB, p *Process) *Process {
	t.Helper()
	started(t, p)
	if err := p.Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// code checks with which exit code a process has ended.
func code(t *testing.T, p *Process, want int) {
	t.Helper()
	if got, ended := p.ExitCode(); !ended || got != want {
		t.Errorf("%v: exit code %d (ended: %t), want %d", p, got, ended, want)
	}
}

func TestAFunctionRunsInAProcessOfItsOwn(t *testing.T) {
	g, _ := loggedGroup(t)
	p := afterJoin(t, New(g, twice, 21))
	code(t, p, 0)
	if got, err := Result[int](p); err != nil || got != 42 || p.Err() != nil {
		t.Errorf("got %d, %v and %v", got, err, p.Err())
	}
	p = afterJoin(t, New(g, pid, struct{}{}))
	if got, err := Result[int](p); err != nil || got != p.Pid() || got == os.Getpid() {
		t.Errorf("it ran in process %d, %v, want %d", got, err, p.Pid())
	}
	p = afterJoin(t, New(g, move, point{X: 1, Next: &point{Label: "ö"}}))
	for range 2 {
		if got, err := Result[*point](p); err != nil || got.X != 2 || got.Next.Label != "ö" {
			t.Errorf("a struct came back as %+v, %v", got, err)
		}
	}
	if _, err := Result[int](p); err == nil {
		t.Error("a struct was read as an int")
	}
}

func TestALargeArgumentAndResultTravel(t *testing.T) {
	g, _ := loggedGroup(t)
	sent := make([]byte, 3<<20)
	sent[3<<20-1] = 'x'
	p := afterJoin(t, New(g, echo, sent))
	if got, err := Result[[]byte](p); err != nil || len(got) != len(sent) || got[len(got)-1] != 'x' {
		t.Errorf("%d bytes came back as %d, %v", len(sent), len(got), err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Result[[]byte](p); !errors.Is(err, ErrNoResult) {
		t.Errorf("after Close: %v", err)
	}
	if err := New(g, echo, make([]byte, wire.MaxFrame)).Start(); !errors.Is(err, ErrTooLarge) {
		t.Errorf("64 MiB and a little: %v", err)
	}
	p = afterJoin(t, New(g, large, wire.MaxFrame))
	code(t, p, 1)
	proctest.Mentions(t, p.Err(), "test.large: its result cannot be sent: ", "64 MiB")
}

func TestAProcessHasANameOfItsOwnOrOneByNumber(t *testing.T) {
	g, _ := loggedGroup(t)
	first, second := New(g, introduce, struct{}{}, WithName("foo_process")), New(g, introduce, struct{}{}, WithDaemon())
	if first.Name() != "foo_process" || second.Name() != "Process-2" {
		t.Errorf("they are named %s and %s", first.Name(), second.Name())
	}
	slots := map[int]bool{0: true}
	for _, p := range []*Process{first, second} {
		afterJoin(t, p)
		got, err := Result[identity](p)
		if err != nil || got.Name != p.Name() || got.Pid != p.Pid() || got.Daemon != p.Daemon() || !got.Alive || !got.IsMe {
			t.Errorf("%v knows itself as %+v, %v", p, got, err)
		}
		if runtime.GOOS == "linux" && slots[got.Slot] {
			t.Errorf("two processes have slot %d", got.Slot)
		}
		slots[got.Slot] = true
	}
	other, _ := loggedGroup(t)
	if p := New(other, twice, 1); p.Name() != "Process-1" {
		t.Errorf("the first of another loggedGroup is %s", p.Name())
	}
	if p := Current(t.Context()); p != nil || CurrentGroup(t.Context()) != nil {
		t.Errorf("the process that made the loggedGroup is %v", p)
	}
	Log(t.Context()).Printf("nobody hears this")
}

func TestExitCodesTellHowAProcessEnded(t *testing.T) {
	g, r := loggedGroup(t)
	code(t, afterJoin(t, New(g, twice, 1)), 0)

	p := afterJoin(t, New(g, fail, "no bread"))
	code(t, p, 1)
	var remote *RemoteError
	if !errors.As(p.Err(), &remote) || remote.Func != "test.fail" || remote.Msg != "no bread" {
		t.Errorf("it failed with %v", p.Err())
	}
	if _, err := Result[int](p); err != p.Err() {
		t.Errorf("its result is %v", err)
	}
	p = afterJoin(t, New(g, boom, "ouch"))
	code(t, p, 1)
	if !errors.As(p.Err(), &remote) || remote.Msg != "ouch" || !strings.Contains(remote.Stack, "main_test.go") {
		t.Errorf("it failed with %v", p.Err())
	}
	p = afterJoin(t, New(g, leave, struct{}{}))
	code(t, p, 1)
	proctest.Mentions(t, p.Err(), "Goexit")

	p = afterJoin(t, New(g, exit, 3))
	code(t, p, 3)
	if !errors.Is(p.Err(), ErrDied) {
		t.Errorf("its error is %v", p.Err())
	}
	proctest.Mentions(t, p.Err(), "Process-5", "exit code 3")
	p = afterJoin(t, New(g, exit, 0))
	code(t, p, 0)
	if _, err := Result[int](p); p.Err() != nil || !errors.Is(err, ErrNoResult) {
		t.Errorf("after os.Exit(0): %v, and the result is %v", p.Err(), err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for want, end := range map[int]func(*Process) error{-15: (*Process).Terminate, -9: (*Process).Kill} {
		p := New(g, waits, struct{}{})
		started(t, p)
		r.hears(t, p.Name()+": here")
		if err := end(p); err != nil {
			t.Error(err)
		}
		if err := p.Join(t.Context()); err != nil {
			t.Error(err)
		}
		code(t, p, want)
		if !errors.Is(p.Err(), ErrDied) {
			t.Errorf("its error is %v", p.Err())
		}
		if err := end(p); err != nil {
			t.Errorf("to end it once more: %v", err)
		}
	}
	p = afterJoin(t, New(g, myself, "terminate"))
	code(t, p, -15)
	proctest.Mentions(t, p.Err(), "SIGTERM")
	if p.String() != p.Name()+" (pid "+strconv.Itoa(p.Pid())+", ended by SIGTERM)" {
		t.Errorf("it is %v", p)
	}
}

func TestAProcessIsAliveFromItsStartToItsEnd(t *testing.T) {
	g, r := loggedGroup(t)
	p := New(g, waits, struct{}{}, WithName("foo"), WithDaemon())
	state := func(alive bool, pid int, text string) {
		t.Helper()
		if p.IsAlive() != alive || p.Pid() != pid || p.String() != text {
			t.Errorf("alive: %t, pid %d, %v; want %t, %d, %s", p.IsAlive(), p.Pid(), p, alive, pid, text)
		}
	}
	state(false, 0, "foo (initial, daemon)")
	for what, err := range map[string]error{"Join": p.Join(t.Context()), "Terminate": p.Terminate(), "Kill": p.Kill()} {
		if !errors.Is(err, ErrNotStarted) {
			t.Errorf("%s before the start: %v", what, err)
		}
	}
	if _, err := Result[struct{}](p); !errors.Is(err, ErrNotStarted) {
		t.Errorf("the result before the start: %v", err)
	}
	if _, ended := p.ExitCode(); ended || p.Err() != nil || p.Close() != nil {
		t.Error("it has ended before its start")
	}
	started(t, p)
	r.hears(t, "foo: here")
	state(true, p.Pid(), "foo (pid "+strconv.Itoa(p.Pid())+", started, daemon)")
	if err := p.Start(); !errors.Is(err, ErrStarted) {
		t.Errorf("the second start: %v", err)
	}
	if err := p.Close(); !errors.Is(err, ErrAlive) {
		t.Errorf("Close: %v", err)
	}
	if _, err := Result[struct{}](p); !errors.Is(err, ErrAlive) {
		t.Errorf("the result: %v", err)
	}
	err := p.JoinTimeout(t.Context(), time.Millisecond)
	if !errors.Is(err, ErrTimeout) {
		t.Errorf("JoinTimeout: %v", err)
	}
	proctest.Mentions(t, err, "join foo")
	changed := errors.New("changed my mind")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(changed)
	if err := p.Join(ctx); !errors.Is(err, changed) {
		t.Errorf("Join whose context has ended: %v", err)
	}
	p.Kill()
	if err := p.Join(t.Context()); err != nil {
		t.Error(err)
	}
	if p.IsAlive() || p.Join(ctx) != nil || p.JoinTimeout(ctx, 0) != nil {
		t.Error("it is not over")
	}
	if err := p.Start(); !errors.Is(err, ErrStarted) {
		t.Errorf("the second start: %v", err)
	}
}

func TestAProcessKnowsBetterThanToJoinItself(t *testing.T) {
	g, _ := loggedGroup(t)
	proctest.Mentions(t, afterJoin(t, New(g, myself, "join")).Err(), "join Process-1: a process cannot wait for its own end")
	proctest.Mentions(t, afterJoin(t, New(g, myself, "start")).Err(), "start Process-2: already started")
}

func TestAFunctionThatIsNotRegisteredIsNotStarted(t *testing.T) {
	g, _ := loggedGroup(t)
	p := New(g, func(context.Context, int) (int, error) { return 0, nil }, 1)
	err := p.Start()
	if !errors.Is(err, ErrNotRegistered) || p.Pid() != 0 || p.IsAlive() {
		t.Errorf("%v: %v", p, err)
	}
	proctest.Mentions(t, err, "start Process-1", "TestAFunctionThatIsNotRegisteredIsNotStarted", "process.Register")
	if err := New(g, picky, dainty{13}).Start(); err != nil {
		t.Error(err) // its argument cannot be read, which is found out there
	}
	proctest.Mentions(t, New(g, stubborn, refuses{1}).Start(), "the argument of test.stubborn cannot be sent", "it stays here")
}

var stubborn = Register("test.stubborn", func(context.Context, refuses) (int, error) { return 0, nil })

type refuses struct{ n int }

func (refuses) GobEncode() ([]byte, error) { return nil, errors.New("it stays here") }
func (*refuses) GobDecode([]byte) error    { return nil }

func TestAnArgumentThatCannotBeReadIsAnError(t *testing.T) {
	g, _ := loggedGroup(t)
	p := afterJoin(t, New(g, picky, dainty{13}))
	code(t, p, 1)
	proctest.Mentions(t, p.Err(), "test.picky: its argument cannot be read", "not to its taste")
}

func TestManyMayStartAndJoinAtOnce(t *testing.T) {
	g, r := loggedGroup(t)
	p := New(g, say, "once")
	results := make(chan error)
	for range 4 {
		go func() {
			err := p.Start()
			if err == nil || errors.Is(err, ErrStarted) {
				err = errors.Join(err, p.Join(t.Context()))
			}
			results <- err
		}()
	}
	first := 0
	for range 4 {
		if err := <-results; err == nil {
			first++
		} else if !errors.Is(err, ErrStarted) {
			t.Error(err)
		}
	}
	if lines := r.rest(); first != 1 || len(lines) != 1 {
		t.Errorf("%d have started it, and it said %q", first, lines)
	}
}

func TestThePrintedLinesGoWhereThoseOfTheParentGo(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	was := os.Stdout
	os.Stdout = w
	defer func() { os.Stdout = was }()
	g, _ := loggedGroup(t)
	p := afterJoin(t, New(g, noisy, struct{}{}))
	w.Close()
	b := make([]byte, 100)
	n, _ := r.Read(b)
	if string(b[:n]) != "this would spoil the answer\n" {
		t.Errorf("it printed %q", b[:n])
	}
	proctest.Mentions(t, p.Err(), "EOF") // its standard input is empty
}

func TestSignalsHaveNames(t *testing.T) {
	for n, want := range map[syscall.Signal]string{syscall.SIGTERM: "SIGTERM", 63: "signal 63"} {
		if got := signalName(int(n)); runtime.GOOS != "windows" && got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}
