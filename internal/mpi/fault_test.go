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

// What goes wrong has to be told: to whoever called Run, and to every rank that lives to hear it, soon, and without a
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

var faultDeadlocks = []faultCase{
	{name: "two of nine wait for each other, the others in a barrier", ranks: 9, class: ErrDeadlock,
		says: []string{"rank 2 waits in Recv for a message from rank 5 with tag 25", "rank 5 waits in Recv for a message from rank 2 with tag 52"},
		program: func(_ context.Context, c *Comm) error {
			return faultTwo(c, c.Barrier)
		}},
	{name: "two of nine wait for each other, the others have ended", ranks: 9, class: ErrDeadlock, silent: []int{0, 1, 3, 4, 6, 7, 8},
		says:    []string{"rank 2 waits in Recv", "rank 5 waits in Recv"},
		program: func(_ context.Context, c *Comm) error { return faultTwo(c, func() error { return nil }) }},
	{name: "two of nine wait for each other, the others compute", ranks: 9, class: ErrDeadlock,
		says:    []string{"rank 2 waits in Recv", "rank 5 waits in Recv"},
		program: func(_ context.Context, c *Comm) error { return faultTwo(c, func() error { return faultCompute(c) }) }},
	{name: "a ring of three", ranks: 3, class: ErrDeadlock, says: []string{"rank 0 waits", "rank 1 waits", "rank 2 waits"},
		program: func(_ context.Context, c *Comm) error { return faultRecv(c, (c.Rank()+1)%3, 0) }},
	{name: "a rank waits for itself", ranks: 1, class: ErrDeadlock, says: []string{"rank 0 waits in Recv for a message from rank 0"},
		program: func(_ context.Context, c *Comm) error { return faultRecv(c, 0, 0) }},
	{name: "a rank waits for one that has ended", ranks: 2, class: ErrDeadlock, silent: []int{1}, says: []string{"rank 0 waits in Recv", "rank 1 has ended"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 0 {
				return faultRecv(c, 1, 0)
			}
			return nil
		}},
	{name: "a message has another tag", ranks: 2, class: ErrDeadlock, says: []string{"rank 1 waits in Recv for a message from rank 0 with tag 2"}, silent: []int{0},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 1 {
				return faultRecv(c, 0, 2)
			}
			return Send(c, []int{1}, 1, 1)
		}},
	{name: "Ssend against Ssend", ranks: 2, class: ErrDeadlock, says: []string{"rank 0 waits in Ssend for rank 1", "rank 1 waits in Ssend for rank 0"},
		program: func(_ context.Context, c *Comm) error {
			if err := Ssend(c, []int{1}, 1-c.Rank(), 0); err != nil {
				return err
			}
			return faultRecv(c, 1-c.Rank(), 0)
		}},
	{name: "large Send against large Send", ranks: 2, class: ErrDeadlock, says: []string{"rank 0 waits in Send for rank 1", "rank 1 waits in Send for rank 0"},
		program: func(_ context.Context, c *Comm) error { return faultHeadOn(c, engine.DefaultEager+1) }},
	{name: "small Send against small Send", ranks: 2,
		program: func(_ context.Context, c *Comm) error { return faultHeadOn(c, engine.DefaultEager) }},
	{name: "many small Sends against many small Sends", ranks: 3, anyMPI: true,
		program: func(_ context.Context, c *Comm) error {
			const count, n = 2000, 1000 // far more than can be on its way at once
			for range count {
				if err := Send(c, make([]byte, n), (c.Rank()+1)%3, 0); err != nil {
					return err
				}
			}
			for range count {
				if _, err := Recv(c, make([]byte, n), (c.Rank()+2)%3, 0); err != nil {
					return err
				}
			}
			return nil
		}},
	{name: "small Send against small Send without any limit", ranks: 2, class: ErrDeadlock, opts: []Option{WithEagerLimit(0)}, says: []string{"in Send"},
		program: func(_ context.Context, c *Comm) error { return faultHeadOn(c, 1) }},
	{name: "large Send against large Send below a higher limit", ranks: 2, opts: []Option{WithEagerLimit(64 << 10)},
		program: func(_ context.Context, c *Comm) error { return faultHeadOn(c, 60<<10) }},
	{name: "Send within a ring of nine", ranks: 9, class: ErrDeadlock, says: []string{"in Send"},
		program: func(_ context.Context, c *Comm) error {
			if err := Send(c, make([]byte, 1<<20), (c.Rank()+1)%9, 0); err != nil {
				return err
			}
			_, err := Recv(c, make([]byte, 1<<20), (c.Rank()+8)%9, 0)
			return err
		}},
	{name: "a message from anybody when nobody is left", ranks: 4, class: ErrDeadlock, silent: []int{1, 2, 3}, says: []string{"rank 0 waits in Recv", "has ended"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 0 {
				return faultRecv(c, AnySource, AnyTag)
			}
			return nil
		}},
	{name: "all wait for anybody", ranks: 4, class: ErrDeadlock, says: []string{"waits in Recv for a message from any rank"},
		program: func(_ context.Context, c *Comm) error { return faultRecv(c, AnySource, AnyTag) }},
	{name: "all look for a message", ranks: 2, class: ErrDeadlock, says: []string{"waits in Probe"},
		program: func(_ context.Context, c *Comm) error {
			_, err := c.Probe(1-c.Rank(), AnyTag)
			return err
		}},
	{name: "all wait for what they have begun to receive", ranks: 2, class: ErrDeadlock, says: []string{"waits in Wait"},
		program: func(_ context.Context, c *Comm) error {
			r, err := Irecv(c, []int{0}, 1-c.Rank(), 0)
			if err != nil {
				return err
			}
			_, err = r.Wait()
			return err
		}},
	{name: "one sends what nobody receives", ranks: 2, class: ErrDeadlock, silent: []int{1}, says: []string{"rank 0 waits in Wait for rank 1", "rank 1 has ended"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 1 {
				return nil
			}
			r, err := Isend(c, make([]byte, 1<<20), 1, 0)
			if err != nil {
				return err
			}
			return Waitall(r)
		}},
	{name: "one does not come to a barrier for it has ended", ranks: 4, class: ErrDeadlock, silent: []int{2}, says: []string{"in Barrier", "rank 2 has ended"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 2 {
				return nil
			}
			return c.Barrier()
		}},
	{name: "one does not come to a barrier for it waits", ranks: 4, class: ErrDeadlock, says: []string{"in Barrier for rank 2", "rank 2 waits in Recv for a message from rank 0"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 2 {
				return faultRecv(c, 0, 0)
			}
			return c.Barrier()
		}},
	{name: "one does not come to a collective call with data", ranks: 4, class: ErrDeadlock, says: []string{"rank 3 waits in Recv for a message from rank 1"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 3 {
				return faultRecv(c, 1, 0)
			}
			big := make([]float64, 50_000)
			return Allreduce(c, big, make([]float64, len(big)), Sum)
		}},
	{name: "two parts of the world wait for each other", ranks: 4, class: ErrDeadlock, says: []string{"rank 0 waits", "rank 1 waits"},
		program: func(_ context.Context, c *Comm) error {
			// 0 and 2 are a part, 1 and 3 the other. The first of each waits for the other's second, who wait in their
			// barriers.
			part, err := c.Split(c.Rank()%2, 0)
			if err != nil {
				return err
			}
			if part.Rank() == 0 {
				if err := faultRecv(c, 3-c.Rank(), 0); err != nil {
					return err
				}
			}
			return part.Barrier()
		}},
	{name: "a barrier in another order than the other's", ranks: 2, class: ErrDeadlock, says: []string{"in Barrier"},
		program: func(_ context.Context, c *Comm) error {
			other, err := c.Dup()
			if err != nil {
				return err
			}
			if c.Rank() == 0 {
				return errors.Join(c.Barrier(), other.Barrier())
			}
			return errors.Join(other.Barrier(), c.Barrier())
		}},
}

