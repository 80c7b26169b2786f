package ch5

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/futures"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// The three forms of map: results in order, results as they come, and one result of all.

// # The functions

// doubled is the first example's.
var doubled = futures.Register("ch5.double", func(_ context.Context, x int) (int, error) { return 2 * x, nil })

// A slowList is a list, and how long to sleep before its sum is taken.
type slowList struct {
	Numbers []int
	Sleep   time.Duration
}

// manipulate is the book's: it takes its time, and sums a list.
var manipulate = futures.Register("ch5.manipulate", func(ctx context.Context, list slowList) (int, error) {
	select {
	case <-time.After(list.Sleep):
	case <-ctx.Done(): // the client has gone, or does not want the result any more
		return 0, context.Cause(ctx)
	}
	total := 0
	for _, n := range list.Numbers {
		total += n
	}
	return total, nil
})

// add folds two results into one. It is called at the workers, and once more here.
var add = futures.RegisterReducer("ch5.add", func(a, b int) int { return a + b })

// # A worker

var mapWorker = process.Register("ch5.map-worker", func(ctx context.Context, at engine.Address) (struct{}, error) {
	conn, err := engine.Connect(ctx, at)
	if err != nil {
		return struct{}{}, err
	}
	defer conn.Close()
	return struct{}{}, futures.Serve(ctx, conn, 1)
})

// # The client

func mapThreeWays(ctx context.Context, out *transcript.Log, workers, lists int) error {
	run, err := distributed.Open(ctx, out, distributed.WithWorkers(workers))
	if err != nil {
		return err
	}
	defer run.Close() // ends the workers, too
	for i := range workers {
		if _, err := distributed.Start(run, fmt.Sprintf("worker %d", i+1), mapWorker, run.Address()); err != nil {
			return err
		}
	}
	session, err := futures.Open(ctx, run.Conn)
	if err != nil {
		return err
	}
	defer session.Close()

	if err := doubleNumbers(ctx, out, session); err != nil {
		return err
	}
	return reduceLists(ctx, out, session, lists)
}

// # In order, and as they come

func doubleNumbers(ctx context.Context, out *transcript.Log, session *futures.Session) error {
	numbers := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	inOrder, err := futures.Map(ctx, session, doubled, numbers)
	if err != nil {
		return err
	}
	out.Printf("map: %v", inOrder)
	out.Note("The results stand in the order of the inputs, whoever was first.")

	came := make([]int, len(numbers))
	for result, err := range futures.MapAsCompleted(ctx, session, doubled, numbers) {
		if err != nil {
			return err
		}
		out.Printf("map_as_completed: %d doubled is %d", numbers[result.Item], result.Value)
		came[result.Item]++
	}
	once := true
	for _, times := range came {
		once = once && times == 1
	}
	out.Check("each result has come once", once, true)
	return nil
}

// # One result of all

func reduceLists(ctx context.Context, out *transcript.Log, session *futures.Session, count int) error {
	lists := make([]slowList, count)
	for a := range lists { // list a holds a copies of a, so that its sum is a²
		lists[a].Sleep = time.Duration(float64(10*time.Millisecond) / float64(out.Speed()))
		lists[a].Numbers = make([]int, a)
		for i := range lists[a].Numbers {
			lists[a].Numbers[i] = a
		}
	}

	begun := time.Now()
	parallel, err := futures.MapReduce(ctx, session, manipulate, add, lists)
	if err != nil {
		return err
	}
	out.Printf("mapReduce of %d lists: %d", count, parallel)
	out.Printf("  in parallel: %.3f seconds", time.Since(begun).Seconds())

	begun = time.Now()
	serial := 0
	for i, list := range lists {
		sum, err := manipulate.Call(ctx, 0, i, list)
		if err != nil {
			return err
		}
		serial += sum
	}
	out.Printf("in sequence: %d", serial)
	out.Printf("  in sequence: %.3f seconds", time.Since(begun).Seconds())
	out.Note("Most of the time goes into sleeping, so two workers need half of it, on one core, too.")
	out.Check("both ways give the same", parallel, serial)
	out.Check("it is the sum of all squares", serial, (count-1)*count*(2*count-1)/6)
	return nil
}

var scoopMap = catalog.Recipe{
	ID: "ch5.scoop-map", Section: "5.5", Title: "Map and reduce on worker processes",
	Python: "scoop.futures.map, map_as_completed, mapReduce", Go: "futures.Map, MapAsCompleted, MapReduce",
	Needs:  []catalog.Need{catalog.Processes, catalog.Network},
	Engine: string(catalog.NATS),
	New: func(f *pflag.FlagSet) catalog.Run {
		workers := catalog.Int(f, "workers", 2, 0, 64, "worker processes; 0 uses those that have joined by cookbook worker")
		lists := catalog.Int(f, "lists", 1000, 1, 2000, "lists to reduce; list a holds a copies of a")
		return func(ctx context.Context, out *transcript.Log) error {
			return mapThreeWays(ctx, out, *workers, *lists)
		}
	},
}
