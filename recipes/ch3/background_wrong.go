package ch3

import (
	"context"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

var backgroundWrong = []catalog.Wrong{
	{Name: "daemon-not-joined", Title: "gives a daemon some time, and does not join it", Run: leaveWriter},
}

// leaveWriter works for three seconds, in which a daemon saves a report. That they are enough is luck: only a join waits for it.
func leaveWriter(ctx context.Context, out *transcript.Log) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()
	writer := process.New(g, saveReport, struct{}{}, process.WithName("writer"), process.WithDaemon())
	if err := writer.Start(); err != nil {
		return err
	}
	for page := range 3 {
		if err := out.Sleep(ctx, time.Second); err != nil {
			return err
		}
		out.Printf("main program: %d of 3 pages are printed", page+1)
	}
	if err := g.Join(ctx); err != nil { // joins all but the daemons, and ends those
		return err
	}
	out.Printf("main program: the end")
	return nil
}

var saveReport = process.Register("ch3.save_report", func(ctx context.Context, _ struct{}) (struct{}, error) {
	out := process.Log(ctx)
	out.Actor("writer").Printf("saving the report")
	if err := out.Sleep(ctx, time.Second); err != nil {
		return struct{}{}, err
	}
	out.Actor("writer").Printf("the report is saved")
	return struct{}{}, nil
})
