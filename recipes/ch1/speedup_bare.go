package ch1

import (
	"context"
	"math"
	"runtime"
	"time"

	"cookbook/internal/transcript"
)

// Several workers against one: what two laws predict for a job of which 10 % are serial, and what this machine does.

// fastest runs a piece of work several times and returns the least time, which the rest of the machine has disturbed least.
func fastest(ctx context.Context, work func()) (time.Duration, error) {
	least := time.Duration(math.MaxInt64)
	for range 5 {
		begun := time.Now()
		work()
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		least = min(least, max(time.Since(begun), 1)) // a coarse clock may see no time pass
	}
	return least, nil
}

func speedupBare(ctx context.Context, out *transcript.Log) error {
	const serial, parallel = 100, 900 // units of work
	const share = float64(serial) / (serial + parallel)

	out.Note("Amdahl: the same job in less time. Gustafson: a larger job in the same time.")
	out.Printf("processors  Amdahl  efficiency  Gustafson")
	for _, n := range []float64{1, 2, 4, 8, 16, 64, 1024} {
		out.Printf("%10.0f  %6.2f  %8.1f %%  %9.2f", n, amdahl(share, n), 100*amdahl(share, n)/n, gustafson(share, n))
	}
	limit := amdahl(share, math.Inf(1))
	out.Printf("     limit  %6.2f", limit)
	out.Check("90 % parallel: Amdahl's limit", limit, 10.0)

	out.Note("Now the job itself, with 1, 2, 4 and so on up to as many workers as there are processors.")
	chain, sum := job(ctx, serial, parallel, 1, 1)
	var one time.Duration
	wrong := 0
	out.Printf("workers  units/ms  speed-up  Amdahl  efficiency")
	for n := 1; n <= runtime.GOMAXPROCS(0); n *= 2 {
		took, err := fastest(ctx, func() {
			if c, s := job(ctx, serial, parallel, 1, n); c != chain || s != sum {
				wrong++
			}
		})
		if err != nil {
			return err
		}
		if n == 1 {
			one = took
		}
		gain := float64(one) / float64(took)
		out.Printf("%7d  %8.2f  %8.2f  %6.2f  %8.1f %%",
			n, (serial+parallel)/1000/took.Seconds(), gain, amdahl(share, float64(n)), 100*gain/float64(n))
	}
	out.Note("What is missing to Amdahl's law is the cost of starting, sharing and waiting.")
	out.Check("runs whose result was not that of one worker", wrong, 0)
	return nil
}
