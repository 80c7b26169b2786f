package ch1

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/measure"
	"cookbook/internal/transcript"
)

// Uneven tasks are mapped to workers in four ways, by two functions. Each returns what a worker calls for its next piece.

// A trial is a mapping with its grain and a number: of managers, or of queues in reach. Worker w calls next for a piece.
type trial struct {
	name          string
	start         func(all *sync.WaitGroup, t trial, tasks, workers int) (next func(w int) (from int, ok bool))
	number, grain int
}

// ownQueues has no manager. A worker takes the first piece of its own queue, and later the last one of others in reach.
func ownQueues(_ *sync.WaitGroup, t trial, tasks, workers int) func(int) (int, bool) {
	queues, locks := make([][]int, workers), make([]sync.Mutex, workers)
	for from := 0; from < tasks; from += t.grain {
		queues[from*workers/tasks] = append(queues[from*workers/tasks], from)
	}
	return func(w int) (from int, ok bool) {
		for i := 0; i < t.number && !ok; i++ {
			q := (w + i) % workers
			locks[q].Lock()
			if last := len(queues[q]) - 1; last >= 0 && i == 0 {
				from, ok, queues[q] = queues[q][0], true, queues[q][1:]
			} else if last >= 0 {
				from, ok, queues[q] = queues[q][last], true, queues[q][:last]
			}
			locks[q].Unlock()
		}
		return from, ok
	}
}

// managed has a manager that hands out shares of eight pieces to others, which hand the pieces out to their own workers.
func managed(all *sync.WaitGroup, t trial, tasks, _ int) func(int) (int, bool) {
	shares, pieces := make(chan int), make([]chan int, t.number)
	all.Go(func() {
		defer close(shares)
		for from := 0; from < tasks; from += 8 * t.grain {
			shares <- from
		}
	})
	for m := range pieces {
		pieces[m] = make(chan int)
		all.Go(func() {
			defer close(pieces[m])
			for share := range shares {
				for from := share; from < min(share+8*t.grain, tasks); from += t.grain {
					pieces[m] <- from
				}
			}
		})
	}
	return func(w int) (from int, ok bool) { from, ok = <-pieces[w%len(pieces)]; return }
}

// work lets a goroutine for each worker do the tasks, and notes the result.
func (t trial) work(ctx context.Context, sizes []int, workers int, results map[uint64]bool) {
	all, result := new(sync.WaitGroup), new(atomic.Uint64)
	next := t.start(all, t, len(sizes), workers)
	for w := range workers {
		all.Go(func() {
			for from, ok := next(w); ok; from, ok = next(w) {
				for task := from; task < min(from+t.grain, len(sizes)) && ctx.Err() == nil; task++ {
					x := uint64(task)
					for range 300 * sizes[task] { // a unit is 300 steps of a random number generator
						x = x*6364136223846793005 + 1442695040888963407
					}
					result.Add(x)
				}
			}
		})
	}
	all.Wait()
	results[result.Load()] = true
}

// count gives each worker a clock that counts units. The next piece goes to the one whose clock is behind all others.
func (t trial) count(sizes []int, workers int) []int {
	var all sync.WaitGroup
	next := t.start(&all, t, len(sizes), workers)
	loads, clocks := make([]int, workers), make([]int, workers)
	for slices.Min(clocks) < math.MaxInt {
		w := slices.Index(clocks, slices.Min(clocks))
		if from, ok := next(w); ok {
			clocks[w] += sumOf(sizes[from:min(from+t.grain, len(sizes))])
			loads[w] = clocks[w]
		} else {
			clocks[w] = math.MaxInt // done
		}
	}
	all.Wait()
	return loads
}

