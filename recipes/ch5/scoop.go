package ch5

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/futures"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// Many tasks throw random points into a square, and the share that falls into the quarter of a circle is π/4.

// # A task

// countHits is known to the workers by its name. Its random numbers belong to the task, not to the worker.
var countHits = futures.Register("ch5.count-hits", func(ctx context.Context, samples int) (int, error) {
	random, hits := futures.Rand(ctx), 0
	for range samples {
		if x, y := random.Float64(), random.Float64(); x*x+y*y <= 1 {
			hits++
		}
	}
	return hits, nil
})

// # A worker

// piWorker is the main function of a worker process: it connects to the engine and calls functions for clients until the
// recipe ends.
var piWorker = process.Register("ch5.pi-worker", func(ctx context.Context, at engine.Address) (struct{}, error) {
	conn, err := engine.Connect(ctx, at)
	if err != nil {
		return struct{}{}, err
	}
	defer conn.Close()
	return struct{}{}, futures.Serve(ctx, conn, 1)
})

// # The client

func estimatePi(ctx context.Context, out *transcript.Log, workers, rounds, step int) error {
	run, err := distributed.Open(ctx, out, distributed.WithWorkers(workers))
	if err != nil {
		return err
	}
	defer run.Close() // ends the workers, too
	for i := range workers {
		if _, err := distributed.Start(run, fmt.Sprintf("worker %d", i+1), piWorker, run.Address()); err != nil {
			return err
		}
	}
	session, err := futures.Open(ctx, run.Conn)
	if err != nil {
		return err
	}
	defer session.Close()

	seed := out.Rand().Uint64()
	for round := 1; round <= rounds; round++ {
		tasks := make([]int, round*step)
		for i := range tasks {
			tasks[i] = len(tasks) // as many samples in each task as there are tasks
		}
		begun := time.Now()
		hits, err := futures.Map(ctx, session, countHits, tasks, futures.WithSeed(seed))
		if err != nil {
			return err
		}
		report(out, round, hits, len(tasks), time.Since(begun))
		if round > 1 {
			continue
		}
		alone, err := withoutWorkers(ctx, tasks, seed)
		if err != nil {
			return err
		}
		out.Check("the same seed gives the same hits without any worker", sum(hits), alone)
	}
	return nil
}

// withoutWorkers does the tasks here, one after the other.
func withoutWorkers(ctx context.Context, tasks []int, seed uint64) (hits int, err error) {
	for i, samples := range tasks {
		n, err := countHits.Call(ctx, seed, i, samples)
		if err != nil {
			return 0, err
		}
		hits += n
	}
	return hits, nil
}

func report(out *transcript.Log, round int, hits []int, samples int, took time.Duration) {
	all := float64(len(hits) * samples)
	pi := 4 * float64(sum(hits)) / all
	out.Printf("%d tasks of %d samples", len(hits), samples)
	out.Printf("  hits per task: %.3f", float64(sum(hits))/float64(len(hits)))
	out.Printf("  pi           : %.6f", pi)
	out.Printf("  error        : %.6f %%", 100*math.Abs(pi-math.Pi)/math.Pi)
	out.Printf("  seconds      : %.3f", took.Seconds())
	if round == 1 {
		out.Note("Four times as many samples halve the error, on average. One run may have luck.")
	}

	// A sample is a hit with probability π/4. So pi lies this far from the truth, as a rule. It lies 4 times as far away once in
	// 16,000 rounds, and 6 times once in 500 million: that can be promised.
	deviation := 4 * math.Sqrt(math.Pi/4*(1-math.Pi/4)/all)
	out.Check(fmt.Sprintf("round %d: pi is right within 6 standard errors", round), math.Abs(pi-math.Pi) <= 6*deviation, true)
}

func sum(numbers []int) (total int) {
	for _, n := range numbers {
		total += n
	}
	return total
}

var scoop = catalog.Recipe{
	ID: "ch5.scoop", Section: "5.4", Title: "Estimate π by tasks on worker processes",
	Python: "scoop.futures.map", Go: "futures.Map over NATS",
	Needs:  []catalog.Need{catalog.Processes, catalog.Network},
	Engine: string(catalog.NATS),
	New: func(f *pflag.FlagSet) catalog.Run {
		workers := catalog.Int(f, "workers", 2, 0, 64, "worker processes; 0 uses those that have joined by cookbook worker")
		rounds := catalog.Int(f, "rounds", 3, 1, 5, "number of rounds; each has more tasks than the one before")
		step := catalog.Int(f, "step", 1000, 1, 3000, "tasks in the first round, and samples in each of them")
		return func(ctx context.Context, out *transcript.Log) error {
			return estimatePi(ctx, out, *workers, *rounds, *step)
		}
	},
}
