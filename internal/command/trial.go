package command

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// Trial is how a recipe is run to be judged.
type Trial struct {
	Recipe  string // its id
	Speed   transcript.Speed
	Seed    uint64 // 0: a new one for each run
	Stress  bool   // random pauses between any two lines, and another number of processors in each run
	Timeout time.Duration
	Sink    transcript.Sink // hears what the run says; nil: nobody does
}

// Result is what came of one run, and what repeats it.
type Result struct {
	Kept       int // promises
	Processors int // GOMAXPROCS
	Seed       uint64
}

// Run runs what prepare returns for the n-th time, from 0 on, and waits for its end. Under stress it sets GOMAXPROCS: to as many
// processors as there are at first, then to each number from 1 to twice as many. It puts the old number back. The errors are those of
// prepare and of [Supervise].
func (t Trial) Run(ctx context.Context, n int, prepare func() (catalog.Run, *transcript.Promise, error)) (Result, error) {
	if t.Stress {
		most := 2 * runtime.NumCPU()
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS((runtime.NumCPU()-1+n)%most + 1))
	}
	r := Result{Processors: runtime.GOMAXPROCS(0), Seed: t.Seed}
	if r.Seed == 0 {
		r.Seed = rand.Uint64N(1_000_000) + 1
	}
	cfg := transcript.Config{Recipe: t.Recipe, Speed: t.Speed, Seed: r.Seed}
	if t.Stress {
		cfg.Scheduler = transcript.NewStress(r.Seed)
	}
	var kept atomic.Int64 // a run that was left behind may still end
	cfg.Sink = transcript.SinkFunc(func(ev transcript.Event) {
		if ev.Kind == transcript.End {
			kept.Store(int64(ev.Kept))
		}
		if t.Sink != nil {
			t.Sink.Event(ev)
		}
	})
	run, promise, err := prepare()
	if cfg.Promise = promise; err == nil {
		err = Supervise(ctx, t.Timeout, run, cfg)
	}
	r.Kept = int(kept.Load())
	return r, err
}