// faultTwo lets ranks 2 and 5 wait for each other.
func faultTwo(c *Comm, others func() error) error {
	switch c.Rank() {
	case 2:
		return faultRecv(c, 5, 25)
	case 5:
		return faultRecv(c, 2, 52)
	}
	return others()
}

// faultHeadOn lets two ranks send to each other before they receive.
func faultHeadOn(c *Comm, n int) error {
	if err := Send(c, make([]byte, n), 1-c.Rank(), 0); err != nil {
		return err
	}
	_, err := Recv(c, make([]byte, n), 1-c.Rank(), 0)
	return err
}

var faultMessages = []faultCase{
	{name: "a small message larger than its buffer", ranks: 3, class: ErrTruncate, says: []string{"rank 1: Recv: the message from rank 0"},
		program: func(_ context.Context, c *Comm) error {
			return faultSendRecv(c, func() error { return Send(c, []int{1, 2}, 1, 0) }, func() error { return faultRecv(c, 0, 0) })
		}},
	{name: "a large message larger than its buffer", ranks: 3, class: ErrTruncate, says: []string{"200000"},
		program: func(_ context.Context, c *Comm) error {
			return faultSendRecv(c, func() error { return Send(c, make([]byte, 200_000), 1, 0) }, func() error {
				_, err := Recv(c, make([]byte, 199_999), AnySource, AnyTag)
				return err
			})
		}},
	{name: "a message larger than the buffer of a receive that was begun", ranks: 3, class: ErrTruncate,
		program: func(_ context.Context, c *Comm) error {
			return faultSendRecv(c, func() error { return Ssend(c, []int{1, 2}, 1, 0) }, func() error {
				r, err := Irecv(c, []int(nil), 0, 0)
				if err != nil {
					return err
				}
				return Waitall(r)
			})
		}},
	{name: "a message of another type", ranks: 3, class: ErrType, says: []string{"float64", "int32"},
		program: func(_ context.Context, c *Comm) error {
			return faultSendRecv(c, func() error { return Send(c, []float64{1}, 1, 0) }, func() error {
				_, err := Recv(c, []int32{1, 2, 3}, 0, 0)
				return err
			})
		}},
	{name: "a value where a buffer was asked for", ranks: 3, class: ErrType, says: []string{"value"},
		program: func(_ context.Context, c *Comm) error {
			return faultSendRecv(c, func() error { return SendValue(c, "words", 1, 0) }, func() error { return faultRecv(c, 0, 0) })
		}},
	{name: "a buffer where a value was asked for", ranks: 3, class: ErrType, says: []string{"value"},
		program: func(_ context.Context, c *Comm) error {
			return faultSendRecv(c, func() error { return Send(c, []byte("words"), 1, 0) }, func() error {
				_, _, err := RecvValue[string](c, 0, 0)
				return err
			})
		}},
	{name: "a rank that does not exist", ranks: 2, class: ErrRank, silent: []int{1}, says: []string{"rank 0: Send: send to rank 2: there are ranks 0 to 1"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 0 {
				return Send(c, []int{1}, 2, 0)
			}
			return nil
		}},
}

