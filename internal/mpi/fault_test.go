package mpi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/transcript"
)

// What goes wrong has to be told: to the caller of Run, and to every rank that lives to hear it, soon, and without a
// process that is left behind.

// A faultCase is a program of ranks that goes wrong.
type faultCase struct {
	name    string
	ranks   int
	program func(ctx context.Context, c *Comm) error
	class   ErrorClass // of Run's error, and of that of each rank; 0: all goes well
	silent  []int      // ranks that have ended when it goes wrong
	mute    bool       // no rank has to say anything: all may be ended at once
	says    []string   // what Run's error has to mention
	opts    []Option
	anyMPI  bool // an MPI library gives it as well
}

// faultCases is the list of all.
func faultCases() []faultCase {
	var all []faultCase
	for _, some := range [][]faultCase{faultDeadlocks, faultMessages, faultMismatches(), faultEnds} {
		all = append(all, some...)
	}
	return all
}

// faultRank runs a case in a rank. It says which process it is, and how the case ended.
var faultRank = Register("fault", func(ctx context.Context, c *Comm, name string) (struct{}, error) {
	out := Log(ctx).Actor(strconv.Itoa(c.Rank()))
	out.Printf("pid: %d", os.Getpid())
	for _, one := range faultCases() {
		if one.name != name {
			continue
		}
		err := one.program(ctx, c)
		switch {
		case err == nil:
			out.Printf("end: fine")
		case one.class == ErrFailed: // what a rank returns has a class only when Run has given it one
			out.Printf("end: %v", err)
		default:
			class := engine.ClassOf(err).Error()
			if one.class != ErrRank { // the world is of no use any more
				if again := c.Barrier(); engine.ClassOf(again) != engine.ClassOf(err) {
					class = "an error that the next call does not return"
				}
			}
			out.Printf("end: %s: %v", class, err)
		}
		return struct{}{}, err
	}
	return struct{}{}, fmt.Errorf("there is no case %q", name)
})

func TestWhatGoesWrongIsTold(t *testing.T) {
	ctx := needs(t, Local{})
	for _, one := range faultCases() {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			said := one.start(t, ctx)
			for r := range one.ranks {
				end := ""
				for _, l := range said {
					if l.rank == r && l.name == "end" {
						end = l.text
					}
				}
				silent := one.mute
				for _, s := range one.silent {
					silent = silent || s == r
				}
				want := "fine"
				if one.class != 0 && one.class != ErrFailed {
					want = one.class.Error()
				}
				if !silent && one.class != ErrFailed && !strings.HasPrefix(end, want) || !silent && end == "" {
					t.Errorf("rank %d ended with %q, want %q", r, end, want)
				}
			}
		})
	}
}

func TestWhatGoesWrongIsToldByAnMPILibrary(t *testing.T) {
	for _, e := range engines {
		if EngineName(WithEngine(t.Context(), e)) != "mpi" {
			continue
		}
		ctx := needs(t, e)
		for _, one := range faultCases() {
			if one.anyMPI {
				t.Run(one.name, func(t *testing.T) { one.start(t, ctx) })
			}
		}
	}
}

// start runs a case, looks at Run's error and that no process is left, and returns what the ranks said.
func (one faultCase) start(t *testing.T, ctx context.Context) []conformLine {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var lines conformListener
	opts := append([]Option{WithLog(transcript.New(transcript.Config{Sink: &lines}))}, one.opts...)
	_, err := Run(ctx, faultRank, one.ranks, one.name, opts...)
	faultProcessesAreGone(t, lines.all())
	t.Logf("%v", err)
	switch {
	case one.class == 0 && err != nil:
		t.Fatalf("Run: %v, want no error", err)
	case one.class != 0 && !errors.Is(err, one.class):
		t.Fatalf("Run: %v, want %v", err, one.class)
	}
	for _, s := range one.says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("Run: %v, want it to say %q", err, s)
		}
	}
	return lines.all()
}

// faultProcessesAreGone looks at the processes that ranks have said they are.
func faultProcessesAreGone(t *testing.T, said []conformLine) {
	t.Helper()
	for _, l := range said {
		if l.name != "pid" {
			continue
		}
		pid, err := strconv.Atoi(l.text)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := os.FindProcess(pid); err == nil && p.Signal(syscall.Signal(0)) == nil && !faultZombie(pid) {
			t.Errorf("rank %d, process %d, is still there", l.rank, pid)
		}
	}
}

// faultZombie reports whether a process has ended and only its new parent has not looked yet.
func faultZombie(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	_, state, _ := strings.Cut(string(stat), ") ")
	return err != nil || strings.HasPrefix(state, "Z") || strings.HasPrefix(state, "X")
}

// faultCompute computes, with a look at the messages now and then, until that fails.
func faultCompute(c *Comm) error {
	for i := 0; ; i++ {
		for range 1000 {
			runtime.Gosched()
		}
		if _, _, err := c.Iprobe(AnySource, MaxTag); err != nil {
			return err
		}
	}
}

// faultRecv receives one number.
func faultRecv(c *Comm, from, tag int) error {
	_, err := Recv(c, []int{0}, from, tag)
	return err
}

// faultKill kills a process.
func faultKill(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		p.Kill()
	}
}

// faultKillSelf kills this process as soon as ready says so.
func faultKillSelf(ready func() bool) {
	go func() {
		for !ready() {
			runtime.Gosched()
		}
		faultKill(os.Getpid())
	}()
}

// faultHalfway lets rank 0 send to rank 1, which stops as soon as a part of the message has come. Nothing more comes then:
// it calls victim, with the process of rank 0, and waits for the rest.
func faultHalfway(c *Comm, victim func(sender int)) error {
	const size, part = 64 << 20, 1 << 20
	switch c.Rank() {
	case 0:
		if err := Send(c, []int{os.Getpid()}, 1, 0); err != nil {
			return err
		}
		return Send(c, bytes.Repeat([]byte{1}, size), 1, 0)
	case 1:
		sender := []int{0}
		if _, err := Recv(c, sender, 0, 0); err != nil {
			return err
		}
		buf := make([]byte, size)
		r, err := Irecv(c, buf, 0, 0)
		if err != nil {
			return err
		}
		for buf[part] == 0 {
			if _, _, err := r.Test(); err != nil {
				return err
			}
		}
		victim(sender[0])
		return Waitall(r)
	}
	return c.Barrier()
}
