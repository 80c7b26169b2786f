package record

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

// BenchmarkOverhead is what a recording costs: the same run without and with it. "as the recipes" computes for a tenth of a millisecond
// between two lines, and "nothing but" does nothing between two acquisitions of a lock, which no recipe does.
func BenchmarkOverhead(b *testing.B) {
	silent := transcript.SinkFunc(func(transcript.Event) {})
	for _, tt := range []struct {
		name   string
		rounds int
		work   time.Duration
	}{{"as the recipes", 50, 100 * time.Microsecond}, {"nothing but locks and lines", 5000, 0}} {
		run := func(ctx context.Context, out *transcript.Log) error { return takeTurns(ctx, out, tt.rounds, tt.work) }
		cfg := transcript.Config{Recipe: "ch9.x", Sink: silent}
		b.Run(tt.name+"/off", func(b *testing.B) {
			for b.Loop() {
				if err := catalog.Start(b.Context(), run, cfg); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(tt.name+"/on", func(b *testing.B) {
			for b.Loop() {
				t, err := start(Limit)
				if err != nil {
					b.Fatal(err)
				}
				c := cfg
				c.Sink = &sink{next: silent, said: map[string][]string{}}
				if err := catalog.Start(b.Context(), asTask(run), c); err != nil {
					b.Fatal(err)
				}
				t.stop()
			}
		})
		b.Run(tt.name+"/on and read", func(b *testing.B) {
			for b.Loop() {
				if _, err := Run(b.Context(), run, cfg, catalog.Start); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// takeTurns has two threads hold a lock, work, and say a line.
func takeTurns(ctx context.Context, out *transcript.Log, rounds int, work time.Duration) error {
	main, lock := threading.Main(ctx), threading.NewRLock("the lock")
	var threads []*threading.Thread
	for i := range 2 {
		name := fmt.Sprint("worker ", i)
		threads = append(threads, threading.NewThread(main, func(t *threading.Thread) error {
			for range rounds {
				err := threading.With(t, lock, func() error {
					for begun := time.Now(); time.Since(begun) < work; {
					}
					out.Actor(name).Printf("had a turn")
					return nil
				})
				if err != nil {
					return err
				}
			}
			return nil
		}, threading.WithName(name)))
	}
	for _, t := range threads {
		if err := t.Start(); err != nil {
			return err
		}
	}
	for _, t := range threads {
		if err := t.Join(main); err != nil {
			return err
		}
	}
	return nil
}
