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

// Two processes look at the clock after a barrier, two others without one. The recipe compares how far apart their times
// are.

// testWithBarrier waits for the other process, looks at the clock, and prints the time with the lock held.
var testWithBarrier = process.Register("ch3.test_with_barrier", func(ctx context.Context, s meeting) (r arrival, err error) {
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
		say(ctx, "process %s ----> %s", process.Current(ctx).Name(), r.Stamp.Format(clock))
		r.Last = s.Lines.Add(1)
		say(ctx, "and %d had arrived by then", r.Arrivals)
		return nil
	})
	return r, err
})

var testWithoutBarrier = process.Register("ch3.test_without_barrier", func(ctx context.Context, s meeting) (arrival, error) {
	now := time.Now()
	if s.Speak {
		say(ctx, "process %s ----> %s", process.Current(ctx).Name(), now.Format(clock))
	}
	return arrival{Stamp: now}, nil
})

func say(ctx context.Context, format string, args ...any) {
	short, _, _ := strings.Cut(process.Current(ctx).Name(), " ")
	process.Log(ctx).Actor(short).Printf(format, args...)
}

// A meeting is what the four processes share.
type meeting struct {
	Synchronizer *process.Barrier
	Serializer   *process.Lock
	Arrivals     *process.Value[int]
	Lines        *process.Value[int] // said under the serializer
	Speak        bool
}

// An arrival is what a process returns.
type arrival struct {
	Stamp       time.Time
	Arrivals    int // that it knew of when it took the stamp
	First, Last int // of its lines under the serializer, counted over both processes
}

const clock = "15:04:05.000000"

// # The run

// startFour starts the book's four processes and returns what they returned.
func startFour(ctx context.Context, g *process.Group, s meeting) (reports [4]arrival, err error) {
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
		if reports[i], err = process.Result[arrival](p); err != nil {
			return reports, err
		}
	}
	return reports, nil
}

func compareStamps(ctx context.Context, out *transcript.Log, rounds int) (err error) {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	synchronizer, err1 := process.NewBarrier(g, "synchronizer", 2)
	serializer, err2 := process.NewLock(g, "serializer")
	arrivals, err3 := process.NewValue(g, 0)
	lines, err4 := process.NewValue(g, 0)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	s := meeting{Synchronizer: synchronizer, Serializer: serializer, Arrivals: arrivals, Lines: lines}

	var with, without []time.Duration
	equal, fewest := 0, 2
	for round := range rounds {
		s.Arrivals.Store(0)
		s.Speak = round == 0
		r, err := startFour(ctx, g, s)
		if err != nil {
			return err
		}
		if s.Speak {
			together := r[0].Last-r[0].First == 1 && r[1].Last-r[1].First == 1
			out.Check("the two lines of each holder of the lock stand together", together, true)
			out.Printf("the same %d times, and how far the stamps were apart:", rounds)
		}
		fewest = min(fewest, r[0].Arrivals, r[1].Arrivals)
		with = append(with, r[0].Stamp.Sub(r[1].Stamp).Abs())
		without = append(without, r[2].Stamp.Sub(r[3].Stamp).Abs())
		if r[0].Stamp.Format(clock) == r[1].Stamp.Format(clock) {
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
		least, median, most := µs(row.apart[0]), µs(row.apart[rounds/2]), µs(row.apart[rounds-1])
		out.Printf("%-18s  %8.1f µs  %8.1f µs  %8.1f µs", row.who, least, median, most)
	}
	out.Printf("equal to the microsecond, p1 and p2: %d of %d", equal, rounds)
	out.Note("The barrier lets both go on at the same time. The system decides when each gets a processor and looks at " +
		"the clock.")
	return nil
}

var syncRecipe = catalog.Recipe{
	ID: "ch3.sync", Section: "3.8", Title: "Let two of four processes go on together",
	Python: "multiprocessing.Barrier, Lock", Go: "process.Barrier, process.Lock",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory}, Measures: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		rounds := catalog.Int(f, "rounds", 20, 1, 1000, "start the four processes this many times and compare the times")
		return func(ctx context.Context, out *transcript.Log) error { return compareStamps(ctx, out, *rounds) }
	},
	Wrong: syncWrong,
	Bare:  syncBare,
}
