package local

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/trace"
	"sync"
	"time"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/process"
	"cookbook/internal/waitfor"
)

// Engine is the engine that needs nothing: ranks are processes of this program, which share memory. Linux only.
type Engine struct{}

// MaxRanks is how many ranks the engine can have.
const MaxRanks = 128

// Name implements engine.Engine.
func (Engine) Name() string { return "local" }

// Check returns an error where processes cannot share memory.
func (Engine) Check(context.Context) error {
	if runtime.GOOS != "linux" {
		return engine.Errorf(engine.ErrEngine, -1, "ranks on this machine need Linux: they wait for each other by futexes in shared memory")
	}
	return nil
}

// A rankOrder is what the process of a rank is told.
type rankOrder struct {
	World   *process.Memory
	Rank    int
	Program string
	Arg     []byte
	Bind    bool
}

// A rankAnswer is what becomes of a rank. If its function failed, the world knows why.
type rankAnswer struct {
	Result []byte
	Failed bool
}

var rankMain = process.Register("mpi.rank", func(ctx context.Context, o rankOrder) (rankAnswer, error) {
	if o.Bind {
		bind(o.Rank)
	}
	w, err := openWorld(o.World, o.Rank)
	if err != nil {
		return rankAnswer{}, err
	}
	program := engine.Find(o.Program)
	if program == nil {
		return rankAnswer{}, fmt.Errorf("this program knows no function %q for ranks", o.Program)
	}
	r := newRank(ctx, w, o.Rank)
	r.name = worldName(o.World)
	result, err := program(engine.WithLog(ctx, process.Log(ctx)), worldComm(r), o.Arg, r.finish)
	r.mine.moves.Add(1)
	r.mine.phase.Store(ended)
	if err != nil {
		w.fail(failure(o.Rank, err))
		return rankAnswer{Failed: true}, nil
	}
	return rankAnswer{Result: result}, nil
})

// failure is what the world is told of a rank's error.
func failure(rank int, err error) *engine.Error {
	var e *engine.Error
	if errors.As(err, &e) && e.Rank != rank {
		return e // it is another rank's
	}
	return engine.Errorf(engine.ClassOf(err), rank, "rank %d: %v", rank, err)
}

const (
	// patience is how long ranks have to end by themselves when the world has failed.
	patience = 5 * time.Second
	// haste is how long they have when one has aborted, or their time is over.
	haste = 100 * time.Millisecond
)

func (l Engine) Run(ctx context.Context, j *engine.Job) ([][]byte, error) {
	if err := l.Check(ctx); err != nil {
		return nil, err
	}
	if j.Ranks < 1 || j.Ranks > MaxRanks {
		return nil, engine.Errorf(engine.ErrCount, -1, "%d ranks: want 1 to %d", j.Ranks, MaxRanks)
	}
	var opts []process.GroupOption
	if j.Log != nil {
		opts = append(opts, process.WithLog(j.Log))
	}
	g, err := process.NewGroup(ctx, opts...)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	crowded := j.Ranks > processors()
	w, err := newWorld(g, j.Ranks, j.Eager, crowded)
	if err != nil {
		return nil, err
	}

	ranks := make([]*process.Process, j.Ranks)
	answers := make([]rankAnswer, j.Ranks)
	var running sync.WaitGroup
	for r := range ranks {
		p := process.New(g, rankMain, rankOrder{w.owner, r, j.Program, j.Arg, !crowded}, process.WithName(fmt.Sprintf("rank %d", r)))
		if err := p.Start(); err != nil {
			w.fail(engine.Errorf(engine.ErrOther, r, "rank %d cannot be started: %v", r, err))
			break
		}
		ranks[r] = p
		running.Go(func() {
			p.Join(context.Background()) // it ends with the group at the latest
			var err error
			if answers[r], err = process.Result[rankAnswer](p); err == nil {
				return
			}
			e := engine.Errorf(engine.ErrDied, r, "%v", err) // the process is named for its rank
			if errors.As(err, new(*process.RemoteError)) {
				e = engine.Errorf(engine.ErrFailed, r, "rank %d: %v", r, err)
			}
			w.fail(e)
		})
	}
	all := make(chan struct{})
	go func() {
		running.Wait()
		close(all)
	}()
	w.watch(ctx, j.Timeout, all)
	e := w.trouble()
	g.Close() // ends the ranks that are still there, and the memory
	<-all
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case e != nil:
		return nil, e
	}
	results := make([][]byte, j.Ranks)
	for r, a := range answers {
		results[r] = a.Result
	}
	return results, nil
}

// watch looks after the ranks until all have ended, or should have.
func (w *world) watch(ctx context.Context, timeout time.Duration, all <-chan struct{}) {
	defer waitfor.FromContext(ctx).Register(w.waits)()
	defer trace.StartRegion(ctx, waitfor.WaitRegion+"the ranks").End()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	var late, last <-chan time.Time
	if timeout > 0 {
		t := time.NewTimer(timeout)
		defer t.Stop()
		late = t.C
	}
	var d detector
	for {
		select {
		case <-all:
			return
		case <-ctx.Done():
			return
		case <-last:
			return
		case <-late:
			w.fail(engine.Errorf(engine.ErrTimeout, -1, "the ranks were not done after %v: %s", timeout, w.report()))
		case <-look.C:
			if e := d.look(w); e != nil {
				w.fail(e)
			}
		}
		if e := w.trouble(); e != nil && last == nil {
			left := patience
			if e.Class == engine.ErrAborted || e.Class == engine.ErrTimeout {
				left = haste
			}
			end := time.NewTimer(left)
			defer end.Stop()
			last = end.C
		}
	}
}
