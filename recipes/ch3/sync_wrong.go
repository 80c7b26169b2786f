package ch3

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

var syncWrong = []catalog.Wrong{
	{Name: "barrier-count", Title: "makes a barrier for one process too few", Run: countTooFew},
}

// countTooFew lets two processes meet at a barrier that waits for one.
func countTooFew(ctx context.Context, out *transcript.Log) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()
	const workers = 2
	barrier, err1 := process.NewBarrier(g, "barrier", workers-1) // as if main were one of them
	done, err2 := process.NewValue(g, 0)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	for i := range workers {
		p := process.New(g, doShare, shares{barrier, done}, process.WithName(fmt.Sprintf("p%d", i+1)))
		if err := p.Start(); err != nil {
			return err
		}
	}
	return g.Join(ctx)
}

// doShare does a share of the work, and after the barrier it relies on the other one's.
var doShare = process.Register("ch3.do_share", func(ctx context.Context, s shares) (struct{}, error) {
	out := process.Log(ctx)
	me := out.Actor(process.Current(ctx).Name())
	s.Done.Add(1)
	if _, err := s.Barrier.Wait(ctx); err != nil {
		return struct{}{}, err
	}
	if err := out.Sleep(ctx, time.Second); err != nil {
		return struct{}{}, err
	}
	me.Printf("%d of 2 shares are done", s.Done.Load())
	return struct{}{}, nil
})

// shares is what the two processes share.
type shares struct {
	Barrier *process.Barrier
	Done    *process.Value[int]
}
