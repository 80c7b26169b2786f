package mpi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"cookbook/internal/mpi/engine"
)

// A ranksHere is a world whose ranks are goroutines of this process, so that the race detector sees what they do to their
// memory.
type ranksHere struct {
	w     *world
	ranks []*rank
}

func newRanksHere(t testing.TB, ctx context.Context, n, eager int) *ranksHere {
	if runtime.GOOS != "linux" {
		t.Skip("ranks need Linux")
	}
	words := make([]uint64, (&world{n: n}).place(ringSize(n))/8+line)
	base := unsafe.Pointer(unsafe.SliceData(words))
	skip := -uintptr(base) & (line - 1)
	memory := unsafe.Slice((*byte)(unsafe.Add(base, skip)), (&world{n: n}).place(ringSize(n)))
	h := &ranksHere{w: beginWorld(memory, n, eager, true)}
	for r := range n {
		w := &world{n: n, me: r} // as each process has one of its own
		w.place(ringSize(n))
		w.use(memory)
		k := newRank(ctx, w, r)
		k.polls, k.yields = 4, 2 // goroutines that look for long keep each other from running
		h.ranks = append(h.ranks, k)
	}
	return h
}

// run runs f in all ranks, looks for deadlocks, and returns the ranks' errors.
func (h *ranksHere) run(f func(c *Comm) error) []error {
	errs := make([]error, len(h.ranks))
	var all sync.WaitGroup
	for i, r := range h.ranks {
		all.Go(func() {
			err := f(NewComm(worldComm(r)))
			if err == nil {
				err = r.finish()
			}
			r.desk.moves.Add(1)
			r.desk.state.Store(ended)
			if err != nil {
				r.w.fail(failure(i, err))
			}
			errs[i] = err
		})
	}
	over := make(chan struct{})
	var looking sync.WaitGroup
	looking.Go(func() { h.w.watch(context.Background(), 0, over) })
	all.Wait()
	close(over)
	looking.Wait()
	return errs
}

// TestTraffic sends messages of random sizes, tags and kinds from each rank to each, and receives them in random order.
func TestTraffic(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5} {
		for _, eager := range []int{0, 100, engine.DefaultEager} {
			t.Run(fmt.Sprintf("%d ranks, eager limit %d", n, eager), func(t *testing.T) {
				h := newRanksHere(t, t.Context(), n, eager)
				for r, err := range h.run(func(c *Comm) error { return traffic(c, uint64(n*7+eager)) }) {
					if err != nil {
						t.Errorf("rank %d: %v", r, err)
					}
				}
			})
		}
	}
}

// A letter is one message: all ranks know all of them.
type letter struct{ from, to, tag, size int }

func (l letter) text(i int) []byte {
	return bytes.Repeat([]byte{byte(i), byte(l.from), byte(l.to)}, l.size/3+1)[:l.size]
}

func traffic(c *Comm, seed uint64) error {
	dice := rand.New(rand.NewPCG(seed, 1))
	var letters []letter
	for range 60 * c.Size() {
		size := dice.IntN(200)
		if dice.IntN(8) == 0 {
			size = dice.IntN(300_000) // larger than a ring
		}
		letters = append(letters, letter{dice.IntN(c.Size()), dice.IntN(c.Size()), dice.IntN(4), size})
	}
	mine := rand.New(rand.NewPCG(seed, uint64(c.Rank())+2))
	var sends, receives []*Request
	inbox := map[*Request][]byte{}
	wants := map[*Request][]byte{}
	for i, l := range letters {
		if l.to == c.Rank() {
			buf := make([]byte, l.size+mine.IntN(2))
			r, err := Irecv(c, buf, l.from, l.tag)
			if err != nil {
				return err
			}
			inbox[r], wants[r] = buf, l.text(i)
			receives = append(receives, r)
		}
		if l.from == c.Rank() {
			r, err := Isend(c, l.text(i), l.to, l.tag)
			if err != nil {
				return err
			}
			sends = append(sends, r)
		}
		if i%17 == 0 {
			if _, _, err := c.Iprobe(engine.AnySource, engine.AnyTag); err != nil {
				return err
			}
		}
	}
	mine.Shuffle(len(receives), func(i, j int) { receives[i], receives[j] = receives[j], receives[i] })
	for _, r := range receives {
		s, err := r.Wait()
		if err != nil {
			return err
		}
		if got := inbox[r][:s.Count]; !bytes.Equal(got, wants[r]) {
			return fmt.Errorf("got %d bytes from %d, tag %d; want %d others", len(got), s.Source, s.Tag, len(wants[r]))
		}
	}
	return Waitall(sends...)
}

