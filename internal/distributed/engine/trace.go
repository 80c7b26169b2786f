package engine

import (
	"context"
	"runtime/trace"

	"cookbook/internal/waitfor"
)

// What follows is for an execution trace, in the words of package waitfor. While none is taken, each costs a load.

// Works says that the calling goroutine works on what comes through the engine, until done is called: it has a lane of its own.
func Works(ctx context.Context) (_ context.Context, done func()) {
	if !trace.IsEnabled() {
		return ctx, func() {}
	}
	ctx, task := trace.NewTask(ctx, "calls")
	region := trace.StartRegion(ctx, "works")
	return ctx, func() {
		region.End()
		task.End()
	}
}

// Does says that the calling goroutine does what has that name, until done is called.
func Does(ctx context.Context, name string) (done func()) {
	if !trace.IsEnabled() {
		return func() {}
	}
	return trace.StartRegion(ctx, waitfor.DoRegion+name).End
}

// Sends says that a message is about to be sent. The key is a word that no other message of the run has.
func Sends(key, what string) {
	if trace.IsEnabled() {
		trace.Log(context.Background(), waitfor.LogSend, key+" "+what)
	}
}

// Receives says that a message has come.
func Receives(key string) {
	if trace.IsEnabled() {
		trace.Log(context.Background(), waitfor.LogReceive, key)
	}
}
