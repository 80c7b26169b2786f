package main

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// times is how many runs stress makes of each set of arguments.
const times = 10

// stress runs a recipe as verify --stress does. The seeds are the same for all mutants.
func stress(e catalog.Entry, args []string, v *verdict) error {
	return underStress(e, args, v, func(run catalog.Run, cfg transcript.Config) error {
		return catalog.Start(context.Background(), run, cfg)
	})
}

// underStress makes runs of a recipe until one of them returns an error.
func underStress(e catalog.Entry, args []string, v *verdict, start func(catalog.Run, transcript.Config) error) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for i := range times {
		run, promise, err := e.Prepare(args...)
		if err != nil {
			return err
		}
		runtime.GOMAXPROCS((runtime.NumCPU()-1+i)%(2*runtime.NumCPU()) + 1)
		cfg := transcript.Config{Recipe: e.ID, Promise: promise, Speed: transcript.SpeedMax, Seed: uint64(i + 1),
			Scheduler: transcript.NewStress(uint64(i + 1))}
		v.Runs++
		if err := start(run, cfg); err != nil {
			v.Kill, v.Text = kill(err), err.Error()
			return nil
		}
	}
	return nil
}

// endings sees whether a run leaves something behind: a goroutine that goes on, or that still speaks. Each run is made twice; the
// second is told to end, after ever more steps.
func endings(e catalog.Entry, args []string, v *verdict) error {
	after := int64(0)
	err := underStress(e, args, v, func(run catalog.Run, cfg transcript.Config) error {
		v.Text = left(context.Background(), run, cfg, nil)
		if v.Text == "" {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			told := cfg
			told.Promise, told.Stopped = nil, ctx.Done()
			steps := after
			v.Text = left(ctx, run, told, func() {
				if steps--; steps < 0 {
					cancel()
				}
			})
			after = 2*after + 1
		}
		if v.Text != "" {
			return errLeft(v.Text)
		}
		return nil
	})
	if v.Kill != "" {
		v.Kill = "left"
	}
	return err
}

// errLeft says what a run has left behind.
type errLeft string

func (e errLeft) Error() string { return string(e) }

// left runs a recipe and says what is left of it; "": nothing. step is called before each step, from one goroutine at a time.
func left(ctx context.Context, run catalog.Run, cfg transcript.Config, step func()) string {
	before := runtime.NumGoroutine()
	w := &watch{Scheduler: cfg.Scheduler, step: step, turn: make(chan struct{}, 1)}
	cfg.Scheduler = w
	_ = catalog.Start(ctx, run, cfg) // whether it keeps its promise is for others to say
	w.over.Store(true)
	for range 200 { // what is about to end may do so
		if runtime.NumGoroutine() <= before {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if n := runtime.NumGoroutine() - before; n > 0 {
		return fmt.Sprintf("goroutines that the run has left: %d", n)
	}
	if n := w.late.Load(); n > 0 {
		return fmt.Sprintf("calls to the log after the run's end: %d", n)
	}
	return ""
}

// A watch is a scheduler that sees which calls come too late.
type watch struct {
	transcript.Scheduler
	step func()
	turn chan struct{} // held by the goroutine that calls step
	over atomic.Bool
	late atomic.Int64
}

func (w *watch) Before(s transcript.Step) {
	if w.over.Load() {
		w.late.Add(1)
	} else if w.step != nil {
		w.turn <- struct{}{}
		w.step()
		<-w.turn
	}
	w.Scheduler.Before(s)
}
