package ch3

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// A manager holds a namespace, which is a few named values of different types, and a value of one type. Processes read
// and write both.

// named is sent to a process. It has only proxies: the values stay with the manager.
type named struct {
	Settings *process.ManagedNamespace
	Best     *process.ManagedValue[score]
	Lock     *process.ManagedLock
	Worker   int
}

// A score is a value of a type that the recipe defines. Its fields are exported, because it is copied between processes.
type score struct {
	Worker int
	Points float64
}

// compete reads the settings, and replaces the best score if its own is better.
var compete = process.Register("ch3.compete", func(ctx context.Context, n named) (float64, error) {
	factor, err := process.GetAttr[float64](ctx, n.Settings, "factor")
	if err != nil {
		return 0, err
	}
	weights, err := process.GetAttr[[]int](ctx, n.Settings, "weights")
	if err != nil {
		return 0, err
	}
	points := factor * float64(weights[n.Worker%len(weights)])
	weights[0] = -1 // changes the copy that came here, and nothing else

	// Get and Set are two requests. The lock keeps them together.
	if err := n.Lock.Acquire(ctx); err != nil {
		return 0, err
	}
	best, err := n.Best.Get(ctx)
	if err == nil && points > best.Points {
		err = n.Best.Set(ctx, score{n.Worker, points})
	}
	if err := errors.Join(err, n.Lock.Release()); err != nil {
		return 0, err
	}
	return points, process.SetAttr(ctx, n.Settings, fmt.Sprintf("points of %d", n.Worker), points)
})

func shareSettings(ctx context.Context, out *transcript.Log, workers int) error {
	mgr, err := process.NewManager(ctx)
	if err != nil {
		return err
	}
	defer mgr.Close()
	settings, err1 := process.NewManagedNamespace(ctx, mgr)
	best, err2 := process.NewManagedValue(ctx, mgr, score{-1, 0})
	lock, err3 := process.NewManagedLock(ctx, mgr)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	weights := []int{3, 1, 4, 1, 5, 9, 2, 6}
	err1 = process.SetAttr(ctx, settings, "factor", 1.5)
	err2 = process.SetAttr(ctx, settings, "weights", weights)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}

	out.Note("Each process reads two settings of different types, sets one of its own, and compares its points.")
	jobs, jobsCtx := errgroup.WithContext(ctx)
	for i := range workers {
		jobs.Go(func() error {
			points, err := process.Call(jobsCtx, compete, named{settings, best, lock, i})
			if err == nil {
				out.Actor(fmt.Sprintf("worker %d", i)).Printf("has %.1f points", points)
			}
			return err
		})
	}
	if err := jobs.Wait(); err != nil {
		return err
	}
	names, err := settings.Names(ctx)
	if err != nil {
		return err
	}
	winner, err := best.Get(ctx)
	if err != nil {
		return err
	}
	still, err := process.GetAttr[[]int](ctx, settings, "weights")
	if err != nil {
		return err
	}
	out.Printf("the best: %.1f points", winner.Points)
	most := 0.0
	for i := range workers {
		most = max(most, 1.5*float64(weights[i%len(weights)]))
	}
	out.Check("the best score is the best of all", winner.Points, most)
	out.Check("names in the namespace", len(names), 2+workers)
	out.Check("a change of a copy stays with the copy", still, weights)

	_, wrong := process.GetAttr[string](ctx, settings, "factor")
	out.Check("an attribute has the type that was set", errors.Is(wrong, process.ErrWrongType), true)
	if err := settings.DelAttr(ctx, "factor"); err != nil {
		return err
	}
	_, missing := process.GetAttr[float64](ctx, settings, "factor")
	out.Printf("%v", missing)
	out.Check("an attribute that was deleted is not there", errors.Is(missing, process.ErrNoKey), true)
	return nil
}

var namespace = catalog.Recipe{
	ID: "ch3.namespace", Section: "3.9", Title: "Share a few values of different types",
	Python: "Manager().Namespace, Manager().Value", Go: "process.ManagedNamespace, process.ManagedValue",
	Needs: []catalog.Need{catalog.Processes},
	New: func(f *pflag.FlagSet) catalog.Run {
		workers := catalog.Int(f, "workers", 6, 1, 50, "processes that read the settings")
		return func(ctx context.Context, out *transcript.Log) error { return shareSettings(ctx, out, *workers) }
	},
}
