package ch1

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/chart"
	"cookbook/internal/measure"
	"cookbook/internal/transcript"
)

// Several workers against one: what two laws predict, and what this machine does.

// # The laws

// amdahl is how many times as fast n workers are at a job of fixed size, if one must do the share serial alone.
func amdahl(serial, n float64) float64 { return 1 / (serial + (1-serial)/n) }

// gustafson is how many times as much n workers do in the time that one needs for the job, if only its parallel part grows.
func gustafson(serial, n float64) float64 { return serial + (1-serial)*n }

func showLaws(out *transcript.Log, serial int) {
	out.Note("What the laws promise when %d %% of the work is serial. Amdahl: the same job in less time. "+
		"Gustafson: a larger job in the same time.", serial)
	known := float64(serial) / 100
	out.Printf("processors  Amdahl  efficiency  Gustafson")
	for _, n := range []float64{1, 2, 4, 8, 16, 64, 1024} {
		out.Printf("%10.0f  %6.2f  %8.1f %%  %9.2f", n, amdahl(known, n), 100*amdahl(known, n)/n, gustafson(known, n))
	}
	out.Printf("     limit  %6.2f", amdahl(known, math.Inf(1)))
	out.Check("90 % parallel: Amdahl's limit, where the book's text says 9", amdahl(0.1, math.Inf(1)), 10.0)
	out.Check("90 % parallel: 9 is what 81 processors reach", fmt.Sprintf("%.9f", amdahl(0.1, 81)), "9.000000000")
}

// # The measurement

// job does the serial part, and then the parallel part, copies times over, with a number of workers.
func job(ctx context.Context, serial, parallel, copies, workers int) (chain, sum uint64) {
	chain = 1
	for range serial {
		chain = workUnit(ctx, chain)
	}
	var total atomic.Uint64
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			own := uint64(0) // the shared total is touched once, not for each unit
			for i := w * parallel * copies / workers; i < (w+1)*parallel*copies/workers; i++ {
				own += workUnit(ctx, uint64(i%parallel+1))
			}
			total.Add(own)
		})
	}
	all.Wait()
	return chain, total.Load()
}

