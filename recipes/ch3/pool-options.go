package ch3

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// Workers of a pool are made ready before their first task, and replaced after a number of tasks. Results can come in any
// order, go to a callback, or come too late.

// # Workers that are made ready, and replaced

// discount, in percent, belongs to a worker's process: it is set there, before the first task.
var discount int

var setDiscount = process.Register("ch3.setDiscount", func(_ context.Context, percent int) (struct{}, error) {
	discount = percent
	return struct{}{}, nil
})

// A sale is a reduced price, and the process that reduced it.
type sale struct {
	Price int
	PID   int
}

var reducePrice = process.Register("ch3.reducePrice", func(_ context.Context, price int) (sale, error) {
	if price < 0 {
		return sale{}, errors.New("a price below 0")
	}
	return sale{price * (100 - discount) / 100, os.Getpid()}, nil
})

// reducePrices reduces prices in a pool whose workers end after one task. The sales come in any order.
func reducePrices(ctx context.Context, out *transcript.Log, workers, percent int) error {
	pool, err := process.NewPool(ctx, workers, process.WithInitializer(setDiscount, percent), process.WithMaxTasksPerChild(1))
	if err != nil {
		return err
	}
	defer pool.Terminate()
	prices := []int{100, 200, 300, 400, 500, 600}
	var came, want []int
	processes := map[int]bool{}
	for s, err := range process.ImapUnordered(ctx, pool, reducePrice, slices.Values(prices)) {
		if err != nil {
			return err
		}
		came = append(came, s.Price)
		processes[s.PID] = true
	}
	for _, price := range prices {
		want = append(want, price*(100-percent)/100)
	}
	out.Printf("in the order in which they came: %v", came)
	slices.Sort(came)
	out.Printf("sorted: %v", came)
	out.Check("every worker knew the discount", slices.Equal(came, want), true)
	out.Check("processes that had a part in it, one for each task", len(processes), len(prices))
	out.Check("this process has no discount", discount, 0)
	return nil
}

// # Results that are not there yet

var hangOn = process.Register("ch3.hangOn", func(ctx context.Context, _ struct{}) (struct{}, error) {
	<-ctx.Done()
	return struct{}{}, context.Cause(ctx)
})

// askForResults asks for a result that does not come, and then calls off the call.
func askForResults(ctx context.Context, out *transcript.Log, workers int) error {
	pool, err := process.NewPool(ctx, workers)
	if err != nil {
		return err
	}
	defer pool.Terminate()

	calledOff := errors.New("called off")
	taskCtx, callOff := context.WithCancelCause(ctx)
	defer callOff(nil)
	slow := process.ApplyAsync(taskCtx, pool, hangOn, struct{}{})
	_, late := slow.GetTimeout(ctx, 20*time.Millisecond)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	out.Printf("%v, ready: %t", late, slow.Ready())
	out.Check("a result that is not there in time is ErrTimeout", errors.Is(late, process.ErrTimeout), true)

	out.Note("The call goes on after a time-out. The end of its context ends it, and its worker is replaced.")
	callOff(calledOff)
	if err := slow.Wait(ctx); err != nil {
		return err
	}
	out.Printf("ready: %t, successful: %t", slow.Ready(), slow.Successful())
	_, ended := slow.Get(ctx)
	out.Check("it ended because it was called off", errors.Is(ended, calledOff), true)

	failed := process.ApplyAsync(ctx, pool, reducePrice, -1, process.WithErrorCallback(func(err error) {
		out.Actor("callback").Printf("%v", err)
	}))
	if err := failed.Wait(ctx); err != nil {
		return err
	}
	out.Printf("the callback has returned")
	out.Check("a call that fails is not successful", failed.Successful(), false)

	pool.Close()
	return pool.Join(ctx)
}

var poolOptions = catalog.Recipe{
	ID: "ch3.pool-options", Section: "3.10", Title: "Make workers ready, and take results as they come",
	Python: "Pool(initializer, maxtasksperchild), imap_unordered", Go: "process.WithInitializer, process.ImapUnordered",
	Needs: []catalog.Need{catalog.Processes},
	New: func(f *pflag.FlagSet) catalog.Run {
		workers := catalog.Int(f, "workers", 3, 1, 64, "processes in each pool")
		percent := catalog.Int(f, "percent", 25, 1, 99, "discount that each worker is told before its first task")
		return func(ctx context.Context, out *transcript.Log) error {
			if err := reducePrices(ctx, out, *workers, *percent); err != nil {
				return err
			}
			return askForResults(ctx, out, *workers)
		}
	},
}
