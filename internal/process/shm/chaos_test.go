//go:build linux

package shm

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"cookbook/internal/process/failure"
)

const (
	chaosPlaces = 4
	chaosSeats  = 2
	chaosTools  = 2*chaosPlaces + 1 // of which each takes three, one after another, so they do not block each other for ever

	// What the numbers of the chaos test are for; before them is one for each place: the slot + 1 of the process that sits there.
	chaosOver    = chaosPlaces
	chaosOrphans = chaosPlaces + 1
)

// chaos does what processes do, at random, until it is over. Two numbers are equal whenever nobody holds the lock, and no
// more than two processes that live have a seat.
var chaos = scene("chaos", func(ctx context.Context, s stage, x *shared) error {
	place := x.N
	random := rand.New(rand.NewPCG(uint64(os.Getpid()), uint64(place)))
	for x.Numbers.Load(chaosOver) == 0 {
		switch random.IntN(40) {
		default:
			err := x.Lock.Acquire(ctx)
			if errors.Is(err, failure.ErrOwnerDied) {
				x.Other.Store(x.Count.Load()) // put right what the dead has left
				x.Numbers.Add(chaosOrphans, 1)
			} else if err != nil {
				return err
			}
			n := x.Count.Load()
			if other := x.Other.Load(); n != other {
				s.say("under the lock %d and %d", n, other)
			}
			x.Count.Store(n + 1)
			for range random.IntN(3000) { // the moment to die
				x.Count.Load()
			}
			x.Other.Store(n + 1)
			if err := x.Lock.Release(); err != nil {
				return err
			}
		case 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19:
			if err := x.Sem.Acquire(ctx); err != nil {
				return err
			}
			x.Numbers.Store(place, int32(x.Sem.me))
			inside := 0
			for i := range chaosPlaces {
				// The seat of a dead process comes back after it is seen to be dead.
				if slot := x.Numbers.Load(i) - 1; slot >= 0 && x.Sem.space.arena.alive(int(slot)) {
					inside++
				}
			}
			if inside > chaosSeats {
				s.say("%d are inside", inside)
			}
			for range random.IntN(3000) {
				x.Count.Load()
			}
			x.Numbers.Store(place, 0)
			if err := x.Sem.Release(); err != nil {
				return err
			}
		case 0:
			_, err := x.Barrier.WaitTimeout(ctx, time.Duration(random.IntN(3))*time.Millisecond)
			if errors.Is(err, failure.ErrBroken) {
				x.Barrier.Reset()
			} else if err != nil {
				return err
			}
		case 2, 3:
			for range 3 {
				if err := x.Tools.Acquire(ctx); err != nil {
					return err
				}
			}
			for range random.IntN(300) {
				x.Count.Load()
			}
			n := 1 + random.IntN(3)
			if err := errors.Join(x.Tools.ReleaseN(n), x.Tools.ReleaseN(3-n)); err != nil {
				return err
			}
		case 1:
			err := x.Cond.Acquire(ctx)
			if err == nil || errors.Is(err, failure.ErrOwnerDied) {
				if random.IntN(2) == 0 {
					err = x.Cond.WaitTimeout(ctx, time.Duration(random.IntN(2000))*time.Microsecond)
				} else {
					err = x.Cond.NotifyAll()
				}
			}
			if err != nil && !errors.Is(err, failure.ErrTimeout) && !errors.Is(err, failure.ErrOwnerDied) {
				return err
			}
			if err := x.Cond.Release(); err != nil {
				return err
			}
		}
	}
	return nil
})

// TestNothingIsLostWhenProcessesAreKilledAtAnyTime kills processes again and again, at moments of chance. What they share stays whole, and
// nobody waits for ever. COOKBOOK_CHAOS=10m makes it last.
func TestNothingIsLostWhenProcessesAreKilledAtAnyTime(t *testing.T) {
	kills, until := 40, time.Time{}
	if text := os.Getenv("COOKBOOK_CHAOS"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		until = time.Now().Add(d)
	}
	g := space(t)
	x := &shared{
		Lock: must[*Lock](t)(NewLock(g, "lock")), Sem: must[*Semaphore](t)(NewBoundedSemaphore(g, "semaphore", chaosSeats)),
		Tools:   must[*Semaphore](t)(NewBoundedSemaphore(g, "tools", chaosTools)),
		Barrier: must[*Barrier](t)(NewBarrier(g, "barrier", chaosPlaces)), Cond: must[*Condition](t)(NewCondition(g, "condition", nil)),
		Count: must[*Value[int64]](t)(NewValue[int64](g, 0)), Other: must[*Value[int64]](t)(NewValue[int64](g, 0)),
		Numbers: must[*Array[int32]](t)(NewArray[int32](g, chaosPlaces+2)),
	}
	begin := func(place int) *party {
		mine := *x
		mine.N = place
		return start(t, g, chaos, &mine)
	}
	var parties []*party
	for i := range chaosPlaces {
		parties = append(parties, begin(i))
	}
	done := 0
	for ; done < kills || time.Now().Before(until); done++ {
		before := x.Count.Load()
		i := rand.IntN(chaosPlaces)
		eventually(t, "they go on", func() bool { return x.Count.Load() > before+int64(rand.IntN(2000)) })
		p := parties[i]
		p.cmd.Process.Kill()
		if text, err := p.out.ReadString('\n'); err == nil {
			t.Error(text)
		}
		p.reap()
		if rand.IntN(2) == 0 {
			p.a.died(p.slot)
		} // else the others find out
		parties[i] = begin(i)
	}
	x.Numbers.Store(chaosOver, 1)
	for _, p := range parties {
		if text, err := p.out.ReadString('\n'); err == nil {
			t.Error(text)
		}
		p.ends()
	}
	for sem, n := range map[*Semaphore]int{x.Sem: chaosSeats, x.Tools: chaosTools} {
		for range n {
			is(t, sem.Acquire(t.Context()), nil)
		}
		if sem.TryAcquire() {
			t.Errorf("of %s there is one too many", sem.title())
		}
	}
	if err := x.Lock.Acquire(t.Context()); err == nil && x.Count.Load() != x.Other.Load() {
		t.Errorf("in the end %v and %v", x.Count, x.Other)
	}
	t.Logf("%d processes killed, %d of them with the lock held, in %v updates", done, x.Numbers.Load(chaosOrphans), x.Count)
}