// faultSendRecv lets rank 0 do one thing and rank 1 the other, and then all wait for all.
func faultSendRecv(c *Comm, zero, one func() error) error {
	var err error
	switch c.Rank() {
	case 0:
		err = zero()
	case 1:
		err = one()
	}
	if err != nil {
		return err
	}
	return c.Barrier()
}

// faultMismatches is collective calls that are not the same on all ranks.
func faultMismatches() []faultCase {
	one, three := []int{1}, []int{1, 2, 3}
	var all []faultCase
	for _, m := range []struct {
		what    string
		most    func(c *Comm) error
		another func(c *Comm) error
		says    []string
		others  bool // rank 0 cannot be the odd one
	}{
		{"Bcast and Reduce", func(c *Comm) error { return Bcast(c, one, 0) }, func(c *Comm) error { return Reduce(c, one, []int{0}, Sum, 0) }, []string{"Bcast", "Reduce"}, false},
		{"Barrier and Bcast", (*Comm).Barrier, func(c *Comm) error { return Bcast(c, one, 0) }, []string{"Barrier", "Bcast"}, false},
		{"Gather and Allgather", func(c *Comm) error { return Gather(c, one, make([]int, c.Size()), 1) }, func(c *Comm) error { return Allgather(c, one, make([]int, c.Size())) }, []string{"Gather", "Allgather"}, false},
		{"Dup and Split", func(c *Comm) error { _, err := c.Dup(); return err }, func(c *Comm) error { _, err := c.Split(0, 0); return err }, []string{"Dup", "Split"}, false},
		{"Barrier and Split", (*Comm).Barrier, func(c *Comm) error { _, err := c.Split(0, 0); return err }, []string{"Barrier", "Split"}, false},
		{"the root of Bcast", func(c *Comm) error { return Bcast(c, one, 0) }, func(c *Comm) error { return Bcast(c, one, 1) }, []string{"root 0", "root 1"}, false},
		{"the root of Reduce", func(c *Comm) error { return Reduce(c, one, []int{0}, Sum, 0) }, func(c *Comm) error { return Reduce(c, one, []int{0}, Sum, 2) }, []string{"root 0", "root 2"}, false},
		{"the root of Scatter", func(c *Comm) error { return Scatter(c, make([]int, c.Size()), one, 0) }, func(c *Comm) error { return Scatter(c, make([]int, c.Size()), one, 1) }, []string{"root"}, false},
		{"the length of Bcast", func(c *Comm) error { return Bcast(c, one, 0) }, func(c *Comm) error { return Bcast(c, three, 0) }, []string{"Bcast", "1", "3"}, false},
		{"the length of Allreduce", func(c *Comm) error { return Allreduce(c, one, []int{0}, Sum) }, func(c *Comm) error { return Allreduce(c, three, make([]int, 3), Sum) }, []string{"Allreduce"}, false},
		{"the length of Gather", func(c *Comm) error { return Gather(c, one, make([]int, c.Size()), 0) }, func(c *Comm) error { return Gather(c, three, make([]int, 3*c.Size()), 0) }, []string{"Gather"}, false},
		{"the length of Alltoall", func(c *Comm) error { return Alltoall(c, make([]int, c.Size()), make([]int, c.Size())) }, func(c *Comm) error { return Alltoall(c, make([]int, 2*c.Size()), make([]int, 2*c.Size())) }, []string{"Alltoall"}, false},
		{"the length of Scan", func(c *Comm) error { return Scan(c, one, []int{0}, Sum) }, func(c *Comm) error { return Scan(c, three, make([]int, 3), Sum) }, []string{"Scan"}, false},
		{"a block of Scatterv", func(c *Comm) error { return Scatterv(c, make([]int, c.Size()), faultOnes(c), nil, one, 0) }, func(c *Comm) error { return Scatterv(c, nil, nil, nil, three, 0) }, []string{"Scatterv"}, true},
		{"a block of Gatherv", func(c *Comm) error { return Gatherv(c, one, make([]int, c.Size()), faultOnes(c), nil, 0) }, func(c *Comm) error { return Gatherv(c, three, nil, nil, nil, 0) }, []string{"Gatherv"}, true},
		{"a block of Alltoallv", func(c *Comm) error {
			n := c.Size()
			return Alltoallv(c, make([]int, n), faultOnes(c), nil, make([]int, n), faultOnes(c), nil)
		}, func(c *Comm) error {
			n := c.Size()
			return Alltoallv(c, make([]int, n+1), append([]int{2}, faultOnes(c)[1:]...), nil, make([]int, n), faultOnes(c), nil)
		}, []string{"Alltoallv"}, false},
		{"the operator", func(c *Comm) error { return Allreduce(c, one, []int{0}, Sum) }, func(c *Comm) error { return Allreduce(c, one, []int{0}, Max) }, []string{"SUM", "MAX"}, false},
		{"the type", func(c *Comm) error { return Allreduce(c, []int64{1}, []int64{0}, Sum) }, func(c *Comm) error { return Allreduce(c, []float64{1}, []float64{0}, Sum) }, []string{"int64", "float64"}, false},
		{"the type of Bcast", func(c *Comm) error { return Bcast(c, []int64{1}, 0) }, func(c *Comm) error { return Bcast(c, []uint64{1}, 0) }, []string{"int64", "uint64"}, false},
		{"a value and a buffer", func(c *Comm) error { return Bcast(c, []byte{1}, 0) }, func(c *Comm) error { _, err := BcastValue(c, 1, 0); return err }, []string{"Bcast"}, false},
	} {
		for _, other := range []int{0, 3} { // the odd one is the first, and another
			if m.others && other == 0 {
				continue
			}
			all = append(all, faultCase{
				name: fmt.Sprintf("%s differ, of rank %d", m.what, other), ranks: 4, class: ErrMismatch, says: m.says,
				program: func(_ context.Context, c *Comm) error {
					call := m.most
					if c.Rank() == other {
						call = m.another
					}
					if err := call(c); err != nil {
						return err
					}
					return c.Barrier() // who has not noticed learns of it here
				},
			})
		}
	}
	return all
}

