package explore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"cookbook/internal/mpi"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// sayTwo is a process that says two lines.
var sayTwo = process.Register("explore.sayTwo", func(ctx context.Context, _ struct{}) (struct{}, error) {
	me := process.Log(ctx).Actor(process.Current(ctx).Name())
	me.Printf("1")
	me.Printf("2")
	return struct{}{}, nil
})

// sayTwoLocked is the same with the lock held.
var sayTwoLocked = process.Register("explore.sayTwoLocked", func(ctx context.Context, l *process.Lock) (struct{}, error) {
	return struct{}{}, process.With(ctx, l, func() error {
		me := process.Log(ctx).Actor(process.Current(ctx).Name())
		me.Printf("1")
		me.Printf("2")
		return nil
	})
})

// twoOf is a program of two processes, which it joins.
func twoOf[A any](f func(context.Context, A) (struct{}, error), argument func(*process.Group) A) Program {
	return Program{ID: "two", Run: func(ctx context.Context, out *transcript.Log) error {
		g, err := process.NewGroup(ctx, process.WithLog(out))
		if err != nil {
			return err
		}
		defer g.Close()
		arg := argument(g)
		for _, name := range []string{"A", "B"} {
			if err := process.New(g, f, arg, process.WithName(name)).Start(); err != nil {
				return err
			}
		}
		all := g.Children()
		if err := g.Join(ctx); err != nil {
			return err
		}
		for _, p := range all {
			err = errors.Join(err, p.Err())
		}
		return err
	}}
}

func nothing(*process.Group) struct{} { return struct{}{} }

func TestProcesses(t *testing.T) {
	for _, test := range []struct {
		name   string
		p      Program
		orders int
	}{
		{"that wait for nothing", twoOf(sayTwo, nothing), 6},
		{"with a lock", twoOf(sayTwoLocked, func(g *process.Group) *process.Lock {
			l, err := process.NewLock(g, "lock")
			if err != nil {
				t.Error(err)
			}
			return l
		}), 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := Search(t.Context(), test.p, Options{Budget: time.Minute, Unordered: true})
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != Complete || r.Orders != test.orders || len(r.Faults) > 0 {
				t.Errorf("%v, %d orders from %d schedules in %v, %v %v; want %d", r.Verdict, r.Orders, r.Schedules, r.Elapsed, r.Faults, r.Notes, test.orders)
			}
		})
	}
}

// gatherAny receives at rank 0 from any rank, as many as there are others, and says from which; the others send.
var gatherAny = mpi.Register("explore.gatherAny", func(ctx context.Context, comm *mpi.Comm, begun bool) (struct{}, error) {
	if comm.Rank() > 0 {
		return struct{}{}, mpi.Send(comm, []int{comm.Rank()}, 0, 0)
	}
	for range comm.Size() - 1 {
		buf := make([]int, 1)
		if begun {
			request, err := mpi.Irecv(comm, buf, mpi.AnySource, 0)
			if err == nil {
				err = mpi.Waitall(request)
			}
			if err != nil {
				return struct{}{}, err
			}
		} else if _, err := mpi.Recv(comm, buf, mpi.AnySource, 0); err != nil {
			return struct{}{}, err
		}
		mpi.Log(ctx).Actor("rank 0").Printf("from %d", buf[0])
	}
	return struct{}{}, nil
})

func TestEveryMatchOfAReceiveFromAnyRankIsAChoice(t *testing.T) {
	for _, begun := range []bool{false, true} {
		p := Program{ID: "any", Run: func(ctx context.Context, out *transcript.Log) error {
			_, err := mpi.Run(ctx, gatherAny, 3, begun, mpi.WithLog(out))
			return err
		}}
		r, err := Search(t.Context(), p, Options{Budget: time.Minute, Unordered: true})
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != Complete || r.Orders != 2 || len(r.Faults) > 0 {
			t.Errorf("begun %v: %v, %d orders from %d schedules in %v, %v %v; want 2", begun, r.Verdict, r.Orders, r.Schedules, r.Elapsed, r.Faults, r.Notes)
		}
	}
}

// recvFirst is a rank that receives from the other before it sends.
var recvFirst = mpi.Register("explore.recvFirst", func(ctx context.Context, comm *mpi.Comm, _ struct{}) (struct{}, error) {
	buf := make([]int, 1)
	if _, err := mpi.Recv(comm, buf, 1-comm.Rank(), 0); err != nil {
		return struct{}{}, err
	}
	return struct{}{}, mpi.Send(comm, buf, 1-comm.Rank(), 0)
})

