package ch2

import (
	"context"
	"errors"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

var defineWrong = []catalog.Wrong{
	{Name: "not-joined", Title: "pauses in place of a join", Run: pauseInPlaceOfJoin},
}

// pauseInPlaceOfJoin gives two threads the time that they should need, and joins them only after that.
func pauseInPlaceOfJoin(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	function := func(t *threading.Thread) error {
		out.Actor(t.Name()).Printf("function called by %s", t.Name())
		return nil
	}
	one, two := threading.NewThread(main, function), threading.NewThread(main, function)
	err := errors.Join(one.Start(), two.Start(), out.Sleep(main, time.Second))
	out.Printf("both threads have ended")
	theirEnd := context.WithoutCancel(main) // if main is told to end, so are they; wait for them even then
	return errors.Join(err, one.Join(theirEnd), two.Join(theirEnd))
}