// TestCollectivesHere sees what the collective calls do to the memory between ranks, small and large.
func TestCollectivesHere(t *testing.T) {
	for _, n := range []int{1, 2, 3, 6} {
		h := newRanksHere(t, t.Context(), n, engine.DefaultEager)
		for r, err := range h.run(func(c *Comm) error {
			for i := range 40 {
				length := []int{0, 1, 100, 200, 5000}[i%5]
				send, recv := make([]int64, length), make([]int64, length)
				for k := range send {
					send[k] = int64(c.Rank() + k + i)
				}
				if err := Allreduce(c, send, recv, Sum); err != nil {
					return err
				}
				for k := range recv {
					if want := int64(n*(n-1)/2 + n*(k+i)); recv[k] != want {
						return fmt.Errorf("round %d: sum %d is %d, want %d", i, k, recv[k], want)
					}
				}
				if err := Bcast(c, send, i%n); err != nil {
					return err
				}
				if length > 0 && send[0] != int64(i%n+i) {
					return fmt.Errorf("round %d: %d was broadcast, want %d", i, send[0], i%n+i)
				}
				if i%10 == 0 {
					sub, err := c.Split(c.Rank()%2, -c.Rank())
					if err != nil {
						return err
					}
					if err := sub.Barrier(); err != nil {
						return err
					}
					if err := sub.Free(); err != nil {
						return err
					}
				}
			}
			return c.Barrier()
		}) {
			if err != nil {
				t.Errorf("rank %d of %d: %v", r, n, err)
			}
		}
	}
}

// TestManyCommunicators takes places for communicators again when they were freed, and says so when there are none.
func TestManyCommunicators(t *testing.T) {
	h := newRanksHere(t, t.Context(), 2, engine.DefaultEager)
	errs := h.run(func(c *Comm) error {
		for range 3 * maxComms {
			d, err := c.Dup()
			if err != nil {
				return err
			}
			if err := d.Free(); err != nil {
				return err
			}
			if err := d.Free(); !errors.Is(err, engine.ErrComm) {
				return fmt.Errorf("freed twice: %v", err)
			}
		}
		for range maxComms - 1 {
			if _, err := c.Dup(); err != nil {
				return err
			}
		}
		_, err := c.Dup()
		return err
	})
	for _, err := range errs {
		if !errors.Is(err, engine.ErrComm) || !strings.Contains(err.Error(), "64 communicators") {
			t.Errorf("one too many: %v", err)
		}
	}
}

// TestDeadlockHere has ranks wait for each other in every way, and sees the reason on each of them.
func TestDeadlockHere(t *testing.T) {
	for _, test := range []struct {
		name string
		n    int
		f    func(c *Comm) error
		want string
	}{
		{"two that receive", 3, func(c *Comm) error {
			if c.Rank() == 0 {
				return c.Barrier()
			}
			_, _, err := RecvValue[int](c, 3-c.Rank(), 4)
			return err
		}, "deadlock: rank 1 waits in Recv for a message from rank 2 with tag 4; rank 2 waits in Recv for a message from rank 1 with tag 4"},
		{"a ring of sends", 3, func(c *Comm) error {
			return Ssend(c, []int{1}, (c.Rank()+1)%3, 0)
		}, "deadlock: rank 0 waits in Ssend for rank 1 to receive; rank 1 waits in Ssend for rank 2 to receive; rank 2 waits in Ssend for rank 0 to receive"},
		{"one that has ended", 2, func(c *Comm) error {
			if c.Rank() == 1 {
				return nil
			}
			_, err := c.Probe(1, engine.AnyTag)
			return err
		}, "deadlock: rank 0 waits in Probe for a message from rank 1; rank 1 has ended"},
		{"any source", 3, func(c *Comm) error {
			_, err := Recv(c, []int{0}, engine.AnySource, engine.AnyTag)
			return err
		}, "deadlock: rank 0 waits in Recv for a message from any rank"},
		{"a barrier that one does not come to", 3, func(c *Comm) error {
			if c.Rank() == 2 {
				return nil
			}
			return c.Barrier()
		}, "deadlock: rank 0 waits in Barrier for rank 2; rank 2 has ended"},
		{"a barrier and a receive", 2, func(c *Comm) error {
			if c.Rank() == 0 {
				return c.Barrier()
			}
			_, err := Recv(c, []int{0}, 0, 9)
			return err
		}, "deadlock: rank 0 waits in Barrier for rank 1; rank 1 waits in Recv for a message from rank 0 with tag 9"},
		{"itself", 1, func(c *Comm) error { return Ssend(c, []int{1}, 0, 0) },
			"deadlock: rank 0 waits in Ssend for rank 0 to receive"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newRanksHere(t, t.Context(), test.n, engine.DefaultEager)
			failed := 0
			for _, err := range h.run(test.f) {
				if err == nil {
					continue
				}
				failed++
				if !errors.Is(err, engine.ErrDeadlock) || !strings.HasPrefix(err.Error(), test.want) {
					t.Errorf("got %v\nwant %s", err, test.want)
				}
			}
			if failed == 0 {
				t.Error("nobody was told")
			}
		})
	}
}

