//go:build linux

package process

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// A turmoil is what the processes of the chaos test share. Every process that produces is another producer, with numbers of
// its own.
type turmoil struct {
	Queue    *JoinableQueue[[]uint64]
	Seen     *Array[int8]  // how often each item was taken: producer · turmoilEach + number
	Put      *Array[int32] // how many each producer has put, at least
	Taken    *Value[int64] // and marked as done
	Wrong    *Value[int64]
	Producer int
}

const (
	turmoilEach      = 1 << 14
	turmoilProducers = 1 << 10
)

var (
	turmoilProduces = Register("test.turmoilProduces", func(ctx context.Context, x turmoil) (struct{}, error) {
		random := rand.New(rand.NewPCG(uint64(os.Getpid()), 0))
		for i := range turmoilEach {
			item := make([]uint64, 2+random.IntN(40))
			item[0], item[1] = uint64(x.Producer), uint64(i)
			item[len(item)-1] += 1000
			if err := x.Queue.Put(ctx, item); err != nil {
				return struct{}{}, err
			}
			x.Put.Store(x.Producer, int32(i+1))
		}
		return struct{}{}, nil
	})
	turmoilConsumes = Register("test.turmoilConsumes", func(ctx context.Context, x turmoil) (struct{}, error) {
		for last := map[uint64]uint64{}; ; {
			item, err := x.Queue.Get(ctx)
			if errors.Is(err, ErrClosed) {
				return struct{}{}, nil
			} else if err != nil || len(item) < 2 || item[len(item)-1] < 1000 {
				x.Wrong.Add(1)
				return struct{}{}, err
			}
			if len(item) == 2 {
				item[1] -= 1000
			}
			who, number := item[0], item[1]
			if number+1 <= last[who] {
				x.Wrong.Add(1)
			}
			last[who] = number + 1
			x.Seen.Add(int(who)*turmoilEach+int(number), 1)
			x.Taken.Add(1)
			if err := x.Queue.TaskDone(); err != nil {
				x.Wrong.Add(1)
				return struct{}{}, err
			}
		}
	})
)

// TestNoItemIsDoubledWhenProcessesAreKilled kills producers and consumers again and again, at moments
// of chance. Then no item was taken twice, and none is missing but one for each consumer that was killed. COOKBOOK_CHAOS=10m
// makes it last.
func TestNoItemIsDoubledWhenProcessesAreKilled(t *testing.T) {
	kills, until := 100, time.Time{}
	if text := os.Getenv("COOKBOOK_CHAOS"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		until = time.Now().Add(d)
	}
	for first := true; first || time.Now().Before(until); first = false {
		turmoilRound(t, kills)
	}
}

func turmoilRound(t *testing.T, kills int) {
	g := group(t)
	defer g.Close()
	x := turmoil{
		Queue: must[*JoinableQueue[[]uint64]](t)(NewJoinableQueue[[]uint64](g, "queue", 50, WithRoom(4<<10))),
		Seen:  must[*Array[int8]](t)(NewArray[int8](g, turmoilProducers*turmoilEach)),
		Put:   must[*Array[int32]](t)(NewArray[int32](g, turmoilProducers)),
		Taken: must[*Value[int64]](t)(NewValue[int64](g, 0)), Wrong: must[*Value[int64]](t)(NewValue[int64](g, 0)),
	}
	begin := func(consumer bool) *Process {
		mine := x
		p := New(g, turmoilConsumes, mine, WithName("consumer"))
		if !consumer {
			p = New(g, turmoilProduces, mine, WithName("producer"))
			x.Producer++
		}
		started(t, p)
		return p
	}
	all := []*Process{begin(true), begin(true), begin(false), begin(false)}
	killed, killedConsumers := 0, 0
	for ; killed < kills && x.Producer < turmoilProducers; killed++ {
		before, more := x.Taken.Load(), int64(rand.IntN(3000))
		eventually(t, "they go on", func() bool {
			for i := range 4 { // a producer may have come to its end
				if !all[i].IsAlive() {
					all[i] = begin(i < 2)
				}
			}
			return x.Taken.Load() > before+more || x.Wrong.Load() > 0
		})
		if n := x.Wrong.Load(); n > 0 {
			t.Fatalf("%d times consumers got what nobody had put, or not in that order", n)
		}
		i := rand.IntN(4)
		wasAlive := all[i].IsAlive()
		is(t, all[i].Kill(), nil)
		is(t, all[i].Join(t.Context()), nil)
		if c, _ := all[i].ExitCode(); wasAlive && i < 2 && c == -9 {
			killedConsumers++
		}
		all[i] = begin(i < 2)
	}
	for i := 2; i < 4; i++ {
		endsWell(t, all[i])
	}
	err := x.Queue.Join(t.Context())
	is(t, x.Queue.Close(), nil)
	for i := range 2 {
		endsWell(t, all[i])
	}
	if err != nil && !errors.Is(err, ErrDied) {
		t.Error(err)
	}
	lost := 0
	if err != nil {
		fmt.Sscanf(err.Error(), "join queue: items that were not done: %d", &lost)
	}
	missing, put := 0, 0
	for who := range x.Producer {
		n := int(x.Put.Load(who))
		for i := range turmoilEach {
			switch seen := x.Seen.Load(who*turmoilEach + i); {
			case seen > 1, seen == 1 && i > n: // the one after n may have been put, too
				t.Errorf("number %d of producer %d, which has put %d, was taken %d times", i, who, n, seen)
			case seen == 0 && i < n:
				missing++
			}
		}
		put += n
	}
	if missing > killedConsumers || lost > killedConsumers || x.Wrong.Load() > 0 {
		t.Errorf("%d items are missing and %d were lost where %d consumers were killed; wrong: %d", missing, lost, killedConsumers, x.Wrong.Load())
	}
	t.Logf("%d kills, %d of them of consumers: %d items put, %d missing, %d not marked as done", killed, killedConsumers, put, missing, lost)
}
