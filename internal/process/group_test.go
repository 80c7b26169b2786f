package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"cookbook/internal/process/proctest"
	"cookbook/internal/transcript"
	"cookbook/internal/waitfor"
	"cookbook/internal/wire"
)

var (
	// chatter says n lines.
	chatter = Register("test.chatter", func(ctx context.Context, n int) (struct{}, error) {
		for i := range n {
			Log(ctx).Actor(Current(ctx).Name()).Printf("line %d", i)
		}
		return struct{}{}, nil
	})
	// relayed starts a process that says a text, joins it and says another.
	relayed = Register("test.relayed", func(ctx context.Context, text string) (string, error) {
		p := New(CurrentGroup(ctx), say, text)
		if err := p.Start(); err != nil {
			return "", err
		}
		if err := p.Join(ctx); err != nil {
			return "", err
		}
		Log(ctx).Actor(Current(ctx).Name()).Printf("%s has ended", p.Name())
		return p.Name(), p.Err()
	})
	// leaves starts a daemon that waits and a process that speaks, and returns without having joined them.
	leaves = Register("test.leaves", func(ctx context.Context, _ struct{}) (struct{}, error) {
		g := CurrentGroup(ctx)
		err := New(g, waits, struct{}{}, WithName("daemon"), WithDaemon()).Start()
		return struct{}{}, errors.Join(err, New(g, chatter, 3, WithName("other")).Start())
	})
	slotsOf = Register("test.slots", func(ctx context.Context, n int) ([]int, error) {
		slots := []int{CurrentGroup(ctx).space.Slot()}
		if n == 0 {
			return slots, nil
		}
		for range 2 {
			p := New(CurrentGroup(ctx), again, n-1)
			if err := errors.Join(p.Start(), p.Join(ctx)); err != nil {
				return nil, err
			}
			more, err := Result[[]int](p)
			if err != nil {
				return nil, err
			}
			slots = append(slots, more...)
		}
		return slots, nil
	})
	again func(context.Context, int) ([]int, error)
	// nests makes a group within a process.
	nests = Register("test.nests", func(ctx context.Context, _ struct{}) (string, error) {
		g, err := NewGroup(ctx)
		if err != nil {
			return "", err
		}
		defer g.Close()
		if l, err := NewLock(CurrentGroup(ctx), "lock"); err == nil {
			data, _ := l.MarshalBinary()
			if err := new(Lock).UnmarshalBinary(data); err != nil {
				return "", fmt.Errorf("the process was drawn into another group: %w", err)
			}
		}
		p := New(g, twice, 2)
		return p.Name(), errors.Join(p.Start(), p.Join(ctx))
	})
)

func init() { again = slotsOf }

// finite fails the test if there are children of this process left.
func finite(t *testing.T) {
	t.Helper()
	if left := childrenOf(t, os.Getpid()); len(left) > 0 {
		t.Errorf("processes are left: %v", left)
	}
}

