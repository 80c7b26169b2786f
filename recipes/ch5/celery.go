package ch5

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/tasks"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// What runs where: the engine is the broker and keeps the calls, a client sends them and ends, workers do them, and another client
// fetches the results. Each is a process of its own.

// # The task

// A span is the numbers from From up to To, without To.
type span struct{ From, To int }

type counted struct {
	Primes int
	Worker string // that has done it
}

// countPrimes is known to clients and workers by its name.
var countPrimes = tasks.Register("ch5.count-primes", func(ctx context.Context, s span) (counted, error) {
	n, err := primesIn(ctx, s)
	return counted{n, tasks.Current(ctx).Worker}, err
}, tasks.WithExpires(10*time.Minute)) // if no worker ever comes, the engine need not keep it

func primesIn(ctx context.Context, s span) (primes int, err error) {
	for n := max(s.From, 2); n < s.To; n++ {
		divisor := 2
		for divisor*divisor <= n && n%divisor != 0 {
			divisor++
		}
		if divisor*divisor > n {
			primes++
		}
		if n%1000 == 0 && ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
	}
	return primes, nil
}

// # A worker

type countingWorker struct {
	At          engine.Address
	Name        string
	Concurrency int
}

var serveCounting = process.Register("ch5.counting-worker", func(ctx context.Context, w countingWorker) (struct{}, error) {
	conn, err := engine.Connect(ctx, w.At)
	if err != nil {
		return struct{}{}, err
	}
	defer conn.Close()
	process.Log(ctx).Actor(w.Name).Printf("process %d serves the queue %s", os.Getpid(), tasks.DefaultQueue)
	return struct{}{}, tasks.Serve(ctx, conn, tasks.WithWorkerName(w.Name), tasks.WithConcurrency(w.Concurrency))
})

// # The clients

// A counting is what the clients hand on. Whoever has the ids of the calls can fetch their results.
type counting struct {
	At                    engine.Address
	Limit, Calls, Workers int
	IDs                   []string
	Primes                int
}

// openApp connects a client. It has to close its connection.
func openApp(ctx context.Context, at engine.Address) (*tasks.App, error) {
	conn, err := engine.Connect(ctx, at)
	if err != nil {
		return nil, err
	}
	app, err := tasks.NewApp(ctx, conn)
	if err != nil {
		conn.Close()
	}
	return app, err
}

// sendCounting sends the calls and waits for nobody.
var sendCounting = process.Register("ch5.counting-sender", func(ctx context.Context, c counting) (counting, error) {
	app, err := openApp(ctx, c.At)
	if err != nil {
		return c, err
	}
	defer app.Conn().Close()
	spans := make([]span, c.Calls)
	for i := range spans { // the largest numbers first: they take longest, and at the end no worker should wait for one long call
		k := c.Calls - i
		spans[i] = span{(k - 1) * c.Limit / c.Calls, k * c.Limit / c.Calls}
	}
	sent, err := countPrimes.ApplyAll(ctx, app, spans)
	if err != nil {
		return c, err
	}
	for _, call := range sent {
		c.IDs = append(c.IDs, call.ID())
	}
	depth, err := app.Queues(ctx)
	say := process.Log(ctx).Actor("client 1").Printf
	say("process %d has sent %d calls of %s", os.Getpid(), c.Calls, countPrimes.Name())
	say("calls in the queue %s: %d", tasks.DefaultQueue, depth[tasks.DefaultQueue])
	return c, err
})

// fetchCounting asks which workers there are, and waits for the results.
var fetchCounting = process.Register("ch5.counting-fetcher", func(ctx context.Context, c counting) (counting, error) {
	app, err := openApp(ctx, c.At)
	if err != nil {
		return c, err
	}
	defer app.Conn().Close()
	say := process.Log(ctx).Actor("client 2").Printf
	workers, err := findWorkers(ctx, app, c.Workers)
	if err != nil {
		return c, err
	}
	for _, name := range workers[0].Tasks {
		say("registered task: %s", name)
	}
	for _, w := range workers {
		say("%s answers: process %d, concurrency %d, queues %s", w.Name, w.Pid, w.Concurrency, strings.Join(w.Queues, ", "))
	}
	done := map[string]int{}
	for _, id := range c.IDs {
		result, err := countPrimes.Result(app, id).Get(ctx)
		if err != nil {
			return c, err
		}
		c.Primes += result.Primes
		done[result.Worker]++
	}
	for _, w := range workers {
		say("%s has done %d of %d calls", w.Name, done[w.Name], c.Calls)
	}
	return c, nil
})

