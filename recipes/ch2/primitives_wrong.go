package ch2

import (
	"context"
	"fmt"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

var primitivesWrong = []catalog.Wrong{
	{Name: "barrier-count", Title: "makes a barrier for 2 parties, and 4 come", Run: countTooFew},
}

// countTooFew has four runners meet at a barrier that lets two of them go on.
func countTooFew(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	barrier, err := threading.NewBarrier("start", 2)
	if err != nil {
		return err
	}
	runner := func(t *threading.Thread) error {
		out.Actor(t.Name()).Printf("is there")
		if _, err := barrier.Wait(t); err != nil {
			return err
		}
		if err := out.Sleep(t, time.Second); err != nil {
			return err
		}
		out.Actor(t.Name()).Printf("runs")
		return nil
	}
	var runners []*threading.Thread
	for i := range 4 {
		runners = append(runners, threading.NewThread(main, runner, threading.WithName(fmt.Sprintf("runner %d", i+1))))
	}
	return threading.Run(main, runners...)
}
