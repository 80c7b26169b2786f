package ch1

import (
	"context"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// A thread prints some lines beside main, and main waits for the thread's end.

// messenger is what the book derives from Thread: some data, and a method that is to run beside main.
type messenger struct {
	out     *transcript.Log
	message string
	times   int

	said int // times so far; for others to read when run has returned
}

// run says the message again and again, and its last line only when main has said its own.
func (m *messenger) run(ctx context.Context, mainSpoke <-chan struct{}) error {
	actor := m.out.Actor("thread")
	actor.Printf("Thread Starting")
	for range m.times {
		actor.Printf("%s", m.message)
		m.said++
		if err := m.out.Sleep(ctx, 2*time.Second); err != nil {
			return err
		}
	}
	select {
	case <-mainSpoke: // open until main closes it: what main did before that came before this
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	actor.Printf("Thread Ended")
	return nil
}

func startMessenger(ctx context.Context, out *transcript.Log, messages, pauses int) error {
	m := &messenger{out: out, message: "Hello Parallel Python CookBook!!", times: messages}

	out.Printf("Process Started")
	mainSpoke := make(chan struct{})
	threadEnd := make(chan error, 1)
	go func() { threadEnd <- m.run(ctx, mainSpoke) }()

	out.Note("Main and the thread now run side by side. Only their last lines have an order: main's comes first.")
	for range pauses {
		if err := out.Sleep(ctx, 2*time.Second); err != nil {
			return <-threadEnd // its context is main's: it ends as well
		}
	}
	out.Printf("Process Ended")
	notEnded := len(threadEnd) == 0
	close(mainSpoke)
	out.Note("Main waits here. If it returned, the program would be over, and the thread with it.")
	if err := <-threadEnd; err != nil {
		return err
	}
	out.Check("when main said its last line the thread had not ended", notEnded, true)
	out.Check("main waited for all messages", m.said, messages)
	return nil
}

var thread = catalog.Recipe{
	ID: "ch1.thread", Section: "1.11", Title: "Start a thread and wait for its end",
	Python: "class CookBook(threading.Thread)", Go: "go, chan",
	New: func(f *pflag.FlagSet) catalog.Run {
		messages := catalog.Int(f, "messages", 10, 1, 1_000, "messages that the thread says, one every two seconds")
		pauses := catalog.Int(f, "pauses", 0, 0, 1_000, "pauses of two seconds that main makes before it says its last line")
		return func(ctx context.Context, out *transcript.Log) error {
			return startMessenger(ctx, out, *messages, *pauses)
		}
	},
	Wrong: threadWrong,
}
