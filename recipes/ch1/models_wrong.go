package ch1

import (
	"context"
	"sync"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

var modelsWrong = []catalog.Wrong{
	{Name: "result-too-early", Title: "adds up what has come after a pause", Run: mergeWhatHasCome},
}

// mergeWhatHasCome passes messages: a worker sends what it has counted, block by block, and the owner of the result adds it up after
// a pause.
func mergeWhatHasCome(ctx context.Context, out *transcript.Log) error {
	blocks := []string{"parallel", "programming"}
	counted := make(chan histogram, len(blocks)) // there is room for all, so that the worker need not wait
	var worker sync.WaitGroup
	defer worker.Wait()
	say := out.Actor("worker")
	worker.Go(func() {
		say.Begin()
		for _, block := range blocks {
			var own histogram
			own.count([]byte(block))
			counted <- own
		}
		say.Printf("has sent what it has counted")
	})
	if err := out.Sleep(ctx, time.Second); err != nil { // by then the worker should be done
		return err
	}
	letters := 0
	for len(counted) > 0 { // an empty channel is not one to which nobody will send
		for _, n := range <-counted {
			letters += n
		}
	}
	out.Check("letters in all blocks", letters, 19)
	return nil
}
