package ch4

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// Three tasks wait and compute by turns: one after another, interleaved on one loop, and in threads of their own. Pictures
// show which task computes when.

// runOnLoop runs the tasks interleaved on one loop. A single task runs its steps in sequence.
func runOnLoop(ctx context.Context, out *transcript.Log, names []string, tasks ...[]turn) (r *record, err error) {
	var now, slept time.Duration // book time: moves by the time that a step stands for, however long the step took
	r = &record{now: func() time.Duration { return now }}
	spend := func(ctx context.Context, d time.Duration) error {
		now += d
		return out.Sleep(ctx, d)
	}
	loop := async.NewLoop(async.WithPace(func(ctx context.Context, d time.Duration) error {
		slept += d // the loop's own clock; computing may have taken some of this time already, or all of it
		return spend(ctx, max(0, slept-now))
	}))
	defer func() { err = errors.Join(err, loop.Close()) }()
	var all []async.Awaitable[any]
	for i, task := range tasks {
		all = append(all, async.CreateTask(loop, func(t *async.Task) (any, error) {
			wait := func(d time.Duration) error { return t.Sleep(now + d - loop.Time()) } // until then on the loop's clock
			compute := func(d time.Duration) error { return spend(ctx, d) }               // blocks the loop, as all work does
			return nil, r.run(task, wait, compute)
		}, async.WithName(names[i])))
	}
	_, err = async.RunUntilComplete(ctx, loop, async.Gather(loop, all...))
	return r, err
}

func runInThreads(ctx context.Context, out *transcript.Log, tasks ...[]turn) (*record, error) {
	begun := time.Now()
	r := &record{now: func() time.Duration { return time.Since(begun) }}
	var threads errgroup.Group  // without a context: no thread has to end because another has failed
	var together sync.WaitGroup // no thread goes on before all have begun to compute, so they certainly overlap
	together.Add(len(tasks))
	for _, task := range tasks {
		arrive := sync.OnceFunc(together.Done)
		wait := func(d time.Duration) error { return out.Sleep(ctx, d) }
		compute := func(d time.Duration) error { arrive(); together.Wait(); return wait(d) }
		threads.Go(func() error {
			defer arrive() // even if it never computes, so that no other waits for it
			return r.run(task, wait, compute)
		})
	}
	return r, threads.Wait()
}

// A record is what the tasks did, and when. The mutex is for the threads. A loop would not need it.
type record struct {
	now func() time.Duration

	mu              sync.Mutex
	spans           []span
	total           time.Duration
	computing, most int // at once
}

type span struct {
	task     string
	glyph    rune
	from, to time.Duration
}

// A turn is one step of a task: it waits, then computes.
type turn struct {
	task          string
	wait, compute time.Duration
}

func (r *record) run(task []turn, wait, compute func(time.Duration) error) error {
	for _, step := range task {
		begun := r.now()
		if err := wait(step.wait); err != nil {
			return err
		}
		resumed := r.now()
		due := min(begun+step.wait, resumed)
		r.add(+1, span{step.task, '─', begun, due}, span{step.task, '░', due, resumed})
		if err := compute(step.compute); err != nil {
			return err
		}
		r.add(-1, span{step.task, '█', resumed, r.now()})
	}
	return nil
}

// add records what a task has done. Computing is +1 if a task begins to compute, -1 if it ends.
func (r *record) add(computing int, spans ...span) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spans = append(r.spans, spans...)
	r.total = r.now()
	r.computing += computing
	r.most = max(r.most, r.computing)
}

// draw draws a row for each task and, if they never computed at once, one for the thread of control that they share.
func (r *record) draw(who transcript.Actor, title string, column time.Duration, width int) {
	who.Printf("%s: %v", title, r.total.Round(time.Microsecond))
	rows := map[string][]rune{}
	for _, name := range []string{"A", "B", "C", " "} {
		rows[name] = []rune(strings.Repeat(" ", width))
	}
	for _, s := range r.spans {
		for i := int((s.from + column/2) / column); i < min(int((s.to+column/2)/column), width); i++ {
			rows[s.task][i] = s.glyph
			if s.glyph == '█' {
				rows[" "][i] = rune(s.task[0])
			}
		}
	}
	for _, name := range []string{"A", "B", "C", " "} {
		if name != " " || r.most == 1 {
			who.Printf("%s  │%s│", name, string(rows[name]))
		}
	}
}

func compareModels(ctx context.Context, out *transcript.Log, wait time.Duration) error {
	const s = time.Second
	a := []turn{{"A", 0, 1 * s}, {"A", 2 * wait, 1 * s}, {"A", 3 * wait, 1 * s}}
	b := []turn{{"B", 0, 1 * s}, {"B", 3 * wait, 2 * s}, {"B", 1 * wait, 1 * s}}
	c := []turn{{"C", 0, 2 * s}, {"C", 1 * wait, 1 * s}, {"C", 2 * wait, 1 * s}}
	computing, waiting, longest := 11*s, 12*wait, max(3*s+5*wait, 4*s+4*wait) // of all; of the longest task, alone
	column := max(s, wait) / 2                                                // what a column of the pictures stands for
	width := int((computing + waiting) / column)
	out.Note("█ computes  ─ waits  ░ could compute, but it is not its turn. A column is %v.", column)

	sequence, err := runOnLoop(ctx, out, []string{"A, B, C"}, slices.Concat(a, b, c))
	if err != nil {
		return err
	}
	sequence.draw(out.Actor("sequence"), "one after another, in book time", column, width)
	out.Note("The last row is the thread of control: it shows which task computes. In the gaps no task does.")
	out.Check("the most that computed at once, in sequence", sequence.most, 1)
	out.Check("in sequence both the computing and the waits add up", sequence.total, computing+waiting)

	loop, err := runOnLoop(ctx, out, []string{"A", "B", "C"}, a, b, c)
	if err != nil {
		return err
	}
	loop.draw(out.Actor("loop"), "interleaved, in book time", column, width)
	out.Note("While one task waits, another computes. But while one computes, no other does.")
	out.Check("the most that computed at once, on the loop", loop.most, 1)
	overlap := computing <= loop.total && loop.total <= computing+5*wait
	out.Check("on the loop the computing adds up, the waits overlap", overlap, true)

	threads, err := runInThreads(ctx, out, a, b, c)
	if err != nil {
		return err
	}
	column = max(1, time.Duration(float64(column)*float64(threads.total)/float64(longest)))
	threads.draw(out.Actor("threads"), "all at once, in real time", column, width)
	out.Note("Measured: here threads sleep in place of computing, and --speed divides that: with max nothing is left to see.")
	out.Check("the most that computed at once, by threads", threads.most, 3)
	return nil
}

var asyncModel = catalog.Recipe{
	ID: "ch4.async-model", Section: "4.1", Title: "Interleave tasks on one thread of control",
	Python: "asyncio.gather, asyncio.sleep", Go: "async.CreateTask, Task.Sleep",
	New: func(f *pflag.FlagSet) catalog.Run {
		waits := catalog.Int(f, "waits", 1, 0, 2, "factor for every wait; with 0 the tasks only compute")
		return func(ctx context.Context, out *transcript.Log) error {
			return compareModels(ctx, out, time.Duration(*waits)*time.Second)
		}
	},
	Bare: asyncModelBare,
}
