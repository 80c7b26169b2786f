// Program page runs a recipe in a page, in a worker of JavaScript (worker.js of package page starts it), and shows it as the stream of
// package live. It holds the recipes of a few chapters and nothing that a page cannot use; cmd/page/pack builds it.
//
//	page ch2.lock --count=5 --seed=7
//
// The exit code is that of cookbook run. Outside a page it prints the stream, which its tests read.
package main

import (
	"context"
	"io"
	"os"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/site/live"
	"cookbook/internal/timeline"
	"cookbook/internal/timeline/record"
	"cookbook/internal/transcript"
	"cookbook/recipes/ch1"
	"cookbook/recipes/ch2"
	"cookbook/recipes/ch4"
	"cookbook/recipes/ch6"
)

func main() {
	c := &catalog.Catalog{Chapters: []*catalog.Chapter{&ch1.Chapter, &ch2.Chapter, &ch4.Chapter, &ch6.Chapter}}
	out, told := outside()
	os.Exit(run(context.Background(), c, os.Args[1:], out, told))
}

// run runs one command line, the id of a recipe and what its form sends, and returns the exit code.
func run(ctx context.Context, c *catalog.Catalog, args []string, out io.Writer, told *told) int {
	start := time.Now()
	r, err := prepare(c, args)
	heading := transcript.Heading{}
	if err == nil {
		heading = r.Heading()
	}
	sink := live.NewSink(out, heading)
	if err == nil {
		var rec *record.Recording
		rec, err = record.Run(ctx, r.Run, told.config(r, sink), func(ctx context.Context, run catalog.Run, cfg transcript.Config) error {
			return told.supervise(ctx, r, run, cfg)
		})
		draw(sink, heading, rec, err)
	}
	code := command.ExitCode(err)
	if sink.End(code, err, time.Since(start)) != nil {
		return command.ExitFailed
	}
	return code
}

// prepare finds the recipe and reads its flags.
func prepare(c *catalog.Catalog, args []string) (*live.Run, error) {
	if len(args) == 0 {
		return nil, catalog.Usagef("this program wants the id of a recipe")
	}
	e, err := c.Find(args[0])
	if err != nil {
		return nil, err
	}
	if e.Needs != nil {
		return nil, catalog.Usagef("%s needs %s, which a page does not have; type: cookbook run %s", e.ID, e.Needs[0], e.ID)
	}
	return live.Parse(e, args[1:])
}

// draw shows the timeline of a run that was recorded.
func draw(sink *live.Sink, h transcript.Heading, rec *record.Recording, err error) {
	if rec == nil || command.ExitCode(err) == command.ExitUsage {
		return
	}
	picture, err := rec.Timeline.SVG(timeline.Look{Title: h.ID + " · " + h.Title, Embed: true})
	if err == nil {
		sink.Timeline(picture)
	}
}
