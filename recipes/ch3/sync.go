package ch3

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

type syncShared struct {
	Synchronizer *process.Barrier
	Serializer   *process.Lock
	Arrivals     *process.Value[int]
	Lines        *process.Value[int] // said under the serializer
	Speak        bool
}

// A syncReport is what a process returns.
type syncReport struct {
	Stamp       time.Time
	Arrivals    int // that it knew of when it took the stamp
	First, Last int // of its lines under the serializer, counted over both processes
}

const syncClock = "15:04:05.000000"

var testWithBarrier = process.Register("ch3.test_with_barrier", func(ctx context.Context, s syncShared) (r syncReport, err error) {
	s.Arrivals.Add(1)
	if _, err := s.Synchronizer.Wait(ctx); err != nil {
		return r, err
	}
	r.Arrivals = s.Arrivals.Load()
	r.Stamp = time.Now()
	if !s.Speak {
		return r, nil
	}
	err = process.With(ctx, s.Serializer, func() error {
		r.First = s.Lines.Add(1)
		syncSay(ctx, "process %s ----> %s", process.Current(ctx).Name(), r.Stamp.Format(syncClock))
		r.Last = s.Lines.Add(1)
		syncSay(ctx, "and %d had arrived by then", r.Arrivals)
		return nil
	})
	return r, err
})

var testWithoutBarrier = process.Register("ch3.test_without_barrier", func(ctx context.Context, s syncShared) (syncReport, error) {
	now := time.Now()
	if s.Speak {
		syncSay(ctx, "process %s ----> %s", process.Current(ctx).Name(), now.Format(syncClock))
	}
	return syncReport{Stamp: now}, nil
})

func syncSay(ctx context.Context, format string, args ...any) {
	short, _, _ := strings.Cut(process.Current(ctx).Name(), " ")
	process.Log(ctx).Actor(short).Printf(format, args...)
}

func syncRun(ctx context.Context, out *transcript.Log, rounds int) (err error) {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	var s syncShared
	var errs [4]error
	s.Synchronizer, errs[0] = process.NewBarrier(g, "synchronizer", 2)
	s.Serializer, errs[1] = process.NewLock(g, "serializer")
	s.Arrivals, errs[2] = process.NewValue(g, 0)
	s.Lines, errs[3] = process.NewValue(g, 0)
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}

	var with, without []time.Duration
	equal, fewest := 0, 2
	for round := range rounds {
		s.Arrivals.Store(0)
		s.Speak = round == 0
		r, err := syncRound(ctx, g, s)
		if err != nil {
			return err
		}
		if s.Speak {
			out.Check("the two lines of each holder of the lock stand together", r[0].Last-r[0].First == 1 && r[1].Last-r[1].First == 1, true)
			out.Printf("the same %d times, and how far the stamps were apart:", rounds)
		}
		fewest = min(fewest, r[0].Arrivals, r[1].Arrivals)
		with = append(with, r[0].Stamp.Sub(r[1].Stamp).Abs())
		without = append(without, r[2].Stamp.Sub(r[3].Stamp).Abs())
		if r[0].Stamp.Format(syncClock) == r[1].Stamp.Format(syncClock) {
			equal++
		}
		out.Progress("rounds", round+1, rounds)
	}
	out.Check("fewest arrivals known of when a stamp was taken", fewest, 2)
	out.Printf("%-18s  %11s  %11s  %11s", "", "smallest", "median", "largest")
	µs := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	for _, row := range []struct {
		who   string
		apart []time.Duration
	}{{"p1, p2: barrier", with}, {"p3, p4: no barrier", without}} {
		slices.Sort(row.apart)
		out.Printf("%-18s  %8.1f µs  %8.1f µs  %8.1f µs", row.who, µs(row.apart[0]), µs(row.apart[rounds/2]), µs(row.apart[rounds-1]))
	}
	out.Printf("equal to the microsecond, p1 and p2: %d of %d", equal, rounds)
	out.Note("The barrier lets both go at once. When each of them gets a processor and looks at the clock is up to the system.")
	return nil
}

// syncRound starts the book's four processes and returns what they returned.
func syncRound(ctx context.Context, g *process.Group, s syncShared) (reports [4]syncReport, err error) {
	all := []*process.Process{
		process.New(g, testWithBarrier, s, process.WithName("p1 - test_with_barrier")),
		process.New(g, testWithBarrier, s, process.WithName("p2 - test_with_barrier")),
		process.New(g, testWithoutBarrier, s, process.WithName("p3 - test_without_barrier")),
		process.New(g, testWithoutBarrier, s, process.WithName("p4 - test_without_barrier")),
	}
	for _, p := range all {
		if err := p.Start(); err != nil {
			return reports, err
		}
	}
	for i, p := range all {
		if err := p.Join(ctx); err != nil {
			return reports, err
		}
		if reports[i], err = process.Result[syncReport](p); err != nil {
			return reports, err
		}
	}
	return reports, nil
}

var syncRecipe = catalog.Recipe{
	ID: "ch3.sync", Section: "3.8", Title: "Let two of four processes go on together",
	Python: "multiprocessing.Barrier, Lock", Go: "process.Barrier, process.Lock",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory}, Measures: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		rounds := catalog.Int(f, "rounds", 20, 1, 1000, "start the four processes this many times and compare their time stamps")
		return func(ctx context.Context, out *transcript.Log) error { return syncRun(ctx, out, *rounds) }
	},
}
