package ch3

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// Numbers go to main through two pipes and the process between them. Then words and answers share one pipe.

// # Two pipes

// squareThroughPipes is the book's program: create_items → first pipe → multiply_items → second pipe → main.
func squareThroughPipes(ctx context.Context, out *transcript.Log, g *process.Group, items int) error {
	source, in, err1 := process.NewPipe[int, int](g, "first pipe")
	squares, results, err2 := process.NewPipe[int, int](g, "second pipe")
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	create := process.New(g, createItems, sender{Out: source, Items: items})
	multiply := process.New(g, multiplyItems, squarer{In: in, Out: squares})
	for _, p := range []*process.Process{create, multiply} {
		if err := p.Start(); err != nil {
			return err
		}
	}
	out.Note("A process that receives an end owns it. So main need not close the three ends that it gave away.")
	received, right := 0, true
	for {
		square, err := results.Recv(ctx)
		if err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		out.Printf("%d", square)
		right = right && square == received*received
		received++
	}
	out.Printf("End")
	out.Check("as many squares came as numbers were sent", received, items)
	out.Check("each was the square of its place", right, true)
	for _, p := range []*process.Process{create, multiply} {
		if err := p.Join(ctx); err != nil {
			return err
		}
		if err := p.Err(); err != nil {
			return err
		}
	}
	return nil
}

var createItems = process.Register("ch3.createItems", func(ctx context.Context, s sender) (struct{}, error) {
	for item := range s.Items {
		if err := s.Out.Send(ctx, item); err != nil {
			return struct{}{}, err
		}
	}
	process.Log(ctx).Actor("create_items").Printf("sent %d numbers, close", s.Items)
	return struct{}{}, s.Out.Close()
})

// A sender is what the first process needs: one end of the first pipe, and how many numbers it sends.
type sender struct {
	Out   *process.End[int, int]
	Items int
}

var multiplyItems = process.Register("ch3.multiplyItems", func(ctx context.Context, s squarer) (int, error) {
	for squared := 0; ; squared++ {
		item, err := s.In.Recv(ctx)
		if err == io.EOF {
			process.Log(ctx).Actor("multiply_items").Printf("end of file after %d numbers, close", squared)
			return squared, s.Out.Close()
		} else if err != nil {
			return squared, err
		}
		if err := s.Out.Send(ctx, item*item); err != nil {
			return squared, err
		}
	}
})

// A squarer stands between two pipes: it has the second end of one and the first end of the other.
type squarer struct {
	In, Out *process.End[int, int]
}

// # Both ways

// askBothWays asks and gets answers through one pipe, until the process at its other end is killed.
func askBothWays(ctx context.Context, out *transcript.Log, g *process.Group) error {
	end, other, err := process.NewPipe[string, int](g, "words")
	if err != nil {
		return err
	}
	lengths := process.New(g, answerLengths, other)
	if err := lengths.Start(); err != nil {
		return err
	}
	out.Note("The book uses one direction of each pipe. But both ends can send and receive, here words and numbers.")
	var answers string
	for _, word := range []string{"pipe", "queue"} {
		if err := end.Send(ctx, word); err != nil {
			return err
		}
		n, err := end.Recv(ctx)
		if err != nil {
			return err
		}
		out.Printf("%s has %d letters", word, n)
		answers += fmt.Sprint(n)
	}
	out.Check("the answers that came back", answers, "45")

	given := other.Send(ctx, 0)
	out.Printf("%v", given)
	out.Check("an end that was given away does not send", errors.Is(given, process.ErrNotOwner), true)

	out.Note("Now the other process is killed. It closes nothing itself, but its end is closed.")
	lengths.Kill()
	_, received := end.Recv(ctx)
	sent := end.Send(ctx, "kill")
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	out.Printf("receive: %v", received)
	out.Printf("%v", sent)
	out.Check("what a killed process held is closed", received == io.EOF && errors.Is(sent, io.ErrClosedPipe), true)
	return lengths.Join(ctx)
}

// answerLengths answers each word with its length, and never closes its end.
var answerLengths = process.Register("ch3.lengths", func(ctx context.Context, e *process.End[int, string]) (struct{}, error) {
	for {
		word, err := e.Recv(ctx)
		if err != nil {
			return struct{}{}, err
		}
		process.Log(ctx).Actor("lengths").Printf("%s?", word)
		if err := e.Send(ctx, len(word)); err != nil {
			return struct{}{}, err
		}
	}
})

var pipe = catalog.Recipe{
	ID: "ch3.pipe", Section: "3.7.5", Title: "Connect processes with pipes",
	Python: "multiprocessing.Pipe", Go: "process.Pipe, io.EOF",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory},
	New: func(f *pflag.FlagSet) catalog.Run {
		items := catalog.Int(f, "items", 10, 0, 1000, "numbers to send")
		return func(ctx context.Context, out *transcript.Log) (err error) {
			g, err := process.NewGroup(ctx, process.WithLog(out))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, g.Close()) }()
			if err := squareThroughPipes(ctx, out, g, *items); err != nil {
				return err
			}
			return askBothWays(ctx, out, g)
		}
	},
	Wrong: pipeWrong,
	Bare:  pipeBare,
}