// TestNoFalseAlarm computes, sleeps and waits in turn for longer than the detector takes to be sure.
func TestNoFalseAlarm(t *testing.T) {
	h := newRanksHere(t, t.Context(), 3, 0)
	for r, err := range h.run(func(c *Comm) error {
		begin := time.Now()
		buf := []int{0}
		for turn := 0; ; turn++ {
			if c.Rank() == turn%3 {
				time.Sleep(time.Duration(turn%4) * 100 * time.Millisecond) // it computes
				if time.Since(begin) > 1500*time.Millisecond {
					buf[0] = -1
				}
				for p := range 3 {
					if p != c.Rank() {
						if err := Send(c, buf, p, turn); err != nil {
							return err
						}
					}
				}
			} else if _, err := Recv(c, buf, turn%3, turn); err != nil {
				return err
			}
			if buf[0] < 0 {
				return nil
			}
		}
	}) {
		if err != nil {
			t.Errorf("rank %d: %v", r, err)
		}
	}
}

// TestMismatchHere makes different collective calls, or the same with other arguments.
func TestMismatchHere(t *testing.T) {
	four := func() []int { return make([]int, 4) }
	for _, test := range []struct {
		name string
		one  func(c *Comm) error // of rank 1
		want string
	}{
		{"another call", func(c *Comm) error { return Allreduce(c, four(), four(), Sum) }, "Allreduce(4 × int, SUM)"},
		{"another root", func(c *Comm) error { return Bcast(c, four(), 1) }, "Bcast(4 × int, root 1)"},
		{"another length", func(c *Comm) error { return Bcast(c, four()[:3], 0) }, "Bcast(3 × int, root 0)"},
		{"another type", func(c *Comm) error { return Bcast(c, make([]float64, 4), 0) }, "Bcast(4 × float64, root 0)"},
		{"a barrier", func(c *Comm) error { return c.Barrier() }, "Barrier()"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newRanksHere(t, t.Context(), 3, engine.DefaultEager)
			failed := 0
			for _, err := range h.run(func(c *Comm) error {
				if c.Rank() == 1 {
					return test.one(c)
				}
				return Bcast(c, four(), 0)
			}) {
				if err != nil {
					failed++
					if !errors.Is(err, engine.ErrMismatch) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "Bcast(4 × int, root 0)") {
						t.Errorf("got %v, want both calls", err)
					}
				}
			}
			if failed == 0 {
				t.Error("nobody was told")
			}
		})
	}
}

// TestAFaultHalfWritten has a rank killed while it writes down why the world is of no use: that keeps nobody from being told of its
// death.
func TestAFaultHalfWritten(t *testing.T) {
	h := newRanksHere(t, t.Context(), 3, engine.DefaultEager)
	died := engine.Errorf(engine.ErrDied, 0, "rank 0 died")
	waiting := make(chan struct{})
	go func() {
		<-waiting
		h.w.fail(died)
	}()
	for r, err := range h.run(func(c *Comm) error {
		if c.Rank() == 0 { // as far as it came
			half := &h.w.head.faults[0]
			half.class, half.length = int32(engine.ErrOther), 17
			close(waiting)
			for !h.w.failed() {
				runtime.Gosched()
			}
			return nil
		}
		_, err := Recv(c, []int{0}, 0, 0)
		return err
	}) {
		if !errors.Is(err, engine.ErrDied) || err.Error() != died.Text {
			t.Errorf("rank %d: %v, want %v", r, err, died)
		}
	}
}

// TestTheFirstFaultCounts has all ranks and the process that runs them fail at once: all are told the same.
func TestTheFirstFaultCounts(t *testing.T) {
	for range 50 {
		h := newRanksHere(t, t.Context(), 4, engine.DefaultEager)
		var all sync.WaitGroup
		for i, r := range h.ranks {
			all.Go(func() { r.w.fail(engine.Errorf(engine.ErrFailed, i, "rank %d failed", i)) })
		}
		for range 2 {
			all.Go(func() { h.w.fail(engine.Errorf(engine.ErrTimeout, -1, "too late")) })
		}
		all.Wait()
		want := h.w.trouble()
		if want == nil || want.Text != fmt.Sprintf("rank %d failed", want.Rank) && want.Text != "too late" {
			t.Fatalf("told is %+v", want)
		}
		for _, r := range h.ranks {
			if got := r.w.trouble(); *got != *want {
				t.Errorf("one is told %v, another %v", got, want)
			}
		}
	}
}