func mapTasks(ctx context.Context, out *transcript.Log, tasks, workers, grain int) error {
	sizes, random := make([]int, tasks), out.Actor("sizes").Rand()
	for i := range sizes { // about one in ten has 10 units or more, one in a hundred 100 or more
		sizes[i] = int(min(200, 1/(1-random.Float64())))
	}
	total, largest, shares := sumOf(sizes), 0, make([]int, workers)
	for from := 0; from < tasks; from += grain {
		piece := sumOf(sizes[from:min(from+grain, tasks)])
		largest = max(largest, piece)
		shares[from*workers/tasks] += piece
	}
	out.Printf("decomposition: %d tasks of 1 to %d units, %d in all", tasks, slices.Max(sizes), total)
	out.Note("What can be done on its own? Here each task can. Its length is known only when it is done.")
	out.Printf("assignment: a worker is told numbers and hands back a sum")
	out.Note("What has to travel? Tasks that needed each other's results would have to exchange those too.")
	out.Printf("agglomeration: grain %d, which makes %d pieces", grain, (tasks+grain-1)/grain)
	out.Note("Small tasks go together. Otherwise it would cost more to hand them over than to do them.")
	out.Printf("mapping: %d workers, four ways", workers)
	out.Note("Loads are counted as if each worker had its own processor. The largest load is the makespan.")

	trials := []trial{
		{"static", ownQueues, 1, grain}, {"dynamic", managed, 1, grain},
		{"hierarchical", managed, 2, grain}, {"stealing", ownQueues, workers, grain},
		{"dynamic", managed, 1, 1}, {"dynamic", managed, 1, 4}, {"dynamic", managed, 1, 16},
		{"dynamic", managed, 1, 64}, {"dynamic", managed, 1, (tasks + workers - 1) / workers},
	}
	loads, sums := make([][]int, len(trials)), make([]int, len(trials))
	works, results := make([]func() error, len(trials)), map[uint64]bool{}
	out.Printf("mapping       makespan  loads of the workers, in units")
	for i, t := range trials {
		loads[i] = t.count(sizes, workers)
		if i < 4 {
			out.Printf("%-12s  %8d  %v", t.name, slices.Max(loads[i]), loads[i])
		}
		sums[i] = sumOf(loads[i])
		works[i] = func() error { t.work(ctx, sizes, workers, results); return nil }
	}
	out.Check("however mapped, the loads add up to all units", sums, slices.Repeat([]int{total}, len(trials)))
	out.Check("static: each worker did its own share", loads[0], shares)
	makespan := max(slices.Max(loads[1]), slices.Max(loads[3]))
	out.Check("dynamic, stealing: no makespan above the mean and one piece", makespan <= total/workers+largest, true)
	times, err := measure.Medians(ctx, 5, works...)
	if err != nil {
		return err
	}
	out.Note("Now the workers do the work on this machine, with other grains too: from 1 to an equal share for each worker.")
	out.Printf("mapping       grain  pieces  max/mean  units/ms  ratio")
	for i, t := range trials {
		uneven, rate := float64(slices.Max(loads[i])*workers)/float64(total), float64(total)/times[i].Seconds()/1000
		out.Printf("%-12s  %5d  %6d  %8.2f  %8.0f  %5.2f", t.name, t.grain, (tasks+t.grain-1)/t.grain,
			uneven, rate, times[0].Seconds()/times[i].Seconds())
	}
	out.Note("What to look for: small pieces cost messages (units/ms), large ones leave workers idle at the end " +
		"(max/mean). Idle workers cost time only if each has a processor.")
	out.Check("all runs came to one result, and not to 0", len(results) == 1 && !results[0], true)
	return nil
}

func sumOf(numbers []int) (sum int) {
	for _, n := range numbers {
		sum += n
	}
	return sum
}

var design = catalog.Recipe{
	ID: "ch1.design", Section: "1.5", Title: "Share uneven tasks among workers",
	Python: "threading, queue.Queue, collections.deque", Go: "goroutines, channels, sync.Mutex", Measures: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		tasks := catalog.Int(f, "tasks", 2000, 2000, 100_000, "number of tasks, most of them small")
		workers := catalog.Int(f, "workers", 4, 2, 16, "number of workers")
		grain := catalog.Int(f, "grain", 8, 1, 2000, "tasks that go to a worker in one piece")
		return func(ctx context.Context, out *transcript.Log) error {
			return mapTasks(ctx, out, *tasks, *workers, *grain)
		}
	},
}