func TestADeadlockOfRanksSaysWhatTheyWaitFor(t *testing.T) {
	p := Program{ID: "recv first", Run: func(ctx context.Context, out *transcript.Log) error {
		_, err := mpi.Run(ctx, recvFirst, 2, struct{}{}, mpi.WithLog(out))
		return err
	}}
	r, err := Search(t.Context(), p, Options{Budget: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Faults) != 1 || r.Faults[0].Kind != Deadlock || !strings.Contains(r.Faults[0].Text, "rank 0 waits in Recv for a message from rank 1") {
		t.Errorf("%+v", r.Faults)
	}
}

func TestOfProcessesWithoutALogNotAllIsKnown(t *testing.T) {
	p := Program{ID: "silent", Run: func(ctx context.Context, _ *transcript.Log) error {
		g, err := process.NewGroup(ctx)
		if err != nil {
			return err
		}
		defer g.Close()
		if err := process.New(g, sayTwo, struct{}{}).Start(); err != nil {
			return err
		}
		return g.Join(ctx)
	}}
	r, err := Search(t.Context(), p, Options{Budget: time.Minute, Most: 3})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != Bounded || len(r.Notes) != 1 || len(r.Faults) > 0 {
		t.Errorf("%v, notes %q, faults %v", r.Verdict, r.Notes, r.Faults)
	}
}

func TestAScheduleOfProcessesIsReplayed(t *testing.T) {
	p := twoOf(sayTwo, nothing)
	s := Schedule{Switches: []Switch{{Step: 2, Actor: 1}, {Step: 4, Actor: 0}}}
	var first *Trace
	for range 20 {
		trace, err := Replay(t.Context(), p, s, transcript.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = trace
		}
		if !reflect.DeepEqual(trace, first) {
			t.Fatalf("got %+v, and before %+v", trace, first)
		}
	}
}

// lockCrosswise holds one lock and wants the other.
var lockCrosswise = process.Register("explore.lockCrosswise", func(ctx context.Context, locks [2]*process.Lock) (struct{}, error) {
	if process.Current(ctx).Name() == "B" {
		locks[0], locks[1] = locks[1], locks[0]
	}
	return struct{}{}, process.With(ctx, locks[0], func() error {
		process.Log(ctx).Actor(process.Current(ctx).Name()).Printf("one")
		return process.With(ctx, locks[1], func() error { return nil })
	})
})

func TestADeadlockOfProcessesLeavesNoneBehind(t *testing.T) {
	r, err := Search(t.Context(), twoOf(lockCrosswise, func(g *process.Group) (locks [2]*process.Lock) {
		for i := range locks {
			locks[i], _ = process.NewLock(g, fmt.Sprint("lock ", i))
		}
		return locks
	}), Options{Budget: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Faults) == 0 || r.Faults[0].Kind != Deadlock || r.Faults[0].Preemptions != 1 || !strings.Contains(r.Faults[0].Text, "B holds lock 1, waits for lock 0 (held by A)") {
		t.Errorf("%+v", r.Faults)
	}
	o := newOthers()
	defer o.close()
	if o.look(false); o.some {
		t.Error("a process is left")
	}
}

// It has one thread, which is in the system call that Go's monitor is in while a goroutine runs.
func TestAProcessThatSleepsStandsStill(t *testing.T) {
	sleeper := exec.Command("sleep", "600")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		sleeper.Process.Kill()
		sleeper.Wait()
	}()
	o := newOthers()
	defer o.close()
	for begun := time.Now(); !o.still(); {
		if time.Since(begun) > time.Minute {
			t.Fatal("it is said to be able to run")
		}
	}
}

// A process that gets no processor for a while finds all its timers over at once: that of a wait, and the explorer's own.
func TestATimeOutOnABusyMachineIsNoDeadlock(t *testing.T) {
	p := Program{ID: "late", Run: func(_ context.Context, out *transcript.Log) error {
		stop := fmt.Sprintf("(sleep 0.02; kill -STOP %d; sleep 0.4; kill -CONT %[1]d) </dev/null >/dev/null 2>&1 &", os.Getpid())
		if err := exec.Command("sh", "-c", stop).Run(); err != nil { // which is no child of this process then
			return err
		}
		<-time.After(100 * time.Millisecond)
		out.Printf("over")
		return nil
	}}
	for range 8 {
		r, err := Search(t.Context(), p, Options{Budget: time.Minute, Most: 1})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Faults) > 0 {
			t.Fatalf("%+v", r.Faults)
		}
	}
}
