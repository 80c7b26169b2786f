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

// A taskTurn is one step of a task: it waits, then computes.
type taskTurn struct {
	task          string
	wait, compute time.Duration
}

func compareModels(ctx context.Context, out *transcript.Log, wait time.Duration) error {
	const s = time.Second
	a := []taskTurn{{"A", 0, 1 * s}, {"A", 2 * wait, 1 * s}, {"A", 3 * wait, 1 * s}}
	b := []taskTurn{{"B", 0, 1 * s}, {"B", 3 * wait, 2 * s}, {"B", 1 * wait, 1 * s}}
	c := []taskTurn{{"C", 0, 2 * s}, {"C", 1 * wait, 1 * s}, {"C", 2 * wait, 1 * s}}
	computing, waiting, longest := 11*s, 12*wait, max(3*s+5*wait, 4*s+4*wait) // of all; of the longest task, alone
	column := max(s, wait) / 2                                                // what a column of the pictures stands for
	width := int((computing + waiting) / column)
	out.Note("█ computes  ─ waits  ░ could compute, but it is not its turn. A column is %v.", column)

	sequence, err := tasksOnLoop(ctx, out, slices.Concat(a, b, c))
	if err != nil {
		return err
	}
	sequence.draw(out.Actor("sequence"), "one after another, in book time", column, width)
	out.Note("The last row is the thread of control, and who computes. In the gaps nobody does, for one waits.")
	out.Check("the most that computed at once, in sequence", sequence.most, 1)
	out.Check("in sequence both the computing and the waits add up", sequence.total, computing+waiting)

	loop, err := tasksOnLoop(ctx, out, a, b, c)
	if err != nil {
		return err
	}
	loop.draw(out.Actor("loop"), "interleaved, in book time", column, width)
	out.Note("While one waits, another computes. But while one computes, no other does.")
	out.Check("the most that computed at once, on the loop", loop.most, 1)
	out.Check("on the loop the computing adds up, the waits overlap", computing <= loop.total && loop.total <= computing+5*wait, true)

	threads, err := tasksByThreads(ctx, out, a, b, c)
	if err != nil {
		return err
	}
	column = max(1, time.Duration(float64(column)*float64(threads.total)/float64(longest)))
	threads.draw(out.Actor("threads"), "all at once, in real time", column, width)
	out.Note("This picture was measured: in another run it is another.")
	out.Check("the most that computed at once, by threads", threads.most, 3)
	return nil
}

// tasksOnLoop runs the tasks interleaved on one loop; a single one, in sequence.
func tasksOnLoop(ctx context.Context, out *transcript.Log, tasks ...[]taskTurn) (r *taskRecord, err error) {
	var now, slept time.Duration // book time, which moves on by what was to be spent, however long that took
	r = &taskRecord{now: func() time.Duration { return now }}
	spend := func(ctx context.Context, d time.Duration) error {
		now += d
		return out.Sleep(ctx, d)
	}
	loop := async.NewLoop(async.WithPace(func(ctx context.Context, d time.Duration) error {
		slept += d // that is the loop's own clock; part of the time, or all, may have been spent computing
		return spend(ctx, max(0, slept-now))
	}))
	defer func() { err = errors.Join(err, loop.Close()) }()
	var all []async.Awaitable[any]
	for _, task := range tasks {
		all = append(all, async.CreateTask(loop, func(t *async.Task) (any, error) {
			wait := func(d time.Duration) error { return t.Sleep(now + d - loop.Time()) } // until then on the loop's clock
			compute := func(d time.Duration) error { return spend(ctx, d) }               // blocks the loop, as computing does
			return nil, r.run(task, wait, compute)
		}))
	}
	_, err = async.RunUntilComplete(ctx, loop, async.Gather(loop, all...))
	return r, err
}

func tasksByThreads(ctx context.Context, out *transcript.Log, tasks ...[]taskTurn) (*taskRecord, error) {
	begun := time.Now()
	r := &taskRecord{now: func() time.Duration { return time.Since(begun) }}
	var threads errgroup.Group
	var together sync.WaitGroup // nobody computes on before all have begun to, so it is certain that they overlap
	together.Add(len(tasks))
	for _, task := range tasks {
		arrive := sync.OnceFunc(together.Done)
		wait := func(d time.Duration) error { return out.Sleep(ctx, d) }
		compute := func(d time.Duration) error { arrive(); together.Wait(); return wait(d) }
		threads.Go(func() error {
			defer arrive() // even if it never gets to computing, so that nobody waits for it
			return r.run(task, wait, compute)
		})
	}
	return r, threads.Wait()
}

// A taskRecord is what the tasks did, and when. The mutex is for the threads: on a loop it would not be needed.
type taskRecord struct {
	now func() time.Duration

	mu              sync.Mutex
	spans           []taskSpan
	total           time.Duration
	computing, most int // at once
}
type taskSpan struct {
	task     string
	glyph    rune
	from, to time.Duration
}

func (r *taskRecord) run(task []taskTurn, wait, compute func(time.Duration) error) error {
	for _, turn := range task {
		begun := r.now()
		if err := wait(turn.wait); err != nil {
			return err
		}
		resumed := r.now()
		due := min(begun+turn.wait, resumed)
		r.add(+1, taskSpan{turn.task, '─', begun, due}, taskSpan{turn.task, '░', due, resumed})
		if err := compute(turn.compute); err != nil {
			return err
		}
		r.add(-1, taskSpan{turn.task, '█', resumed, r.now()})
	}
	return nil
}

// add records what a task has done, and by how many more, or less, compute from now on.
func (r *taskRecord) add(computing int, spans ...taskSpan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spans = append(r.spans, spans...)
	r.total = r.now()
	r.computing += computing
	r.most = max(r.most, r.computing)
}

// draw draws a row for each task and, if they never computed at once, one for the thread of control they share.
func (r *taskRecord) draw(who transcript.Actor, title string, column time.Duration, width int) {
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

var asyncModel = catalog.Recipe{
	ID: "ch4.async-model", Section: "4.1", Title: "Interleave tasks on one thread of control",
	Python: "asyncio.gather, asyncio.sleep", Go: "async.CreateTask, Task.Sleep",
	New: func(f *pflag.FlagSet) catalog.Run {
		waits := catalog.Int(f, "waits", 1, 0, 2, "factor by which every wait is longer, where 0 lets the tasks only compute")
		return func(ctx context.Context, out *transcript.Log) error {
			return compareModels(ctx, out, time.Duration(*waits)*time.Second)
		}
	},
}