// workUnit is one unit of work: 15000 steps of a random number generator (Knuth's MMIX), or none once ctx has ended.
func workUnit(ctx context.Context, x uint64) uint64 {
	if ctx.Err() != nil {
		return 0
	}
	for range 15_000 {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}

// measureJobs lets 1, 2, 4 and so on up to most workers do a job of 1000 units, once as it is and once with a parallel
// part that grows with the workers.
func measureJobs(ctx context.Context, out *transcript.Log, serial, most int, picture string) error {
	var counts []int
	for n := 1; n < 2*most; n *= 2 {
		counts = append(counts, min(n, most))
	}

	chain, sum := job(ctx, serial*10, 1000-serial*10, 1, 1)
	wrong := 0
	var works []func() error // of each count: the job, and the growing job
	for _, n := range counts {
		for _, copies := range []int{1, n} {
			works = append(works, func() error {
				if c, s := job(ctx, serial*10, 1000-serial*10, copies, n); c != chain || s != uint64(copies)*sum || s == 0 && serial < 100 {
					wrong++
				}
				return nil
			})
		}
	}
	times, err := measure.InTurn(ctx, 5, works...)
	if err != nil {
		return err
	}

	known, processors := float64(serial)/100, min(runtime.GOMAXPROCS(0), runtime.NumCPU())
	units := func(n float64, t time.Duration) float64 { return n / t.Seconds() } // per ms; n jobs are 1000 n units
	out.Note("Measured on %d processors: 1000 units of work, %d of them in a chain, where each needs the one before.",
		processors, serial*10)
	out.Printf("workers  units/ms  speed-up  Amdahl  efficiency  serial part")
	var fixed, grown []chart.Point
	var above, below float64
	for i, count := range counts {
		n, took, part := float64(count), times[2*i], "-"
		gains := func(t time.Duration) float64 { return float64(times[0].Median) / float64(t) }
		gain := gains(took.Median)
		if n > 1 { // Karp and Flatt: Amdahl's law solved for the serial part
			part = fmt.Sprintf("%.1f %%", 100*(1/gain-1/n)/(1-1/n))
		}
		out.Printf("%7d  %8.2f  %8.2f  %6.2f  %8.1f %%  %11s",
			count, units(1, took.Median), gain, amdahl(known, n), 100*gain/n, part)
		fixed = append(fixed, chart.Point{X: n, Y: gain, Low: gains(took.Most), High: gains(took.Least)})
		above += (1/gain - 1/n) * (1 - 1/n)
		below += (1 - 1/n) * (1 - 1/n)
	}
	// Least squares of 1/speed-up = serial + (1-serial)/n.
	out.Printf("serial part: known %.1f %%, fitted to the measurements %.1f %%", 100*known, 100*above/below)

	out.Note("Now the parallel part grows with the workers. Compare the rates: twice the units/ms is twice as fast.")
	out.Printf("workers  units/ms  speed-up  Gustafson  efficiency")
	for i, count := range counts {
		n := float64(count)
		rates := func(t time.Duration) float64 { return units(gustafson(known, n), t) }
		took, one := times[2*i+1], units(1, times[1].Median)
		rate, gain := rates(took.Median), rates(took.Median)/one
		out.Printf("%7d  %8.2f  %8.2f  %9.2f  %8.1f %%", count, rate, gain, gustafson(known, n), 100*gain/n)
		grown = append(grown, chart.Point{X: n, Y: gain, Low: rates(took.Most) / one, High: rates(took.Least) / one})
	}
	out.Note("What to look for: the fitted part minus the known part is the cost of starting, sharing and waiting.")
	if most > processors {
		out.Note("More workers than the %d processors take turns and gain nothing. That looks like serial work.", processors)
	}
	out.Check("runs whose result was not that of one worker", wrong, 0)
	if picture == "" {
		return nil
	}
	return drawCurves(out, picture, serial, processors, fixed, grown)
}

// drawCurves draws the laws as curves, to 16 workers at least, and what was measured as points.
func drawCurves(out *transcript.Log, picture string, serial, processors int, fixed, grown []chart.Point) error {
	var a, g []chart.Point
	most := max(16, fixed[len(fixed)-1].X)
	for i := range 65 {
		n := math.Pow(most, float64(i)/64)
		a = append(a, chart.Point{X: n, Y: amdahl(float64(serial)/100, n)})
		g = append(g, chart.Point{X: n, Y: gustafson(float64(serial)/100, n)})
	}
	out.Printf("drawing %s", picture)
	return chart.Chart{
		Title: fmt.Sprintf("Speed-up with %d %% serial work, measured on %d processors", serial, processors),
		X:     "workers", Y: "times as fast as one", Log2: true,
		Lines: []chart.Line{
			{Name: "Gustafson's law", Points: g, Guide: true},
			{Name: "Amdahl's law", Points: a, Guide: true},
			{Name: "measured, growing job", Points: grown},
			{Name: "measured, same job", Points: fixed},
		},
	}.Save(picture)
}

var speedup = catalog.Recipe{
	ID: "ch1.speedup", Section: "1.6", Title: "Measure the speed-up and find the serial part",
	Python: "ProcessPoolExecutor, time.perf_counter", Go: "goroutines, sync.WaitGroup", Measures: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		serial := catalog.Int(f, "serial", 10, 0, 100, "share of the work that one worker must do alone, in `percent`")
		most := catalog.Int(f, "workers", min(max(2, runtime.GOMAXPROCS(0)), 1024), 2, 1024, "measure up to that many workers")
		picture := catalog.File(f, "plot", "picture.svg", "draw the curves in `FILE`, whose name ends in .svg")
		return func(ctx context.Context, out *transcript.Log) error {
			if err := chart.CheckFile(*picture); *picture != "" && err != nil {
				return catalog.Usagef("--plot %v", err)
			}
			showLaws(out, *serial)
			return measureJobs(ctx, out, *serial, *most, *picture)
		}
	},
	Bare: speedupBare,
}