// findWorkers waits until n workers have answered. If others have started them, it takes those that answer within half a second.
func findWorkers(ctx context.Context, app *tasks.App, n int) ([]tasks.WorkerInfo, error) {
	if n == 0 {
		limited, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		defer cancel()
		ctx, n = limited, math.MaxInt
	}
	workers, err := app.Ping(ctx, n)
	slices.SortFunc(workers, func(a, b tasks.WorkerInfo) int { // worker 2 before worker 10
		return cmp.Or(cmp.Compare(len(a.Name), len(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	return workers, err
}

// # The run

func countByWorkers(ctx context.Context, out *transcript.Log, c counting, concurrency int) error {
	run, err := distributed.Open(ctx, out, distributed.WithWorkers(c.Workers))
	if err != nil {
		return err
	}
	defer run.Close() // ends the workers, too
	where := "elsewhere"
	if run.Engine.Embedded() {
		where = fmt.Sprintf("in process %d", os.Getpid())
	}
	out.Printf("broker: NATS %s, %s", where, run.Address().Where())

	c.At = run.Address()
	if c, err = runClient(ctx, run, sendCounting, c, "client 1"); err != nil {
		return err
	}
	if c.Workers > 0 {
		out.Printf("client 1 has ended, and no worker has been started")
	}
	for i := range c.Workers {
		w := countingWorker{c.At, fmt.Sprintf("worker %d", i+1), concurrency}
		if _, err := distributed.Start(run, w.Name, serveCounting, w); err != nil {
			return err
		}
	}
	out.Note("Another client knows nothing but the ids of the calls. It asks which workers there are, and gets the results.")
	if c, err = runClient(ctx, run, fetchCounting, c, "client 2"); err != nil {
		return err
	}
	out.Printf("there are %d primes below %d", c.Primes, c.Limit)
	alone, err := primesIn(ctx, span{0, c.Limit})
	out.Check("it is as many as without workers", alone == c.Primes && err == nil, true)
	return nil
}

// runClient runs a client in a process of its own and returns what it hands on.
func runClient(ctx context.Context, run *distributed.Run, f func(context.Context, counting) (counting, error), c counting, name string) (counting, error) {
	p, err := distributed.Start(run, name, f, c)
	if err != nil {
		return c, err
	}
	if err := p.Join(ctx); err != nil {
		return c, err
	}
	return process.Result[counting](p)
}

var celery = catalog.Recipe{
	ID: "ch5.celery", Section: "5.2", Title: "See what runs where in a task queue",
	Python: "celery.Celery, celery worker, app.control.inspect", Go: "engine.Open, tasks.Serve, App.Ping, App.Queues",
	Needs:  []catalog.Need{catalog.Processes, catalog.Network},
	Engine: string(catalog.NATS),
	New: func(f *pflag.FlagSet) catalog.Run {
		workers := catalog.Int(f, "workers", 2, 0, 64, "worker processes; 0 uses those that have joined by cookbook worker")
		concurrency := catalog.Int(f, "concurrency", 2, 1, 64, "how many calls a worker does at a time")
		calls := catalog.Int(f, "calls", 20, 1, 1000, "calls into which the work is divided")
		limit := catalog.Int(f, "limit", 1_000_000, 10, 5_000_000, "the primes below this number are counted")
		return func(ctx context.Context, out *transcript.Log) error {
			return countByWorkers(ctx, out, counting{Workers: *workers, Calls: *calls, Limit: *limit}, *concurrency)
		}
	},
}