func TestTheLinesOfProcessesComeInTheOrderOfTheCalls(t *testing.T) {
	g, r := loggedGroup(t)
	const processes, lines = 4, 25
	var all []*Process
	for range processes {
		all = append(all, New(g, chatter, lines))
	}
	started(t, all...)
	for _, p := range all {
		if err := p.Join(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	next := map[string]int{}
	for _, line := range r.rest() {
		who, text, _ := strings.Cut(line, ": ")
		if want := fmt.Sprintf("line %d", next[who]); text != want {
			t.Errorf("%s said %q, want %q", who, text, want)
		}
		next[who]++
	}
	for _, p := range all {
		if next[p.Name()] != lines {
			t.Errorf("%s said %d lines before it was joined, want %d", p.Name(), next[p.Name()], lines)
		}
	}
	for i := range 5 {
		afterJoin(t, New(g, say, fmt.Sprint(i)))
		g.log.Actor("main").Printf("%d again", i)
		r.hears(t, fmt.Sprintf("Process-%d: %d", processes+1+i, i), fmt.Sprintf("main: %d again", i))
	}
}

func TestGrandchildrenSpeakIntoTheSameLog(t *testing.T) {
	g, r := loggedGroup(t)
	afterJoin(t, New(g, say, "first"))
	p := afterJoin(t, New(g, relayed, "hello"))
	if name, err := Result[string](p); err != nil || name != "Process-2:1" {
		t.Errorf("the grandchild is %q, %v", name, err)
	}
	r.hears(t, "Process-1: first", "Process-2:1: hello", "Process-2: Process-2:1 has ended")
}

func TestTheLogOfAProcessIsThatOfTheRun(t *testing.T) {
	out := transcript.New(transcript.Config{Recipe: "ch3.name", Speed: transcript.SpeedMax, Seed: 7})
	g, err := NewGroup(t.Context(), WithLog(out))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	p := afterJoin(t, New(g, drawn, "actor"))
	if got, err := Result[uint64](p); err != nil || got != out.Actor("actor").Rand().Uint64() {
		t.Errorf("the random number there is %d, %v", got, err)
	}
}

var drawn = Register("test.drawn", func(ctx context.Context, actor string) (uint64, error) {
	if Log(ctx).Speed() != transcript.SpeedMax {
		return 0, errors.New("another speed")
	}
	return Log(ctx).Actor(actor).Rand().Uint64(), nil
})

func TestWithoutALogNobodyHears(t *testing.T) {
	g, err := NewGroup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	code(t, afterJoin(t, New(g, say, "hello")), 0)
}

func TestEveryProcessOfAGroupHasASlotOfItsOwn(t *testing.T) {
	g, _ := loggedGroup(t)
	if g.space == nil {
		t.Skip("no memory is shared here")
	}
	p := afterJoin(t, New(g, slotsOf, 2))
	slots, err := Result[[]int](p)
	if err != nil || len(slots) != 7 {
		t.Fatal(slots, err)
	}
	slices.Sort(slots)
	if len(slices.Compact(slices.Clone(slots))) != 7 || slots[0] <= g.space.Slot() {
		t.Errorf("the slots are %v", slots)
	}
	for _, slot := range append(slots, g.space.Slot()) {
		if g.space.Alive(slot) != (slot == g.space.Slot()) {
			t.Errorf("slot %d is alive: %t", slot, slot != g.space.Slot())
		}
	}
}

func TestADaemonStartsNoProcesses(t *testing.T) {
	g, _ := loggedGroup(t)
	p := afterJoin(t, New(g, relayed, "hello", WithDaemon()))
	proctest.Mentions(t, p.Err(), "test.relayed: start Process-1:1: a daemon may not start processes")
	p = afterJoin(t, New(g, nests, struct{}{}, WithDaemon()))
	proctest.Mentions(t, p.Err(), "a daemon may not start processes")
}

func TestAProcessMayHaveAGroupOfItsOwn(t *testing.T) {
	g, _ := loggedGroup(t)
	p := afterJoin(t, New(g, nests, struct{}{}))
	if name, err := Result[string](p); err != nil || name != "Process-1" {
		t.Errorf("got %q, %v", name, err)
	}
}

func TestJoiningAGroupEndsDaemonsAndWaitsForTheOthers(t *testing.T) {
	g, r := loggedGroup(t)
	daemon, other := New(g, waits, struct{}{}, WithDaemon()), New(g, chatter, 3)
	started(t, daemon)
	r.hears(t, "Process-1: here")
	started(t, other)
	if got := g.Children(); !slices.Equal(got, []*Process{daemon, other}) {
		t.Errorf("its children are %v", got)
	}
	if err := g.Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.hears(t, "Process-2: line 0", "Process-2: line 1", "Process-2: line 2")
	code(t, daemon, ended)
	code(t, other, 0)
	if got := g.Children(); len(got) != 0 {
		t.Errorf("its children are %v", got)
	}
	patient := New(g, waits, struct{}{})
	started(t, patient)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Join(ctx); !errors.Is(err, context.Canceled) || !patient.IsAlive() {
		t.Errorf("Join whose context has ended: %v, alive: %t", err, patient.IsAlive())
	}
}

func TestAProcessEndsItsDaemonsAndWaitsForItsOthers(t *testing.T) {
	g, r := loggedGroup(t)
	code(t, afterJoin(t, New(g, leaves, struct{}{})), 0)
	lines := slices.DeleteFunc(r.rest(), func(s string) bool { return s == "daemon: here" }) // if it came so far
	if !slices.Equal(lines, []string{"other: line 0", "other: line 1", "other: line 2"}) {
		t.Errorf("the log has %q", lines)
	}
}

func TestAGroupEndsWithItsContext(t *testing.T) {
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	g, err := NewGroup(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	p := New(g, forever, "")
	started(t, p)
	cancel(enough)
	if err := p.Join(t.Context()); err != nil {
		t.Error(err)
	}
	code(t, p, ended)
	if err := New(g, twice, 1).Start(); !errors.Is(err, enough) {
		t.Errorf("Start after that: %v", err)
	}
	if _, err := NewGroup(ctx); !errors.Is(err, enough) {
		t.Errorf("another group: %v", err)
	}
}

func TestAProcessThatStartsDuringCloseIsEndedOrRefused(t *testing.T) {
	for range 5 {
		g, _ := loggedGroup(t)
		var all []*Process
		results := make(chan error)
		for range 4 {
			p := New(g, forever, "")
			all = append(all, p)
			go func() { results <- p.Start() }()
		}
		g.Close()
		for range all {
			if err := <-results; err != nil && !errors.Is(err, ErrClosed) {
				t.Error(err)
			}
		}
		for _, p := range all {
			if p.IsAlive() {
				t.Errorf("%v lives in a group that is closed", p)
			}
		}
	}
	finite(t)
}

func TestTwoGroupsAtOnceDoNotMeet(t *testing.T) {
	one, heardOne := loggedGroup(t)
	two, heardTwo := loggedGroup(t)
	afterJoin(t, New(one, say, "one"))
	afterJoin(t, New(two, say, "two"))
	heardOne.hears(t, "Process-1: one")
	heardTwo.hears(t, "Process-1: two")
}

func TestWithoutMainNoProcessIsStarted(t *testing.T) {
	if !errors.Is(beforeMain, ErrNoMain) {
		t.Errorf("Start: %v", beforeMain)
	}
}

func TestAnOrderIsReadAsItWasWritten(t *testing.T) {
	for _, o := range []order{
		{},
		{name: "foo", id: "2:1", function: "test.twice", daemon: true, slot: 1 << 30},
		{name: strings.Repeat("ö", 1000), shared: true},
		{heard: true, slot: 1},
	} {
		got, rest, err := cutOrder(append(appendOrder(nil, o), "rest"...))
		if err != nil || got != o || string(rest) != "rest" {
			t.Errorf("%+v came as %+v, %q, %v", o, got, rest, err)
		}
	}
	for _, bad := range []string{"", "\x08\x00\x00\x00\x00", "\x00", "\x00\xff\xff\xff\xff\x7f\x00\x00\x00", "\x00\x00", "\x00\x00\x05abc"} {
		if o, _, err := cutOrder([]byte(bad)); !errors.Is(err, wire.ErrNonsense) {
			t.Errorf("%q was read as %+v, %v", bad, o, err)
		}
	}
}

// Whatever a process is told, it does not panic, and what it reads it would write the same way.
func FuzzOrder(f *testing.F) {
	f.Add(appendOrder(nil, order{name: "foo", id: "1", function: "f", daemon: true, slot: 3}))
	f.Add([]byte("\x07\x00\x00\x01x"))
	f.Fuzz(func(t *testing.T, body []byte) {
		o, argument, err := cutOrder(body)
		if err != nil {
			return
		}
		again, rest, err := cutOrder(append(appendOrder(nil, o), argument...))
		if err != nil || again != o || string(rest) != string(argument) {
			t.Errorf("%+v came as %+v, %v", o, again, err)
		}
	})
}

// Whatever a process answers, its parent does not panic, and takes nothing for a result that is none.
func FuzzProcessAnswer(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00r1"))
	f.Add([]byte("\x0b\x00\x00\x00p\x04ouchstack"))
	f.Add([]byte("\x02\x00\x00\x00r1\x00"))
	f.Fuzz(func(t *testing.T, said []byte) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Skip(err)
		}
		defer r.Close()
		orders, null := discard(t)
		defer null()
		go func() { w.Write(said); w.Close() }()
		answer, nonsense := (&pipes{orders: orders, answers: r}).converse(wire.NewFrame(nil))
		p := &Process{name: "p", process: new(os.Process)}
		result, err := p.verdict(answer, nonsense)
		if result != nil && (err != nil || len(said) != wire.HeaderSize+1+len(result)) {
			t.Errorf("%q has the result %q, %v", said, result, err)
		}
	})
}

// discard returns a file that takes everything.
func discard(t *testing.T) (*os.File, func()) {
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	return f, func() { f.Close() }
}

func TestTheBoardTellsWhichProcessIsWaitedFor(t *testing.T) {
	ctx, board := waitfor.NewContext(t.Context())
	g, err := NewGroup(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	p := New(g, waits, struct{}{}, WithName("slow"))
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if n := len(board.Waits()); n != 0 {
		t.Errorf("%d waits before anybody waits", n)
	}
	joined := make(chan error)
	go func() { joined <- p.Join(ctx) }()
	for len(board.Waits()) == 0 {
		time.Sleep(time.Millisecond)
	}
	if w := board.Waits()[0]; w.Who != "main" || !strings.HasPrefix(w.For, "the end of slow (pid ") {
		t.Errorf("the board says %v", w)
	}
	p.Kill()
	if err := <-joined; err != nil || len(board.Waits()) != 0 {
		t.Errorf("after its end: %v, %v", err, board.Waits())
	}
}
