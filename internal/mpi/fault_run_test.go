package mpi

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cookbook/internal/transcript"
)

// faultReady says which process it is and that it is ready, and goes on until the world ends: rank 0 computes, the others
// wait for it.
var faultReady = Register("fault.ready", func(ctx context.Context, c *Comm, deaf bool) (int, error) {
	out := Log(ctx).Actor(strconv.Itoa(c.Rank()))
	out.Printf("pid: %d", os.Getpid())
	if deaf {
		for {
			runtime.Gosched()
		}
	}
	if c.Rank() == 0 {
		return 0, faultCompute(c)
	}
	return 0, faultRecv(c, 0, 0)
})

var errFaultEnough = errors.New("enough of it")

func TestTheEndOfTheContextEndsAllRanks(t *testing.T) {
	for _, e := range engines {
		t.Run(EngineName(WithEngine(t.Context(), e)), func(t *testing.T) {
			ctx := needs(t, e)
			for _, deaf := range []bool{false, true} {
				t.Run(map[bool]string{true: "that take no notice", false: "that wait"}[deaf], func(t *testing.T) {
					ctx, cancel := context.WithCancelCause(ctx)
					defer cancel(nil)
					const ranks = 3
					var lines conformListener
					var ready sync.Once
					listen := transcript.SinkFunc(func(e transcript.Event) {
						lines.Event(e)
						if len(lines.all()) == ranks {
							ready.Do(func() { cancel(errFaultEnough) })
						}
					})
					_, err := Run(ctx, faultReady, ranks, deaf, WithLog(transcript.New(transcript.Config{Sink: listen})))
					if !errors.Is(err, errFaultEnough) {
						t.Errorf("Run: %v, want the cause of the context's end", err)
					}
					faultProcessesAreGone(t, lines.all())
				})
			}
		})
	}
}

func TestNothingIsStartedWhenTheContextHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancelCause(needs(t, Local{}))
	cancel(errFaultEnough)
	if _, err := Run(ctx, faultReady, 1, false); !errors.Is(err, errFaultEnough) {
		t.Errorf("Run: %v, want the cause of the context's end", err)
	}
}

func TestNumbersOfRanksThatCannotBe(t *testing.T) {
	ctx := needs(t, Local{})
	for _, n := range []int{-1, 0, MaxRanks + 1} {
		if _, err := Run(ctx, faultSquare, n, 0); !errors.Is(err, ErrCount) {
			t.Errorf("%d ranks: %v, want ErrCount", n, err)
		}
	}
}

var (
	faultSquare = Register("fault.square", func(_ context.Context, c *Comm, plus int) (int, error) { return c.Rank()*c.Rank() + plus, nil })
	faultPipe   = Register("fault.pipe", func(context.Context, *Comm, int) (chan int, error) { return nil, nil })
	faultEats   = Register("fault.eats", func(context.Context, *Comm, chan int) (int, error) { return 0, nil })
)

func TestManyRanksReturnTheirResultsInOrder(t *testing.T) {
	ctx := needs(t, Local{})
	const ranks = 33
	got, err := Run(ctx, faultSquare, ranks, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for r, v := range got {
		if v != r*r+1000 {
			t.Errorf("rank %d returned %d, want %d", r, v, r*r+1000)
		}
	}
	if len(got) != ranks {
		t.Errorf("%d results, want %d", len(got), ranks)
	}
}

func TestTwoWorldsAtOnceDoNotMeet(t *testing.T) {
	ctx := needs(t, Local{})
	var running sync.WaitGroup
	for world := range 4 {
		running.Go(func() {
			got, err := Run(ctx, faultSum, 3, world*100)
			if want := []int{3 + 300*world, 3 + 300*world, 3 + 300*world}; err != nil || !slices.Equal(got, want) {
				t.Errorf("world %d: %v, %v, want %v", world, got, err, want)
			}
		})
	}
	running.Wait()
}

var faultSum = Register("fault.sum", func(_ context.Context, c *Comm, plus int) (int, error) {
	sum := 0
	for range 200 {
		var err error
		if sum, err = AllreduceValue(c, c.Rank()+plus, func(a, b int) int { return a + b }); err != nil {
			return 0, err
		}
	}
	return sum, nil
})

func TestWhatCannotTravelIsAnErrorOfRun(t *testing.T) {
	ctx := needs(t, Local{})
	if _, err := Run(ctx, faultEats, 2, nil); !errors.Is(err, ErrType) || !strings.Contains(err.Error(), "the argument of fault.eats") {
		t.Errorf("an argument that cannot be sent: %v", err)
	}
	if _, err := Run(ctx, faultPipe, 2, 0); !errors.Is(err, ErrType) || !strings.Contains(err.Error(), "the result of fault.pipe") {
		t.Errorf("a result that cannot be sent: %v", err)
	}
	if _, err := Run(ctx, func(context.Context, *Comm, int) (int, error) { return 0, nil }, 2, 0); err == nil || !strings.Contains(err.Error(), "not registered") {
		t.Errorf("a function that nobody has registered: %v", err)
	}
}

func TestRegisterRefusesWhatCannotBeFound(t *testing.T) {
	f := func(context.Context, *Comm, int) (int, error) { return 1, nil }
	for what, register := range map[string]func(){
		"no name":           func() { Register("", f) },
		"no function":       func() { Register[int, int]("fault.none", nil) },
		"a name twice":      func() { Register("fault.square", f) },
		"one by two names":  func() { Register("fault.again", faultSquare) },
		"a name of another": func() { Register("fault.sum", f) },
	} {
		t.Run(what, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it did not panic")
				}
			}()
			register()
		})
	}
}