// faultOnes is a block of one element for each rank.
func faultOnes(c *Comm) []int {
	ones := make([]int, c.Size())
	for r := range ones {
		ones[r] = 1
	}
	return ones
}

// faultEnds is ranks that end otherwise than by returning.
var faultEnds = []faultCase{
	{name: "a rank returns an error", ranks: 3, class: ErrFailed, says: []string{"rank 1", "the disk is full"}, anyMPI: true,
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 1 {
				return errors.New("the disk is full")
			}
			return c.Barrier()
		}},
	{name: "a rank panics", ranks: 3, class: ErrFailed, silent: []int{1}, says: []string{"rank 1", "index out of range"}, anyMPI: true,
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 1 {
				var empty []int
				empty[c.Rank()]++
			}
			return c.Barrier()
		}},
	{name: "a rank exits", ranks: 3, class: ErrDied, silent: []int{1}, says: []string{"rank 1", "3"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 1 {
				os.Exit(3)
			}
			return faultRecv(c, 1, 0)
		}},
	{name: "a rank is killed while it receives", ranks: 4, class: ErrDied, silent: []int{2}, says: []string{"rank 2", "SIGKILL"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 2 {
				faultKillSelf(c.busy.Load)
			}
			if c.Rank() == 0 {
				return faultCompute(c) // or it were a deadlock
			}
			return faultRecv(c, 0, 0)
		}},
	{name: "a rank is killed while it computes", ranks: 4, class: ErrDied, silent: []int{0}, says: []string{"rank 0", "SIGKILL"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 0 {
				faultKill(os.Getpid())
				for {
					runtime.Gosched()
				}
			}
			return c.Barrier()
		}},
	{name: "a rank is killed in the middle of a message", ranks: 3, class: ErrDied, silent: []int{0}, says: []string{"rank 0", "SIGKILL"},
		program: func(_ context.Context, c *Comm) error { return faultHalfway(c, faultKill) }},
	{name: "a rank is killed in the middle of receiving", ranks: 3, class: ErrDied, silent: []int{1}, says: []string{"rank 1", "SIGKILL"},
		program: func(_ context.Context, c *Comm) error {
			return faultHalfway(c, func(int) { faultKill(os.Getpid()) })
		}},
	{name: "a rank is killed in the middle of collective calls", ranks: 4, class: ErrDied, silent: []int{3}, says: []string{"rank 3", "SIGKILL"},
		program: func(_ context.Context, c *Comm) error {
			for i := 0; ; i++ {
				if c.Rank() == 3 && i == 20 {
					faultKillSelf(c.busy.Load)
				}
				buf := make([]float64, 5000)
				if err := Allreduce(c, buf, make([]float64, len(buf)), Sum); err != nil {
					return err
				}
			}
		}},
	{name: "a rank aborts while others compute", ranks: 3, class: ErrAborted, mute: true, says: []string{"rank 1", "7"}, anyMPI: true,
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 1 {
				c.Abort(7)
			}
			for { // takes no notice of anything
				runtime.Gosched()
			}
		}},
	{name: "a rank aborts while others wait", ranks: 3, class: ErrAborted, mute: true, says: []string{"rank 2", "7"}, anyMPI: true,
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 2 {
				c.Abort(7)
			}
			return faultRecv(c, 2, 0)
		}},
	{name: "time is over while ranks compute", ranks: 3, class: ErrTimeout, mute: true, says: []string{"700ms"}, opts: []Option{WithTimeout(700 * time.Millisecond)},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 0 {
				return faultRecv(c, 1, 0)
			}
			for {
				runtime.Gosched()
			}
		}},
	{name: "time is over and an MPI library says so", ranks: 2, class: ErrTimeout, mute: true, opts: []Option{WithTimeout(2 * time.Second)}, anyMPI: true,
		program: func(_ context.Context, c *Comm) error {
			for {
				runtime.Gosched()
			}
		}},
	{name: "there is time enough", ranks: 3, opts: []Option{WithTimeout(time.Hour)}, anyMPI: true,
		program: func(_ context.Context, c *Comm) error { return c.Barrier() }},
	{name: "messages that nobody receives", ranks: 3, anyMPI: true,
		program: func(_ context.Context, c *Comm) error { return Send(c, []int{1}, (c.Rank()+1)%3, 0) }},
}

func TestTheCodeOfAbortIsReturned(t *testing.T) {
	for _, e := range engines {
		t.Run(EngineName(WithEngine(t.Context(), e)), func(t *testing.T) {
			ctx := needs(t, e)
			for _, code := range []int{7, 1, 255, 3000} {
				_, err := Run(ctx, faultAbort, 3, code)
				var failed *Error
				if !errors.As(err, &failed) || failed.Class != ErrAborted || failed.Code != code || failed.Rank != 1 {
					t.Errorf("abort with code %d: %#v, want ErrAborted of rank 1", code, err)
				}
			}
		})
	}
}

var faultAbort = Register("fault.abort", func(_ context.Context, c *Comm, code int) (int, error) {
	if c.Rank() == 1 {
		c.Abort(code)
	}
	return 0, c.Barrier()
})
