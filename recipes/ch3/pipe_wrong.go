package ch3

import (
	"context"
	"errors"
	"io"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

var pipeWrong = []catalog.Wrong{
	{Name: "unclosed-end", Title: "does not close its end of the pipe", Run: leaveOpen},
}

// leaveOpen sends two words and waits for the process that counts them. It does not close its end of the pipe, so the other
// process waits for a third word.
func leaveOpen(ctx context.Context, out *transcript.Log) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()
	words, other, err := process.NewPipe[string, int](g, "words")
	if err != nil {
		return err
	}
	counter := process.New(g, countWords, other, process.WithName("counter"))
	if err := counter.Start(); err != nil {
		return err
	}
	for _, word := range []string{"pipe", "queue"} {
		out.Printf("sending %s", word)
		if err := words.Send(ctx, word); err != nil {
			return err
		}
	}
	if err := errors.Join(counter.Join(ctx), counter.Err()); err != nil {
		return err
	}
	out.Printf("the counter has ended")
	return nil
}

// countWords counts the words up to the end of the file.
var countWords = process.Register("ch3.count_words", func(ctx context.Context, e *process.End[int, string]) (struct{}, error) {
	for count := 0; ; count++ {
		_, err := e.Recv(ctx)
		if err == io.EOF {
			process.Log(ctx).Actor("counter").Printf("%d words", count)
			return struct{}{}, nil
		} else if err != nil {
			return struct{}{}, err
		}
	}
})