func TestTwoGoroutinesOfARank(t *testing.T) {
	ctx := needs(t, Local{})
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if _, err := Run(ctx, faultTwice, 2, filepath.Join(t.TempDir(), "seen")); err != nil {
		t.Error(err)
	}
}

// faultTwice lets rank 0 wait for a message that comes only when its other goroutine has seen that it does. The file is how
// that one, who can make no call, says so.
var faultTwice = Register("fault.twice", func(_ context.Context, c *Comm, file string) (int, error) {
	if c.Rank() == 1 {
		for {
			if _, err := os.Stat(file); err == nil {
				return 0, Send(c, []int{1}, 0, 0)
			}
			runtime.Gosched()
		}
	}
	received := make(chan error)
	go func() { received <- faultRecv(c, 1, 0) }()
	for !c.busy.Load() { // until it is in its call, which it cannot leave before the file is there
		runtime.Gosched()
	}
	if err := faultRecv(c, 1, 0); !errors.Is(err, ErrBusy) {
		return 0, fmt.Errorf("a call beside another goroutine's: %v, want ErrBusy", err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return 0, err
	}
	if err := <-received; err != nil {
		return 0, err
	}
	_, _, err := c.Iprobe(1, 1)
	return 0, err
})

func TestACommunicatorIsFreedOnce(t *testing.T) {
	if _, err := Run(needs(t, Local{}), faultFree, 3, 0); err != nil {
		t.Error(err)
	}
}

var faultFree = Register("fault.free", func(_ context.Context, c *Comm, _ int) (int, error) {
	other, err := c.Dup()
	if err != nil {
		return 0, err
	}
	if err := other.Free(); err != nil {
		return 0, err
	}
	if err := c.Barrier(); err != nil { // all have freed it
		return 0, err
	}
	if err := other.Free(); !errors.Is(err, ErrComm) {
		return 0, fmt.Errorf("freed once more: %v, want ErrComm", err)
	}
	return 0, c.Barrier()
})

func TestThereAre64CommunicatorsAtATime(t *testing.T) {
	got, err := Run(needs(t, Local{}), faultHoard, 2, 0)
	if !errors.Is(err, ErrComm) || !strings.Contains(err.Error(), "64") {
		t.Errorf("hoarding communicators: %v, %v, want ErrComm", got, err)
	}
}

// faultHoard makes communicators until that fails.
var faultHoard = Register("fault.hoard", func(_ context.Context, c *Comm, _ int) (int, error) {
	for made := 1; ; made++ {
		if _, err := c.Dup(); err != nil {
			if made != 64 {
				return made, fmt.Errorf("with %d communicators: %v", made, err)
			}
			return made, err
		}
	}
})

// Ranks that compute for longer than it takes to see a deadlock, that send and receive at random, and that wait for each
// other, are none.
func TestTheDetectorRaisesNoFalseAlarm(t *testing.T) {
	ctx := needs(t, Local{})
	seed := conformSeed(t)
	for _, one := range []struct{ ranks, procs int }{{4, 1}, {9, 1}, {3, 0}, {9, 0}} {
		t.Run(fmt.Sprintf("%d ranks, GOMAXPROCS=%d", one.ranks, one.procs), func(t *testing.T) {
			rounds, err := Run(ctx, faultTraffic, one.ranks, faultTrafficArg{seed, one.procs}, WithEagerLimit(1000))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d rounds", rounds[0])
		})
	}
}

type faultTrafficArg struct {
	Seed  uint64
	Procs int // 0: as many as there are
}

// faultTraffic goes on for a second, by the clock of rank 0.
var faultTraffic = Register("fault.traffic", func(_ context.Context, c *Comm, arg faultTrafficArg) (rounds int, err error) {
	if arg.Procs > 0 {
		runtime.GOMAXPROCS(arg.Procs)
	}
	rng := rand.New(rand.NewPCG(arg.Seed, 1)) // the same on all ranks
	for begin := time.Now(); ; rounds++ {
		more, err := BcastValue(c, time.Since(begin) < time.Second, 0)
		if err != nil || !more {
			return rounds, err
		}
		busy := rng.IntN(c.Size()) // the one that all others wait for
		long := rng.IntN(20) == 0
		kind, n := rng.IntN(5), rng.IntN(200_000)
		if c.Rank() == busy && long {
			for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); { // work, not a pause
				runtime.Gosched()
			}
		}
		next, before := (c.Rank()+1)%c.Size(), (c.Rank()+c.Size()-1)%c.Size()
		buf := make([]byte, n)
		switch kind {
		case 0: // one after another, from the busy one on
			if c.Rank() != busy {
				if _, err := Recv(c, buf, before, 0); err != nil {
					return rounds, err
				}
			}
			if next != busy {
				if err := Ssend(c, buf, next, 0); err != nil {
					return rounds, err
				}
			}
		case 1:
			if _, err := Sendrecv(c, buf, next, 1, make([]byte, n), before, 1); err != nil {
				return rounds, err
			}
		case 2: // all to the busy one; with a tag of the round, or it might take what somebody sends in the next, and leave a sender behind
			tag := 2 + rounds%(MaxTag-1)
			if c.Rank() != busy {
				err = Send(c, buf[:min(n, 5000)], busy, tag)
			} else {
				for range c.Size() - 1 {
					if _, err = Recv(c, buf, AnySource, tag); err != nil {
						return rounds, err
					}
				}
			}
			if err != nil {
				return rounds, err
			}
		case 3:
			if err := Allreduce(c, buf, make([]byte, n), Bor); err != nil {
				return rounds, err
			}
		case 4:
			if err := c.Barrier(); err != nil {
				return rounds, err
			}
		}
	}
})
